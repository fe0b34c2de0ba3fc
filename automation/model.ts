/**
 * What the service keeps and answers with: pipelines, executions, stages, changes. The shapes are those of the HTTP answers;
 * api/guide-answers.ts gives the guide's answers the guide's key names. Types only; every folder here may import them.
 */
import type { EnvironmentName } from './config/environments.ts';

/** `run` runs the job of an unchanged request again, `rollback` deploys an older revision, `reconcile` undoes drift. */
export type ExecutionKind = 'provision' | 'run' | 'rollback' | 'reconcile' | 'destroy';

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
  /** Of `PREFLIGHT_FAILED`: everything that the environment lacks. Of `POLICY_VIOLATED`: every violation, advisory ones too. */
  findings?: PreflightFinding[];
}

export type ChangeOperation = 'create' | 'update' | 'replace' | 'delete' | 'same' | 'read' | 'refresh' | 'import';

/** One resource in a preview or a deployment. */
export interface ResourceChange {
  operation: ChangeOperation;
  urn: string;
  type: string;
  name: string;
  /** Of what is created: what it is created with, such as instance types, policies and images; secrets are masked. */
  inputs?: Record<string, unknown>;
  /** Changed properties, for update and replace. */
  properties?: string[];
  /** Properties whose change forces replacement. */
  replaceProperties?: string[];
  /** What changes in each changed property; secrets are masked. */
  differences?: PropertyDifference[];
  /** What is lost by this change, for replace and delete. */
  warning?: string;
}

/** One changed property of a resource; a side is absent where the property is not there. */
export interface PropertyDifference {
  /** Path in the resource's inputs, such as `primaryContainer.image`. */
  property: string;
  before?: unknown;
  /** What only the deployment will show is the text `(known after deployment)`. */
  after?: unknown;
}

/** A missing prerequisite of a deployment, or a policy violation. */
export interface PreflightFinding {
  /** Kind of check: `role`, `organizational-unit`, `bucket`, `object`, `image`, `model-package`, `kms-key`, `alarm`, `instance-quota`, `deployed`, `policy`. */
  check: string;
  /** The checked object, such as `s3://bucket/key` or a role ARN. */
  subject: string;
  /** What is wrong with it and what to do. */
  message: string;
  /** Of `policy`: what is violated. */
  policy?: {
    pack: string;
    /** Absent where the pack has none. */
    packVersion?: string;
    name: string;
    /** `warning`: advisory; `mandatory`: the deployment is stopped. */
    enforcementLevel: 'warning' | 'mandatory';
  };
}

/** What is done in a stage. `source` is done by the time the execution exists. */
export type StageKind = 'source' | 'approve' | 'deploy' | 'destroy';

export interface ExecutionStage {
  /** As people and CodePipeline's consoles know it: `Source`, `ApproveProd`, `DeployProd`. */
  name: string;
  kind: StageKind;
  environment?: EnvironmentName;
  status: StageStatus;
  /** What is deployed, where that is not the revision of the execution: reconciling leaves each environment its own. */
  revision?: number;
  started?: string;
  ended?: string;
  /** `<project>/<stack>` in Pulumi's terms. */
  stack?: string;
  /** What ran it: the Pulumi CLI of a version, or the sandbox's simulation of one. */
  engine?: { kind: 'cli' | 'sandbox'; version?: string };
  /** Web page of the stack, if the backend has one. */
  stackUrl?: string;
  /** Deployed and verified; no alarm may go into ALARM until then for the stage to succeed. */
  soakUntil?: string;
  outputs?: Record<string, unknown>;
  /** Resource counts by operation, such as `{create: 9}`. */
  changes?: Record<string, number>;
  error?: StageError;
}

/** What is asked for, and how it differs from what the environment has. */
export interface RequestedChange {
  revision: number;
  /** The request as it applies to the environment; absent where the environment is to be destroyed. */
  request?: Record<string, unknown>;
  /** The revision that the environment has; absent where nothing is deployed there. */
  deployedRevision?: number;
  /** By key of the request; empty where the same is deployed. */
  differences: PropertyDifference[];
}

/** A change that waits for people: what would be done to an environment, and what an approval has to name. */
export interface PendingApproval {
  environment: EnvironmentName;
  /** Stands for revision, blueprint version, environment and every change: an approval is for this and nothing else. */
  changeHash: string;
  /** Resource counts by operation. */
  summary: Record<string, number>;
  changes: ResourceChange[];
  /** The request behind the change. */
  requested?: RequestedChange;
  /** What the environment lacks: the deployment would fail on it. */
  findings?: PreflightFinding[];
  requestedAt: string;
  expiresAt: string;
  /** How many people have to approve. */
  minimumApprovers: number;
  /** Who has approved so far. */
  approvedBy: string[];
}

