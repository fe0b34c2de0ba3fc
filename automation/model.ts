/**
 * The data model: pipelines, executions, stages, changes. The types are those of the HTTP responses; api/guide-answers.ts gives
 * the responses of the guide's calls the guide's key names. Types only; every folder here may import them.
 */
import type { EnvironmentName } from './config/environments.ts';

/** `run` runs the job of an unchanged request again, `rollback` deploys an older revision, `reconcile` undoes drift. */
export type ExecutionKind = 'provision' | 'run' | 'rollback' | 'reconcile' | 'destroy';

export type ExecutionStatus =
  'Queued' | 'InProgress' | 'AwaitingApproval' | 'Succeeded' | 'Failed' | 'Superseded' | 'Cancelled' | 'Rejected';

export type StageStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped';

/** An error, with the details reported by the engine, if any. */
export interface StageError {
  /** Code of this service, such as `OPERATION_FAILED`, `OPERATION_TIMED_OUT`, `ENDPOINT_NOT_UPDATED`. */
  code: string;
  message: string;
  /** The resource that failed. */
  urn?: string;
  /** Error code of the cloud provider, such as `ValidationException`. */
  providerCode?: string;
  requestId?: string;
  /** How to resolve it, for people. */
  hint?: string;
  /** For `PREFLIGHT_FAILED`: all missing prerequisites. For `POLICY_VIOLATED`: all violations, including advisory ones. */
  findings?: PreflightFinding[];
}

export type ChangeOperation = 'create' | 'update' | 'replace' | 'delete' | 'same' | 'read' | 'refresh' | 'import';

/** One resource in a preview or a deployment. */
export interface ResourceChange {
  operation: ChangeOperation;
  urn: string;
  type: string;
  name: string;
  /** For create: the inputs, such as instance types, policies and images; secrets are masked. */
  inputs?: Record<string, unknown>;
  /** Changed properties, for update and replace. */
  properties?: string[];
  /** Properties whose change forces replacement. */
  replaceProperties?: string[];
  /** Changes of each changed property; secrets are masked. */
  differences?: PropertyDifference[];
  /** What this change loses, for replace and delete. */
  warning?: string;
}

/** One changed property of a resource; a side is absent if the property does not exist there. */
export interface PropertyDifference {
  /** Path in the resource's inputs, such as `primaryContainer.image`. */
  property: string;
  before?: unknown;
  /** `(known after deployment)` if the value is only known then. */
  after?: unknown;
}

/** A missing prerequisite of a deployment, or a policy violation. */
export interface PreflightFinding {
  /** Kind of check: `role`, `organizational-unit`, `bucket`, `object`, `image`, `model-package`, `kms-key`, `alarm`, `endpoint-name`, `model-monitor`, `instance-quota`, `deployed`, `policy`. */
  check: string;
  /** The checked object, such as `s3://bucket/key` or a role ARN. */
  subject: string;
  /** What is wrong with it and how to fix it. */
  message: string;
  /** For `policy`: the violated policy. */
  policy?: {
    pack: string;
    /** Absent if the pack has none. */
    packVersion?: string;
    name: string;
    /** `mandatory`: the deployment is stopped. */
    enforcementLevel: 'advisory' | 'mandatory';
  };
}

/** Type of a stage. `source` has succeeded by the time the execution exists. */
export type StageKind = 'source' | 'approve' | 'deploy' | 'destroy';

