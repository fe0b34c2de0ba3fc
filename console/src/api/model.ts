/** The shapes of the API's answers, and what pages know of them. */
import type { Environment, ExecutionStatus } from '../../../client/model.ts';

export type * from '../../../client/model.ts';

/** In the order of promotion. */
export const ENVIRONMENTS: readonly Environment[] = ['main', 'dev', 'staging', 'prod'];

const UNFINISHED: readonly ExecutionStatus[] = ['Queued', 'InProgress', 'AwaitingApproval'];

/** Whether an execution with this status goes on by itself, or after a decision. */
export function isUnfinished(status: ExecutionStatus | 'Deleted'): boolean {
  return UNFINISHED.includes(status as ExecutionStatus);
}
