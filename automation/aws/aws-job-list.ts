/** Which jobs of a pipeline an account has, newest first: SageMaker's List calls, one for each kind of job. */
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  ListAutoMLJobsCommand,
  ListHyperParameterTuningJobsCommand,
  ListMonitoringExecutionsCommand,
  ListProcessingJobsCommand,
  ListTrainingJobsCommand,
  ListTransformJobsCommand,
} from '@aws-sdk/client-sagemaker';
import type { JobKind } from '../../blueprints/blueprint.ts';
import { orAbsent } from './aws-errors.ts';
import type { JobQuery } from './job-calls.ts';

/** A job in a list. */
export interface ListedJob {
  name: string;
  arn: string;
  status: string;
  created: Date;
  failureReason?: string | undefined;
  /** Of a run of a monitor. */
  scheduled?: Date | undefined;
  ended?: Date | undefined;
}

interface ListCall {
  /** Text that names contain; of a monitor the name of its schedule. */
  name: string;
  before: Date | undefined;
  token: string | undefined;
  size: number;
}

interface Listed {
  jobs: ListedJob[];
  token: string | undefined;
}

/** The most entries that one call returns. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobs.html */
const LARGEST_PAGE = 100;
/** Names are only looked for as a part of names, so a page may hold other jobs; then the next one is asked for, up to here. */
const CALLS = 5;

/** @returns at most one more than the limit, and the time down to which everything was looked at if there may be older jobs */
export async function listJobs(
  sagemaker: SageMakerClient,
  query: JobQuery,
  abortSignal: AbortSignal,
): Promise<{ jobs: ListedJob[]; until?: Date }> {
  const { kind, names, limit, before } = query;
  const found: ListedJob[] = [];
  let token: string | undefined;
  let last: Date | undefined;
  for (let calls = 0; calls < CALLS && found.length <= limit; calls++) {
    const asked: ListCall = {
      name: commonPart(names),
      before: before === undefined ? undefined : new Date(before),
      token,
      size: LARGEST_PAGE,
    };
    // A monitor whose schedule does not exist has not run.
    const page = await orAbsent(LISTS[kind](sagemaker, asked, abortSignal));
    found.push(...(page?.jobs ?? []).filter(({ name }) => kind === 'monitoring' || matches(name, names)));
    last = page?.jobs.at(-1)?.created ?? last;
    token = page?.token;
    if (token === undefined) break;
  }
  return { jobs: found.slice(0, limit + 1), ...(token !== undefined && last ? { until: last } : {}) };
}

type Lister = (sagemaker: SageMakerClient, call: ListCall, abortSignal: AbortSignal) => Promise<Listed>;

const newestFirst = ({ before, token, size }: ListCall) => ({
  CreationTimeBefore: before,
  NextToken: token,
  MaxResults: size,
  SortBy: 'CreationTime' as const,
  SortOrder: 'Descending' as const,
});

const byName = (call: ListCall) => ({ ...newestFirst(call), NameContains: call.name });

const processing: Lister = async (sagemaker, call, abortSignal) => {
  const { ProcessingJobSummaries = [], NextToken } = await sagemaker.send(new ListProcessingJobsCommand(byName(call)), {
    abortSignal,
  });
  return {
    token: NextToken,
    jobs: ProcessingJobSummaries.map((one) =>
      listed(one.ProcessingJobName, one.ProcessingJobArn, one.ProcessingJobStatus, one.CreationTime),
    ),
  };
};

const LISTS: Readonly<Record<JobKind, Lister>> = {
  async training(sagemaker, call, abortSignal) {
    const { TrainingJobSummaries = [], NextToken } = await sagemaker.send(new ListTrainingJobsCommand(byName(call)), {
      abortSignal,
    });
    return {
      token: NextToken,
      jobs: TrainingJobSummaries.map((one) =>
        listed(one.TrainingJobName, one.TrainingJobArn, one.TrainingJobStatus, one.CreationTime),
      ),
    };
  },
  async tuning(sagemaker, call, abortSignal) {
    const { HyperParameterTuningJobSummaries = [], NextToken } = await sagemaker.send(
      new ListHyperParameterTuningJobsCommand(byName(call)),
      { abortSignal },
    );
    return {
      token: NextToken,
      jobs: HyperParameterTuningJobSummaries.map((one) =>
        listed(
          one.HyperParameterTuningJobName,
          one.HyperParameterTuningJobArn,
          one.HyperParameterTuningJobStatus,
          one.CreationTime,
        ),
      ),
    };
  },
  async autopilot(sagemaker, call, abortSignal) {
    const { AutoMLJobSummaries = [], NextToken } = await sagemaker.send(new ListAutoMLJobsCommand(byName(call)), {
      abortSignal,
    });
    return {
      token: NextToken,
      jobs: AutoMLJobSummaries.map((one) =>
        listed(one.AutoMLJobName, one.AutoMLJobArn, one.AutoMLJobStatus, one.CreationTime),
      ),
    };
  },
  async transform(sagemaker, call, abortSignal) {
    const { TransformJobSummaries = [], NextToken } = await sagemaker.send(new ListTransformJobsCommand(byName(call)), {
      abortSignal,
    });
    return {
      token: NextToken,
      jobs: TransformJobSummaries.map((one) =>
        listed(one.TransformJobName, one.TransformJobArn, one.TransformJobStatus, one.CreationTime),
      ),
    };
  },
  baseline: processing,
  async monitoring(sagemaker, call, abortSignal) {
    const { MonitoringExecutionSummaries = [], NextToken } = await sagemaker.send(
      new ListMonitoringExecutionsCommand({ ...newestFirst(call), MonitoringScheduleName: call.name }),
      { abortSignal },
    );
    return {
      token: NextToken,
      jobs: MonitoringExecutionSummaries.map((one) => ({
        ...listed(
          // A run that has not started has no job yet.
          one.ProcessingJobArn?.split('/').at(-1) ?? one.MonitoringScheduleName,
          one.ProcessingJobArn,
          one.MonitoringExecutionStatus,
          one.CreationTime,
        ),
        scheduled: one.ScheduledTime,
        failureReason: one.FailureReason,
        ended: RUNNING.has(one.MonitoringExecutionStatus ?? '') ? undefined : one.LastModifiedTime,
      })),
    };
  },
};

const RUNNING = new Set(['Pending', 'InProgress', 'Stopping']);

function listed(name = '', arn = '', status = '', created = new Date(0)): ListedJob {
  return { name, arn, status, created };
}

/** What all the names begin with. */
function commonPart(names: readonly string[]): string {
  const [first = '', ...others] = names.map((name) => name.replace(/\*$/, ''));
  let length = first.length;
  while (length > 0 && !others.every((name) => name.startsWith(first.slice(0, length)))) length--;
  return first.slice(0, length);
}

function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
}