export interface ExecutionStage {
  /** Name as in the CodePipeline console: `Source`, `ApproveProd`, `DeployProd`. */
  name: string;
  kind: StageKind;
  environment?: EnvironmentName;
  status: StageStatus;
  /** Deployed revision, if it differs from that of the execution: reconciling keeps the revision of each environment. */
  revision?: number;
  started?: string;
  ended?: string;
  /** Pulumi stack, as `<project>/<stack>`. */
  stack?: string;
  /** The engine that ran it: a version of the Pulumi CLI, or its simulation in the sandbox. */
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

/** The request, and how it differs from the one deployed to the environment. */
export interface RequestedChange {
  revision: number;
  /** The request as it applies to the environment; absent if the environment will be destroyed. */
  request?: Record<string, unknown>;
  /** The currently deployed revision; absent if nothing is deployed. */
  deployedRevision?: number;
  /** By key of the request; empty if the same request is deployed. */
  differences: PropertyDifference[];
}

/** A change that waits for approval, and the hash that a decision must contain. */
export interface PendingApproval {
  environment: EnvironmentName;
  /** Hash of revision, blueprint version, environment and all changes: an approval applies to exactly this. */
  changeHash: string;
  /** Resource counts by operation. */
  summary: Record<string, number>;
  changes: ResourceChange[];
  /** The request behind the change. */
  requested?: RequestedChange;
  /** Path of the pipeline's model card in the API; absent for a pipeline without a model. */
  modelCard?: string;
  /** Missing prerequisites in the environment: the deployment would fail. */
  findings?: PreflightFinding[];
  requestedAt: string;
  expiresAt: string;
  /** How many people must approve. */
  minimumApprovers: number;
  /** Who has approved so far. */
  approvedBy: string[];
}

export type Decision = 'Approved' | 'Rejected';

/** A decision, stored with the execution. */
export interface ApprovalDecision {
  environment: EnvironmentName;
  decision: Decision;
  changeHash: string;
  by: string;
  at: string;
  comment?: string;
}

/** Origin of a pushed request: those who pushed or authored it count as requesters. */
export interface RequestOrigin {
  /** Such as `github:owner/repo`, or the bucket. */
  repository: string;
  branch?: string;
  /** The commit, or the version of the object. */
  commit: string;
  /** Names, logins and e-mail addresses, as reported by the source. */
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
  /** Of a pushed request. */
  origin?: RequestOrigin;
  created: string;
  updated: string;
  stages: ExecutionStage[];
  /** Version of the blueprint that deployed, from the first deployment on. */
  blueprintVersion?: string;
  /** Present while the status is `AwaitingApproval`. */
  approval?: PendingApproval;
  /** All decisions so far, oldest first. */
  decisions?: ApprovalDecision[];
  /** Who cancelled it. */
  cancelledBy?: string;
  /** Executions that must end first, such as those that remove the monitors of an endpoint. */
  waitsFor?: string[];
}

/** One execution, as returned by its id. */
export interface ExecutionDetail extends Execution {
  /** The validated request of its revision. */
  request: Record<string, unknown>;
}

/** An event of an execution; `sequence` is the SSE id. */
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
  /** Who protected it, if it is protected: it cannot be destroyed, and its endpoint cannot be replaced or removed. */
  protectedBy?: string;
  /** Where it is deployed, or was tried to be, in the order of promotion. */
  environments: PipelineEnvironment[];
}

/** What a pipeline has in one environment. */
export interface PipelineEnvironment {
  environment: EnvironmentName;
  /** Deployed revision; absent if nothing is deployed. */
  revision?: number;
  /** When that deployment ended. ISO time. */
  deployed?: string;
  /** The latest deployment or removal there, whether it succeeded or not. */
  lastStage: Extract<StageStatus, 'InProgress' | 'Succeeded' | 'Failed'>;
  /** The latest drift check there. */
  drift?: Pick<DriftCheck, 'status' | 'created' | 'outdated'>;
}

/** As it is stored: what it has in its environments is read from its executions. */
export type StoredPipeline = Omit<Pipeline, 'environments'>;

export interface Pipeline extends PipelineSummary {
  /** The validated request of the latest revision. */
  request: Record<string, unknown>;
  stages: ExecutionStage[];
}

/** What was started for a pipeline. */
export interface ExecutionAnswer {
  message: string;
  pipelineId: string;
  /** Absent if nothing has to be done. */
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

/** What would change in each environment. Nothing was changed. */
export interface PreviewAnswer {
  message: string;
  pipelineId: string;
  warnings?: string[];
  environments: {
    environment: EnvironmentName;
    stack: string;
    summary: Record<string, number>;
    changes: ResourceChange[];
    /** Missing prerequisites, checked before the first deployment to the environment, and violated policies. */
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

/** Response of the guide's POST /pipelinestatus: CodePipeline's GetPipelineState. */
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

/** Changes made outside Pulumi to one resource. */
export interface DriftFinding {
  urn: string;
  type: string;
  name: string;
  /** `missing`: it is in the state of the stack but does not exist. */
  kind: 'changed' | 'missing';
  /** `before` is the deployed value, `after` the actual one; secrets are masked. Empty for missing resources. */
  differences: PropertyDifference[];
}

export type DriftCheckStatus = 'Queued' | 'InProgress' | 'InSync' | 'Drifted' | 'Failed';

/** One check of whether an environment still matches what was deployed. It does not change anything. */
export interface DriftCheck {
  checkId: string;
  pipelineId: string;
  environment: EnvironmentName;
  /** Pulumi stack, as `<project>/<stack>`. */
  stack: string;
  status: DriftCheckStatus;
  /** `schedule` for checks by `DRIFT_SCHEDULE`. */
  requestedBy: string;
  created: string;
  started?: string;
  ended?: string;
  findings: DriftFinding[];
  /** Why the check failed. */
  error?: StageError;
  /** Whether a deployment or removal has happened since; a new check shows the current state. */
  outdated: boolean;
}

export interface DriftCheckAnswer {
  message: string;
  pipelineId: string;
  checks: { checkId: string; environment: EnvironmentName }[];
}

/** Result of an event. */
export interface EventAnswer {
  message: string;
  started: { pipelineId: string; executionId: string }[];
  /** Pipelines that did not have to change. */
  ignored: { pipelineId: string; reason: string }[];
  /** Failures caused by a pipeline or its request; any other failure is an error. */
  failed: { pipelineId: string; reason: string }[];
}