export type Decision = 'Approved' | 'Rejected';

/** What somebody decided, kept with the execution. */
export interface ApprovalDecision {
  environment: EnvironmentName;
  decision: Decision;
  changeHash: string;
  by: string;
  at: string;
  comment?: string;
}

/** Where a request came from that was pushed to a repository: who pushed it counts as who asked for it. */
export interface RequestOrigin {
  /** Such as `github:owner/repo`, or the bucket. */
  repository: string;
  branch?: string;
  /** The commit, or the version of the object. */
  commit: string;
  /** Names, logins and e-mail addresses, as the source gave them. */
  pushedBy?: string[];
  author?: string[];
}

export interface Execution {
  executionId: string;
  pipelineId: string;
  pipelineType: string;
  kind: ExecutionKind;
  revision: number;
  status: ExecutionStatus;
  requestedBy: string;
  /** Of what was pushed to a repository. */
  origin?: RequestOrigin;
  created: string;
  updated: string;
  stages: ExecutionStage[];
  /** Version of the blueprint that deployed, from the first deployment on. */
  blueprintVersion?: string;
  /** Present while the status is `AwaitingApproval`. */
  approval?: PendingApproval;
  /** Every decision so far, oldest first. */
  decisions?: ApprovalDecision[];
  /** Who asked for it to be cancelled. */
  cancelledBy?: string;
  /** Executions that have to end first, such as those that remove the monitors of an endpoint. */
  waitsFor?: string[];
}

/** One execution as it is asked for by its id. */
export interface ExecutionDetail extends Execution {
  /** The validated request of its revision. */
  request: Record<string, unknown>;
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
  /** Who protected it, where somebody did: it is not destroyed, and its endpoint neither replaced nor removed. */
  protectedBy?: string;
}

export interface Pipeline extends PipelineSummary {
  /** The validated request of the latest revision. */
  request: Record<string, unknown>;
  stages: ExecutionStage[];
}

/** What was started for a pipeline. */
export interface ExecutionAnswer {
  message: string;
  pipelineId: string;
  /** Absent where nothing is to be done. */
  executionId?: string;
  warnings?: string[];
}

export interface ValidationAnswer {
  message: string;
  pipelineId: string;
  pipelineType: string;
  /** The request as it would be stored, including defaults. */
  request: Record<string, unknown>;
  warnings?: string[];
}

/** What would change, environment by environment. Nothing was changed. */
export interface PreviewAnswer {
  message: string;
  pipelineId: string;
  warnings?: string[];
  environments: {
    environment: EnvironmentName;
    stack: string;
    summary: Record<string, number>;
    changes: ResourceChange[];
    /** What the environment lacks, looked for before the first deployment there, and violated policies. */
    findings?: PreflightFinding[];
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
  pipelineId: string;
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

/** What was changed behind Pulumi's back, on one resource. */
export interface DriftFinding {
  urn: string;
  type: string;
  name: string;
  /** `missing`: Pulumi has it in its state, and it is not there. */
  kind: 'changed' | 'missing';
  /** `before` is what was deployed, `after` what was found; secrets are masked. Empty for what is missing. */
  differences: PropertyDifference[];
}

export type DriftCheckStatus = 'Queued' | 'InProgress' | 'InSync' | 'Drifted' | 'Failed';

/** One check of whether an environment still matches what was deployed. It does not change anything. */
export interface DriftCheck {
  checkId: string;
  pipelineId: string;
  environment: EnvironmentName;
  /** `<project>/<stack>` in Pulumi's terms. */
  stack: string;
  status: DriftCheckStatus;
  /** `schedule` for those of `DRIFT_SCHEDULE`. */
  requestedBy: string;
  created: string;
  started?: string;
  ended?: string;
  findings: DriftFinding[];
  /** Why the check failed. */
  error?: StageError;
  /** Something was deployed to the environment (or removed from it) since: only a new check can tell how it is now. */
  outdated: boolean;
}

export interface DriftCheckAnswer {
  message: string;
  pipelineId: string;
  checks: { checkId: string; environment: EnvironmentName }[];
}

/** What became of an event. */
export interface EventAnswer {
  message: string;
  started: { pipelineId: string; executionId: string }[];
  /** What was to be done has been done already. */
  ignored: { pipelineId: string; reason: string }[];
  /** What the pipeline or its request is to blame for; anything else is an error. */
  failed: { pipelineId: string; reason: string }[];
}
