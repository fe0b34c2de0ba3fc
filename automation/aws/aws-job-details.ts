/** One job as SageMaker describes it: when it ended, why it failed, what it measured and where its results are. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import {
  DescribeAutoMLJobV2Command,
  DescribeHyperParameterTuningJobCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { DescribeTrainingJobResponse, SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { JobKind } from '../../blueprints/blueprint.ts';
import { isDenied, orAbsent } from './aws-errors.ts';
import type { ListedJob } from './aws-job-list.ts';
import type { Job, Violations } from './job-calls.ts';
import { s3Object } from './s3-object.ts';
import { countViolations, readViolations } from './violations.ts';

interface Calls {
  readonly sagemaker: SageMakerClient;
  readonly s3: S3Client;
  readonly signal: AbortSignal;
}

/** What a description adds to an entry of a list; what is undefined is left out. */
type Details = { [Key in keyof Job]?: Job[Key] | undefined };

/** A job that is deleted or denied between the two calls is shown as it was listed. */
export async function describeJob(calls: Calls, kind: JobKind, listed: ListedJob): Promise<Job> {
  const { name, arn, status, created, ended, scheduled, failureReason } = listed;
  const details = await DESCRIBES[kind](calls, listed);
  const all: Details = {
    arn: arn === '' ? undefined : arn,
    ended: ended?.toISOString(),
    scheduled: scheduled?.toISOString(),
    failureReason,
    ...given(details),
  };
  return { kind, name, status, created: created.toISOString(), metrics: [], ...given(all) } as Job;
}

type Describe = (calls: Calls, listed: ListedJob) => Promise<Details>;

const DESCRIBES: Readonly<Record<JobKind, Describe>> = {
  async training(calls, { name }) {
    const job = await trainingJob(calls, name);
    return { ended: job?.TrainingEndTime?.toISOString(), failureReason: job?.FailureReason, ...resultsOf(job) };
  },

  async tuning(calls, { name }) {
    const { sagemaker, signal: abortSignal } = calls;
    const asked = new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name });
    const job = await orAbsent(sagemaker.send(asked, { abortSignal }));
    const best = job?.BestTrainingJob;
    const objective = best?.FinalHyperParameterTuningJobObjectiveMetric;
    const results = resultsOf(best?.TrainingJobName ? await trainingJob(calls, best.TrainingJobName) : undefined);
    return {
      ended: job?.HyperParameterTuningEndTime?.toISOString(),
      failureReason: job?.FailureReason,
      best: best?.TrainingJobName,
      trainingJobs: job?.TrainingJobStatusCounters && ({ ...job.TrainingJobStatusCounters } as Record<string, number>),
      artifact: results.artifact,
      metrics: results.metrics?.length ? results.metrics : metric(objective?.MetricName, objective?.Value),
    };
  },

  async autopilot({ sagemaker, signal: abortSignal }, { name }) {
    const asked = new DescribeAutoMLJobV2Command({ AutoMLJobName: name });
    const job = await orAbsent(sagemaker.send(asked, { abortSignal }));
    const best = job?.BestCandidate;
    const objective = best?.FinalAutoMLJobObjectiveMetric;
    const [container] = best?.InferenceContainers ?? [];
    return {
      ended: job?.EndTime?.toISOString(),
      failureReason: job?.FailureReason ?? job?.PartialFailureReasons?.[0]?.PartialFailureMessage,
      best: best?.CandidateName,
      artifact: container?.ModelDataUrl,
      metrics: metric(objective?.StandardMetricName ?? objective?.MetricName, objective?.Value),
    };
  },

  async transform({ sagemaker, signal: abortSignal }, { name }) {
    const asked = new DescribeTransformJobCommand({ TransformJobName: name });
    const job = await orAbsent(sagemaker.send(asked, { abortSignal }));
    return {
      ended: job?.TransformEndTime?.toISOString(),
      failureReason: job?.FailureReason,
      output: job?.TransformOutput?.S3OutputPath,
    };
  },

  async baseline(calls, { name }) {
    const job = await processingJob(calls, name);
    return {
      ended: job?.ProcessingEndTime?.toISOString(),
      failureReason: job?.FailureReason ?? (job?.ProcessingJobStatus === 'Failed' ? job.ExitMessage : undefined),
      output: outputOf(job),
    };
  },

  async monitoring(calls, { name, arn, status, failureReason }) {
    const job = arn === '' ? undefined : await processingJob(calls, name);
    const output = outputOf(job);
    return {
      failureReason: failureReason ?? job?.FailureReason,
      output,
      violations:
        status === 'CompletedWithViolations' ? await violationsOf(calls, output, job?.ExitMessage) : undefined,
    };
  },
};

async function trainingJob({ sagemaker, signal: abortSignal }: Calls, name: string) {
  return await orAbsent(sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }), { abortSignal }));
}

function resultsOf(job: DescribeTrainingJobResponse | undefined): Pick<Details, 'artifact' | 'metrics'> {
  return {
    artifact: job?.ModelArtifacts?.S3ModelArtifacts,
    metrics: (job?.FinalMetricDataList ?? []).flatMap(({ MetricName, Value }) => metric(MetricName, Value)),
  };
}

function metric(name: string | undefined, value: number | undefined): Job['metrics'] {
  return name === undefined || value === undefined ? [] : [{ name, value }];
}

async function processingJob({ sagemaker, signal: abortSignal }: Calls, name: string) {
  return await orAbsent(sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }), { abortSignal }));
}

function outputOf(job: Awaited<ReturnType<typeof processingJob>>): string | undefined {
  return job?.ProcessingOutputConfig?.Outputs?.[0]?.S3Output?.S3Uri;
}

/** The name that SageMaker and Clarify give the report. */
const REPORT = 'constraint_violations.json';
/** A report of thousands of violations; a larger one is not read. */
const REPORT_BYTES = 1_048_576;

/** The report lies where the request says, perhaps encrypted with a key that the role may not use: then the count must do. */
async function violationsOf(
  calls: Calls,
  output: string | undefined,
  exitMessage: string | undefined,
): Promise<Violations> {
  // Of a job that has been deleted since, no output is known.
  const report = output === undefined ? undefined : `${output.replace(/\/$/, '')}/${REPORT}`;
  const text = report === undefined ? undefined : await readReport(calls, report);
  const entries = text === undefined ? undefined : readViolations(text);
  const count = countViolations(exitMessage) ?? entries?.length;
  return { ...(count === undefined ? {} : { count }), ...(report ? { report } : {}), ...(entries ? { entries } : {}) };
}

async function readReport({ s3, signal: abortSignal }: Calls, uri: string): Promise<string | undefined> {
  return await orAbsent(s3.send(new GetObjectCommand(s3Object(uri)), { abortSignal })).then(
    (found) => ((found?.ContentLength ?? 0) <= REPORT_BYTES ? found?.Body?.transformToString() : undefined),
    (error: unknown) => {
      if (isDenied(error)) return undefined;
      throw error;
    },
  );
}

function given(details: Details): Details {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as Details;
}
