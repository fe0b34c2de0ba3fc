/**
 * What the service can do, as the HTTP API sees it: every route is one call of this interface.
 * Shapes are those of the HTTP answers (design: "Shapes that all clients rely on").
 */
import type { EnvironmentName } from './environments.ts';

export type ExecutionKind = 'provision' | 'destroy';

export type ExecutionStatus =
  'Queued' | 'InProgress' | 'AwaitingApproval' | 'Succeeded' | 'Failed' | 'Superseded' | 'Cancelled' | 'Rejected';

export type StageStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped';

/** The engine's own error, as far as it said one. */
export interface StageError {
  /** Our code, such as `OPERATION_FAILED`, `OPERATION_TIMED_OUT`, `ENDPOINT_NOT_UPDATED`. */
  code: string;
  message: string;
  /** The resource that failed. */
  urn?: string;
  /** The cloud's error code, such as `ValidationException`. */
  providerCode?: string;
  requestId?: string;
  /** What a person may do about it. */
  hint?: string;
}

export type ChangeOperation = 'create' | 'update' | 'replace' | 'delete' | 'same' | 'read' | 'refresh' | 'import';

/** One resource in a preview or a deployment. */
export interface ResourceChange {
  operation: ChangeOperation;
  urn: string;
  type: string;
  name: string;
  /** Changed properties, for update and replace. */
  properties?: string[];
  /** Properties whose change forces replacement. */
  replaceProperties?: string[];
}

export interface ExecutionStage {
  name: string;
  environment?: EnvironmentName;
  status: StageStatus;
  started?: string;
  ended?: string;
  /** `<project>/<stack>` in Pulumi's terms. */
  stack?: string;
  outputs?: Record<string, unknown>;
  /** Resource counts by operation, such as `{create: 9}`. */
  changes?: Record<string, number>;
  error?: StageError;
}

export interface Execution {
  executionId: string;
  pipelineId: string;
  kind: ExecutionKind;
  revision: number;
  status: ExecutionStatus;
  requestedBy: string;
  created: string;
  updated: string;
  stages: ExecutionStage[];
}

/** Something that happened in an execution; `sequence` is the SSE id. */
export interface ExecutionEvent {
  sequence: number;
  /** ISO time. */
  at: string;
  /** Past tense: `execution.queued`, `stage.started`, `resource.created`, `resource.failed`, `diagnostic`, `execution.succeeded`, … */
  type: string;
  stage?: string;
  environment?: EnvironmentName;
  data: Record<string, unknown>;
}

export interface PipelineSummary {
  pipelineId: string;
  pipelineType: string;
  modelName: string;
  /** Status of the latest execution; `Deleted` after a successful destroy. */
  status: ExecutionStatus | 'Deleted';
  revision: number;
  created: string;
  updated: string;
  latestExecutionId?: string;
}

export interface Pipeline extends PipelineSummary {
  /** The validated request of the latest revision. */
  request: Record<string, unknown>;
  stages: ExecutionStage[];
}

export interface ProvisionAnswer {
  message: string;
  pipeline_id: string;
  /** Absent where nothing is to be done. */
  execution_id?: string;
  warnings?: string[];
}

export interface ValidationAnswer {
  message: string;
  pipeline_id: string;
  pipeline_type: string;
  /** The request as it would be stored: defaults filled in. */
  request: Record<string, unknown>;
  warnings?: string[];
}

/** What would change, environment by environment. Nothing was changed. */
export interface PreviewAnswer {
  message: string;
  pipeline_id: string;
  warnings?: string[];
  environments: {
    environment: EnvironmentName;
    stack: string;
    summary: Record<string, number>;
    changes: ResourceChange[];
  }[];
}

/** One entry of `pulumi stack history`, newest first. */
export interface HistoryEntry {
  environment: EnvironmentName;
  stack: string;
  version: number;
  kind: string;
  startTime: string;
  endTime?: string;
  result: string;
  message: string;
  resourceChanges?: Record<string, number>;
  config: Record<string, { value?: string; secret: boolean }>;
}

export interface PipelineOutputs {
  pipeline_id: string;
  environments: { environment: EnvironmentName; stack: string; outputs: Record<string, unknown> }[];
}

/** The guide's answer to POST /pipelinestatus: CodePipeline's GetPipelineState. */
export interface PipelineState {
  pipelineName: string;
  pipelineVersion: number;
  stageStates: Record<string, unknown>[];
  created: string;
  updated: string;
}

export interface Readiness {
  ready: boolean;
  checks: Record<string, { ok: boolean; detail?: string }>;
}

/** All methods may throw `RequestInvalid` (bad body) or `OrchestratorError`. */
export interface Orchestrator {
  provision(body: unknown, caller: string): Promise<ProvisionAnswer>;
  validate(body: unknown): Promise<ValidationAnswer>;
  /** Previews a body (as for provisioning). */
  preview(body: unknown): Promise<PreviewAnswer>;
  /** Previews a stored pipeline, with the keys of `body` laid over its latest request. */
  previewPipeline(pipelineId: string, body: unknown): Promise<PreviewAnswer>;
  /** Body of POST /pipelinestatus. */
  status(body: unknown): Promise<PipelineState>;
  listPipelines(): Promise<PipelineSummary[]>;
  getPipeline(pipelineId: string): Promise<Pipeline>;
  listExecutions(pipelineId: string): Promise<Execution[]>;
  getExecution(executionId: string): Promise<Execution>;
  history(pipelineId: string): Promise<HistoryEntry[]>;
  outputs(pipelineId: string): Promise<PipelineOutputs>;
  destroy(pipelineId: string, caller: string): Promise<ProvisionAnswer>;
  /**
   * Events after `afterSequence` (0 = from the start), then live ones; the iteration ends when the execution has ended
   * and everything was given, or when `signal` is aborted.
   */
  events(executionId: string, afterSequence: number, signal: AbortSignal): AsyncIterable<ExecutionEvent>;
  readiness(): Promise<Readiness>;
}
