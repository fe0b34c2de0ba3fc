/** SageMaker jobs in the sandbox account: created, described, and completed after a while. */
import type { Properties } from '../../provider.ts';
import { requireValidRequest } from '../api-rules.ts';
import { refuse } from '../aws-errors.ts';
import type { Faults } from '../faults.ts';
import { actOut } from '../faults.ts';
import { announceJob } from '../job-signal.ts';
import { record } from '../journal.ts';
import type { Scope } from '../partitions.ts';
import { arn } from '../partitions.ts';
import { deniedAccess, deniedMessage } from '../permissions.ts';
import { at, object, objects, text } from '../properties.ts';
import { requireRole } from '../references.ts';
import { requireConsistentRequest } from '../request-rules.ts';
import type { Store, StoredResource } from '../store.ts';
import { placeOf } from '../store.ts';
import { accessOfJob, roleOfJob } from './job-access.ts';
import type { JobKind } from './job-kinds.ts';
import { listedByManifests } from './manifests.ts';

/** The account that calls are made to. */
export interface Account {
  store: Store;
  scope: Scope;
  faults: Faults;
  /** Factor on the time that jobs take. */
  speed: number;
  signal: AbortSignal;
  /** Role of the function that calls; default: everything is allowed. */
  callerRoleArn?: string;
}

/** @throws AwsRefusal in SageMaker's words */
export async function createJob(kind: JobKind, request: Properties, account: Account): Promise<Properties> {
  const { store, scope, faults, speed, signal } = account;
  const name = text(request, kind.name);
  const jobArn = arn(scope, 'sagemaker', `${kind.arnKind}/${name.toLowerCase()}`);
  const fault = await faults.take('create', kind.token, jobArn);
  if (fault?.when === 'before') await actOut(fault, signal);
  const model = await requireValid(kind, request, account);
  const unreadable = await failureOf(kind, request, model, account);
  const failure = fault?.action === 'partial' ? `${fault.code}: ${fault.message}` : unreadable;
  const now = Date.now();
  const job: StoredResource = {
    ...placeOf(kind, scope),
    type: kind.token,
    key: name,
    id: name,
    urn: jobArn,
    inputs: request,
    outputs: {
      arn: jobArn,
      endsAt: now + kind.seconds * 1_000 * speed,
      outcome: failure === undefined ? 'Completed' : 'Failed',
    },
    createdAt: new Date(now).toISOString(),
    ...(failure === undefined ? {} : { failureReason: failure }),
  };
  if (!(await store.create(job))) {
    refuse(
      'ResourceInUse',
      `${kind.title} names must be unique within an AWS account and region, and a ${kind.title.toLowerCase()} with this name already exists (${jobArn})`,
    );
  }
  await announceJob(store.directory);
  await record(store.directory, 'create', job);
  if (fault?.when === 'after') await actOut(fault, signal);
  return { [kind.arn]: jobArn };
}

/** @returns the model of the job, if it has one */
async function requireValid(kind: JobKind, request: Properties, account: Account): Promise<StoredResource | undefined> {
  requireValidRequest(`Create${kind.operation}`, request);
  requireConsistentRequest(`Create${kind.operation}`, request, account.scope.region);
  if (kind.role) {
    const role = at(request, kind.role);
    await requireRole(
      { ...account, inputs: request },
      typeof role === 'string' ? role : '',
      'sagemaker.amazonaws.com',
      {
        code: 'ValidationException',
        message: `Could not assume role ${String(role)}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
      },
    );
  }
  const modelName = text(request, 'ModelName');
  const model = await account.store.read(placeOf({ token: MODEL }, account.scope), modelName);
  if (modelName !== '' && !model) refuse('ValidationException', `Could not find model "${modelName}".`);
  return model;
}

/** A job starts with whatever role it is given, and fails where that may not touch what the request, or a manifest, names. */
async function failureOf(
  { role }: JobKind,
  request: Properties,
  model: StoredResource | undefined,
  account: Account,
): Promise<string | undefined> {
  const roleArn = roleOfJob(request, role, model?.inputs ?? {});
  const listed = await listedByManifests(request, account.store.directory, account.scope);
  const access = [...accessOfJob(request, account.scope), ...listed.access];
  const denied = await deniedAccess(roleArn, access, account);
  return denied ? `AccessDenied: ${deniedMessage(roleArn, denied, account.scope)}` : listed.failure;
}

const MODEL = 'aws:sagemaker/model:Model';

/** @throws AwsRefusal for a job that there is not */
export async function describeJob(kind: JobKind, request: Properties, account: Account): Promise<Properties> {
  const name = text(request, kind.name);
  const job = await account.store.read(placeOf(kind, account.scope), name);
  if (!job) return refuse('ResourceNotFound', `Requested resource not found: ${kind.title.toLowerCase()} ${name}.`);
  const { Tags: _tags, ...given } = job.inputs;
  const created = Date.parse(job.createdAt) / 1_000;
  return {
    ...given,
    [kind.arn]: text(job.outputs, 'arn'),
    [kind.status]: statusOfJob(job),
    CreationTime: created,
    LastModifiedTime: created,
    ...(job.failureReason && statusOfJob(job) === 'Failed' ? { FailureReason: job.failureReason } : {}),
  };
}

/** A job's status is a function of time, so all readers agree. */
export function statusOfJob(job: StoredResource): string {
  return Date.now() < Number(job.outputs['endsAt']) ? 'InProgress' : text(job.outputs, 'outcome');
}

/** Where a training job puts its model. @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-train-storage.html */
export function trainedArtifact(job: StoredResource): string {
  const path = text(object(job.inputs, 'OutputDataConfig'), 'S3OutputPath').replace(/\/$/, '');
  return `${path}/${job.id}/output/model.tar.gz`;
}

/** The tags of a job by its ARN; none for what is no job. */
export async function tagsOf(
  kinds: readonly JobKind[],
  jobArn: string,
  { store, scope }: Account,
): Promise<Properties[]> {
  const kind = kinds.find(({ arnKind }) => jobArn.includes(`:${arnKind}/`));
  const jobs = kind ? await store.list(placeOf(kind, scope)) : [];
  const job = jobs.find(({ outputs }) => text(outputs, 'arn') === jobArn);
  return job ? objects(job.inputs, 'Tags') : [];
}
