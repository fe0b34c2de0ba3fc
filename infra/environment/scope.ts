/** The scope of an account's policies: one account and region, and the names that pipelines use in it. */
import type { Place } from '../../blueprints/shared/aws/place.ts';

/**
 * Which pipelines an account has, as in blueprints: `environments` are promoted (real-time, batch, monitors),
 * `orchestrator` are always in the orchestrator's own account (training, tuning, Autopilot, image builder).
 */
export type Placement = 'environments' | 'orchestrator';

export interface Scope {
  place: Place;
  /** Prefix of all pipeline ids, and so of the names of everything that blueprints create. */
  prefix: string;
  placements: readonly Placement[];
  deploymentRoleArn: string;
  boundaryArn: string;
  /** Bucket of the guide's "assets" keys, in any account. */
  assetsBucket: string;
  /** ARNs or patterns of the buckets that requests may name, without their objects. */
  dataBucketArns: readonly string[];
  /** ARNs or patterns of the keys that requests may name. */
  dataKeyArns: readonly string[];
  /** ARNs or patterns that neither a pipeline's role nor the deployment role may access, whatever a request names. */
  offLimits: readonly string[];
}

/** Tag on everything that a stack creates, set by its provider or explicitly. */
const PIPELINE_TAG = 'mlops:pipeline-id';

/** An ARN of the account, or of another one: empty for services without accounts in theirs, a pattern for any. */
export function arn({ place }: Scope, service: string, resource: string, account = place.accountId): string {
  return `arn:${place.partition}:${service}:${place.region}:${account}:${resource}`;
}

/** ARNs of IAM and S3 have no region. */
export function globalArn({ place }: Scope, service: string, resource: string, account = ''): string {
  return `arn:${place.partition}:${service}::${account}:${resource}`;
}

/** Roles of pipelines. */
export function pipelineRoles(scope: Scope): string {
  return globalArn(scope, 'iam', `role/${scope.prefix}-*`, scope.place.accountId);
}

type Condition = Record<string, Record<string, string>>;

/** For creating resources with names chosen by the caller: they must be created with the tag of a pipeline. */
export function madeForPipeline({ prefix }: Scope): Condition {
  return { StringLike: { [`aws:RequestTag/${PIPELINE_TAG}`]: `${prefix}-*` } };
}

/** For existing resources with names chosen by the caller: they have the tag of a pipeline. */
export function ofPipeline({ prefix }: Scope): Condition {
  return { StringLike: { [`aws:ResourceTag/${PIPELINE_TAG}`]: `${prefix}-*` } };
}
