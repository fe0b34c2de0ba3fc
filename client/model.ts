/** Names for the shapes of the API's answers, as its OpenAPI document describes them. Types only. */
import type { components, paths } from './schema.d.ts';

/** An answer by its name in the OpenAPI document. */
export type Model<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The query parameters of a list. */
export type QueryOf<
  Path extends '/approvals' | '/audit' | '/deliveries' | '/executions' | '/notifications' | '/pipelines',
> = NonNullable<paths[Path]['get']['parameters']['query']>;

export type PipelineSummary = Model<'PipelineSummary'>;
export type Pipeline = Model<'Pipeline'>;
export type Execution = Model<'Execution'>;
export type ExecutionDetail = Model<'ExecutionDetail'>;
export type Stage = Execution['stages'][number];
export type StageError = NonNullable<Stage['error']>;
export type Approval = NonNullable<Execution['approval']>;
export type ResourceChange = Approval['changes'][number];
export type RevisionSummary = Model<'RevisionSummary'>;
export type PropertyDifference = Model<'RevisionDifference'>['differences'][number];
export type DriftCheck = Model<'DriftCheck'>;
export type Delivery = Model<'Delivery'>;
export type Notification = Model<'Notification'>;
export type AuditEntry = Model<'AuditEntry'>;
export type Environment = NonNullable<Stage['environment']>;
export type ExecutionStatus = Execution['status'];

/** One event of an execution, as its stream sends it: a stream has no schema in OpenAPI. */
export interface ExecutionEvent {
  sequence: number;
  at: string;
  type: string;
  stage?: string;
  environment?: Environment;
  data: Record<string, unknown>;
}
