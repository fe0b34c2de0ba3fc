/**
 * Pipelines that follow a model package group: when a version of the group is approved, they are provisioned with it.
 * Independent of how the event arrived.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-model-package
 */
import { RequestInvalid } from '../../blueprints/faults.ts';
import type { Fault } from '../../blueprints/faults.ts';
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { EventAnswer } from '../model.ts';
import type { Submitted } from './provisioning.ts';

/** A pipeline that follows a group, with its current request. */
export interface Follower {
  pipelineId: string;
  request: PipelineRequest;
}

export interface ModelPackageParts {
  /** @param group ARN of the group's packages up to their version: `arn:…:model-package/<group>/` */
  findFollowers(group: string): Promise<Follower[]>;
  provision(body: unknown, caller: string): Promise<Submitted>;
}

export const MODEL_PACKAGE_EVENT = 'SageMaker Model Package State Change';

const VERSIONED = /^(arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:(\d{12}):model-package\/[^/]+\/)(\d+)$/;
const PACKAGE = /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/\S+$/;

interface PackageChange {
  arn: string;
  /** Empty for a package that is no version of a group. */
  group: string;
  version: number;
  isApproved: boolean;
}

/**
 * Safe to be called again with the same event, which EventBridge may deliver more than once: a pipeline that has the version,
 * or a newer one, is left alone.
 * @throws RequestInvalid for what is not such an event; an error of the service once all followers were tried
 */
export async function onModelPackageEvent(event: unknown, parts: ModelPackageParts): Promise<EventAnswer> {
  const change = readEvent(event);
  const answer: EventAnswer = { message: '', started: [], ignored: [], failed: [] };
  if (!change.isApproved) return { ...answer, message: 'No action is required: the version is not approved.' };
  if (!change.group) return { ...answer, message: 'No action is required: the package is not a version of a group.' };
  let broken: unknown;
  for (const follower of await parts.findFollowers(change.group)) {
    const { pipelineId } = follower;
    const current = versionOf(follower.request);
    if (current >= change.version) {
      answer.ignored.push({ pipelineId, reason: `It is at version ${current} already.` });
      continue;
    }
    try {
      const body = { ...follower.request, model_package_name: change.arn };
      const { outcome, answer: given } = await parts.provision(body, `model-package:${change.arn}`);
      const { executionId } = given;
      if (executionId && outcome !== 'unchanged') answer.started.push({ pipelineId, executionId });
      else answer.ignored.push({ pipelineId, reason: 'It has this version already, or is being provisioned with it.' });
    } catch (error) {
      // Faults of the request or the pipeline are reported; faults of the service are retried.
      const { status = 500, message } = error as { status?: number; message: string };
      if (error instanceof RequestInvalid || status < 500) answer.failed.push({ pipelineId, reason: message });
      else broken ??= error;
    }
  }
  if (broken !== undefined) throw broken;
  return { ...answer, message: `${answer.started.length} pipeline(s) are being provisioned with ${change.arn}.` };
}

/** 0 for a request without a version of a group. */
function versionOf(request: PipelineRequest): number {
  return Number(VERSIONED.exec(String(request.model_package_name))?.[3] ?? 0);
}

function readEvent(event: unknown): PackageChange {
  const given = objectOf(event);
  const detail = objectOf(given.detail);
  const { ModelPackageArn: arn, ModelApprovalStatus: approval, ModelPackageStatus: status } = detail;
  const faults: Fault[] = [
    ...must(given.source === 'aws.sagemaker', '/source', 'must be "aws.sagemaker"', given.source),
    ...must(
      given['detail-type'] === MODEL_PACKAGE_EVENT,
      '/detail-type',
      `must be "${MODEL_PACKAGE_EVENT}": other events are not taken`,
      given['detail-type'],
    ),
    ...must(
      typeof arn === 'string' && PACKAGE.test(arn),
      '/detail/ModelPackageArn',
      'must be the ARN of a model package',
      arn,
    ),
    ...must(typeof approval === 'string', '/detail/ModelApprovalStatus', 'must be a text such as "Approved"', approval),
    ...must(
      status === undefined || typeof status === 'string',
      '/detail/ModelPackageStatus',
      'must be a text such as "Completed"',
      status,
    ),
  ];
  const accountOf = String(arn).split(':')[4];
  if (faults.length === 0 && given.account !== undefined && given.account !== accountOf) {
    faults.push(...must(false, '/account', `must be ${accountOf}, the account of the model package`, given.account));
  }
  if (faults.length > 0) throw new RequestInvalid('Bad request. The body is not a supported event.', faults);
  const [, group = '', , version = '0'] = VERSIONED.exec(String(arn)) ?? [];
  const isApproved = approval === 'Approved' && (status === undefined || status === 'Completed');
  return { arn: String(arn), group, version: Number(version), isApproved };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function must(holds: boolean, pointer: string, message: string, value: unknown): Fault[] {
  if (holds) return [];
  const shown = typeof value === 'string' ? { value: value.slice(0, 200) } : {};
  return [{ pointer, message, rule: value === undefined ? 'required' : 'allowed', ...shown }];
}
