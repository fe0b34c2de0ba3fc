/**
 * The jobs of a pipeline in a sandbox account, as SageMaker's List and Describe calls would show them. Schedules do not run
 * anything here: their runs follow from the time, and whether one finds violations from its name.
 */
import { createHash } from 'node:crypto';
import type { Job, JobPage, JobQuery } from '../../automation/aws/job-calls.ts';
import { PIPELINE_TAG } from '../../automation/aws/job-calls.ts';
import type { JobKind as PipelineJobKind } from '../../blueprints/blueprint.ts';
import type { Properties } from '../provider.ts';
import type { JobKind } from './local-endpoint/job-kinds.ts';
import { JOB_KINDS } from './local-endpoint/job-kinds.ts';
import { statusOfJob, trainedArtifact } from './local-endpoint/jobs.ts';
import type { Scope } from './partitions.ts';
import { arn } from './partitions.ts';
import { at, object, objects, text } from './properties.ts';
import { SCHEDULE } from './services/sagemaker.ts';
import type { Store, StoredResource } from './store.ts';
import { placeOf } from './store.ts';

/** The type of each kind in the store, and in SANDBOX_FAULTS. */
export const JOB_TOKENS: Readonly<Record<PipelineJobKind, string>> = {
  training: 'aws:sagemaker/job:TrainingJob',
  tuning: 'aws:sagemaker/job:HyperParameterTuningJob',
  autopilot: 'aws:sagemaker/job:AutoMLJob',
  transform: 'aws:sagemaker/job:TransformJob',
  baseline: 'aws:sagemaker/job:ProcessingJob',
  monitoring: SCHEDULE,
};

export async function jobsIn(store: Store, scope: Scope, query: JobQuery, speed: number): Promise<JobPage> {
  const { kind, limit, before } = query;
  const all = kind === 'monitoring' ? await runsOf(store, scope, query, speed) : await jobsOf(store, scope, query);
  const found = all
    .filter(({ created }) => before === undefined || created < before)
    .toSorted((a, b) => b.created.localeCompare(a.created));
  const jobs = found.slice(0, limit);
  const next = found.length > limit ? jobs.at(-1)?.created : undefined;
  return { jobs, ...(next === undefined ? {} : { next }) };
}

async function jobsOf(store: Store, scope: Scope, { kind, names, pipelineId }: JobQuery): Promise<Job[]> {
  const jobKind = JOB_KINDS.find(({ token }) => token === JOB_TOKENS[kind]);
  if (!jobKind) return [];
  const found = await store.list(placeOf(jobKind, scope));
  return found
    .filter(({ id }) => names.some((one) => (one.endsWith('*') ? id.startsWith(one.slice(0, -1)) : id === one)))
    .filter(({ inputs }) =>
      objects(inputs, 'Tags').some((tag) => tag['Key'] === PIPELINE_TAG && tag['Value'] === pipelineId),
    )
    .map((job) => shown(kind, jobKind, job));
}

function shown(kind: PipelineJobKind, { operation }: JobKind, job: StoredResource): Job {
  const status = statusOfJob(job);
  const isCompleted = status === 'Completed';
  return {
    kind,
    name: job.id,
    arn: text(job.outputs, 'arn'),
    status,
    created: job.createdAt,
    ...(status === 'InProgress' ? {} : { ended: new Date(Number(job.outputs['endsAt'])).toISOString() }),
    ...(status === 'Failed' && job.failureReason ? { failureReason: job.failureReason } : {}),
    // No model is trained here, so there is nothing to measure.
    metrics: [],
    ...(isCompleted && operation === 'TrainingJob' ? { artifact: trainedArtifact(job) } : {}),
    ...outputOf(operation, job.inputs),
  };
}

function outputOf(operation: string, inputs: Properties): { output?: string } {
  if (operation === 'TransformJob') return { output: text(object(inputs, 'TransformOutput'), 'S3OutputPath') };
  if (operation !== 'ProcessingJob') return {};
  const [first = {}] = objects(object(inputs, 'ProcessingOutputConfig'), 'Outputs');
  return { output: text(object(first, 'S3Output'), 'S3Uri') };
}

/** An hour of a schedule takes this long in the sandbox, at speed 1. */
const HOUR_SECONDS = 60;
/** A schedule runs this often here: a day. */
const RUNS = 24;

async function runsOf(store: Store, scope: Scope, { names }: JobQuery, speed: number): Promise<Job[]> {
  const schedule = await store.read(placeOf({ token: SCHEDULE }, scope), names[0] ?? '');
  if (!schedule) return [];
  const output = await monitoringOutput(store, scope, schedule);
  const hour = Math.max(1, HOUR_SECONDS * 1_000 * speed);
  const made = Date.parse(schedule.createdAt);
  const count = Math.min(RUNS, Math.floor((Date.now() - made) / hour));
  return Array.from({ length: count }, (_, index) =>
    run(scope, schedule.id, new Date(made + (index + 1) * hour), output),
  );
}

function run(scope: Scope, schedule: string, due: Date, output: string): Job {
  const created = due.toISOString();
  const digest = createHash('sha256').update(`${schedule} ${created}`).digest();
  const name = `model-monitoring-${created.replace(/\D/g, '').slice(0, 14)}-${digest.toString('hex').slice(0, 12)}`;
  const folder = `${output}/${schedule}/${created.slice(0, 13).replace(/[-T]/g, '/')}`;
  const isViolated = (digest[0] ?? 0) % 4 === 0;
  return {
    kind: 'monitoring',
    name,
    arn: arn(scope, 'sagemaker', `processing-job/${name}`),
    status: isViolated ? 'CompletedWithViolations' : 'Completed',
    created,
    scheduled: created,
    ended: created,
    metrics: [],
    output: folder,
    ...(isViolated ? { violations: violationsIn(folder) } : {}),
  };
}

function violationsIn(folder: string): NonNullable<Job['violations']> {
  return {
    count: 1,
    report: `${folder}/constraint_violations.json`,
    entries: [
      {
        feature: 'age',
        check: 'data_type_check',
        description: 'Data type match requirement is not met. Expected data type: Integral. Simulated.',
      },
    ],
  };
}

/** Where the runs of a schedule write: the output of its job definition, below the endpoint. */
async function monitoringOutput(store: Store, scope: Scope, { inputs }: StoredResource): Promise<string> {
  const name = text(object(inputs, 'monitoringScheduleConfig'), 'monitoringJobDefinitionName');
  const ofProvider = await store.read(placeOf({ token: DATA_QUALITY }, scope), name);
  if (ofProvider) {
    const uri = at(ofProvider.inputs, 'dataQualityJobOutputConfig.monitoringOutputs.s3Output.s3Uri');
    const endpoint = at(ofProvider.inputs, 'dataQualityJobInput.endpointInput.endpointName');
    return `${String(uri)}/${String(endpoint)}`;
  }
  const others = await store.list(placeOf({ token: 'aws:cloudcontrol/resource:Resource' }, scope));
  const states = others.map((one) => JSON.parse(text(one.inputs, 'desiredState') || '{}') as Properties);
  const state = states.find(({ JobDefinitionName }) => JobDefinitionName === name) ?? {};
  const config = object(state, Object.keys(state).find((key) => key.endsWith('JobOutputConfig')) ?? '');
  const input = object(state, Object.keys(state).find((key) => key.endsWith('JobInput')) ?? '');
  const [first = {}] = objects(config, 'MonitoringOutputs');
  return `${text(object(first, 'S3Output'), 'S3Uri')}/${text(object(input, 'EndpointInput'), 'EndpointName')}`;
}

const DATA_QUALITY = 'aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition';
