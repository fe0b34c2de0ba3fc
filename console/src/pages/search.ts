/** What the addresses of pages say after the `?`: everything else there is ignored. */
import type { Environment, Execution, ExecutionStatus } from '../api/model.ts';
import { ENVIRONMENTS } from '../api/model.ts';
import type { ExecutionFilter, PipelineFilter } from '../api/queries.ts';

export type Raw = Record<string, unknown>;

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;

/** Every value of a union of the API, in order: one that the API adds or drops does not compile here. */
export function allOf<T extends string>(values: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(values) as T[];
}

export function oneOf<const T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((each) => each === value);
}

export const STATUSES = allOf<ExecutionStatus>({
  Queued: true,
  InProgress: true,
  AwaitingApproval: true,
  Succeeded: true,
  Failed: true,
  Superseded: true,
  Cancelled: true,
  Rejected: true,
});
export const KINDS = allOf<Execution['kind']>({
  provision: true,
  run: true,
  rollback: true,
  reconcile: true,
  destroy: true,
});
export const PIPELINE_TABS = ['overview', 'revisions', 'executions', 'jobs', 'drift', 'request'] as const;
export const EXECUTION_TABS = ['resources', 'graph', 'events', 'request'] as const;

export type PipelineTab = (typeof PIPELINE_TABS)[number];
export type ExecutionTab = (typeof EXECUTION_TABS)[number];

export function pipelinesSearch(raw: Raw): PipelineFilter {
  return {
    search: text(raw.search),
    pipelineType: text(raw.pipelineType),
    status: oneOf([...STATUSES, 'Deleted'], raw.status),
    deleted: raw.deleted === true ? true : undefined,
  };
}

export function pipelineSearch(raw: Raw): { tab?: PipelineTab | undefined } {
  return { tab: oneOf(PIPELINE_TABS, raw.tab) };
}

export function executionsSearch(raw: Raw): ExecutionFilter {
  return { status: oneOf(STATUSES, raw.status), kind: oneOf(KINDS, raw.kind) };
}

export function executionSearch(raw: Raw): { tab?: ExecutionTab | undefined } {
  return { tab: oneOf(EXECUTION_TABS, raw.tab) };
}

export function approvalsSearch(raw: Raw): { environment?: Environment | undefined } {
  return { environment: oneOf(ENVIRONMENTS, raw.environment) };
}

/** `type`: the chosen pipeline type; `from`: the pipeline whose request is the beginning. */
export function newSearch(raw: Raw): { type?: string | undefined; from?: string | undefined } {
  return { type: text(raw.type), from: text(raw.from) };
}
