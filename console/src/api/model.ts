/** Names for the shapes of the API's answers. */
import type { components } from './schema.d.ts';

/** An answer by its name in the OpenAPI document. */
export type Model<Name extends keyof components['schemas']> = components['schemas'][Name];

export type PipelineSummary = Model<'PipelineSummary'>;
export type Pipeline = Model<'Pipeline'>;
export type Execution = Model<'Execution'>;
export type ExecutionDetail = Model<'ExecutionDetail'>;
export type Stage = Execution['stages'][number];
export type StageError = NonNullable<Stage['error']>;
export type Approval = NonNullable<Execution['approval']>;
export type RevisionSummary = Model<'RevisionSummary'>;
export type PropertyDifference = Model<'RevisionDifference'>['differences'][number];
export type DriftCheck = Model<'DriftCheck'>;
export type Environment = NonNullable<Stage['environment']>;
export type ExecutionStatus = Execution['status'];

/** In the order of promotion. */
export const ENVIRONMENTS: readonly Environment[] = ['main', 'dev', 'staging', 'prod'];

const UNFINISHED: readonly ExecutionStatus[] = ['Queued', 'InProgress', 'AwaitingApproval'];

/** Whether an execution with this status goes on by itself, or after a decision. */
export function isUnfinished(status: ExecutionStatus | 'Deleted'): boolean {
  return UNFINISHED.includes(status as ExecutionStatus);
}
