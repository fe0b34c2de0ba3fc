/** The statuses of executions, grouped: the one definition of "not ended" and "in progress", for code and SQL. */
import type { Execution, ExecutionStatus } from '../model.ts';

/** Accepted and neither waiting for people nor ended. */
const WORKING: readonly ExecutionStatus[] = ['Queued', 'InProgress'];
/** Not ended. */
export const UNDER_WAY: readonly ExecutionStatus[] = [...WORKING, 'AwaitingApproval'];

/** As an SQL list. Literals rather than a parameter, because otherwise the partial indexes are not used. */
export const WORKING_SQL = sqlList(WORKING);

export function hasEnded({ status }: Pick<Execution, 'status'>): boolean {
  return !UNDER_WAY.includes(status);
}

/** An execution in progress without a sign of life for this long is stuck: the longest operation that settings allow is two hours. */
export const STUCK_AFTER_MINUTES = 150;

function sqlList(statuses: readonly string[]): string {
  return `(${statuses.map((status) => `'${status}'`).join(', ')})`;
}
