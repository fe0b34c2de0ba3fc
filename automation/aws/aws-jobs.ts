/** The jobs of a pipeline on AWS: found by List calls, then described one by one. Reads only. */
import { S3Client } from '@aws-sdk/client-s3';
import { ListTagsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { mapAsync } from 'es-toolkit/array/mapAsync';
import { client } from './aws-client.ts';
import { orAbsent } from './aws-errors.ts';
import { describeJob } from './aws-job-details.ts';
import type { ListedJob } from './aws-job-list.ts';
import { listJobs } from './aws-job-list.ts';
import type { Cloud } from './cloud.ts';
import type { Job, JobPage, JobQuery } from './job-calls.ts';
import { PIPELINE_TAG } from './job-calls.ts';

/** SageMaker throttles Describe calls at a few a second, and the SDK repeats what was throttled. */
const AT_ONCE = 5;

export const jobs: Cloud['jobs'] = async (environment, query, signal) => {
  const settings = client(environment);
  return await jobsWith(
    new SageMakerClient(settings),
    new S3Client({ ...settings, followRegionRedirects: true }),
    query,
    signal,
  );
};

export async function jobsWith(
  sagemaker: SageMakerClient,
  s3: S3Client,
  query: JobQuery,
  signal: AbortSignal,
): Promise<JobPage> {
  const { jobs: found, until } = await listJobs(sagemaker, query, signal);
  const page = found.slice(0, query.limit);
  const described = await mapAsync(
    page,
    async (one): Promise<Job[]> => {
      const isOwn = query.kind === 'monitoring' || (await isOfPipeline(sagemaker, one, query.pipelineId, signal));
      return isOwn ? [await describeJob({ sagemaker, s3, signal }, query.kind, one)] : [];
    },
    { concurrency: AT_ONCE },
  );
  const next = found.length > page.length ? page.at(-1)?.created : until;
  return { jobs: described.flat(), ...(next ? { next: next.toISOString() } : {}) };
}

/** Names of jobs begin alike where those of models do; their tags tell whose they are. */
async function isOfPipeline(
  sagemaker: SageMakerClient,
  { arn }: ListedJob,
  pipelineId: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const found = await orAbsent(sagemaker.send(new ListTagsCommand({ ResourceArn: arn }), { abortSignal }));
  return found?.Tags?.some(({ Key, Value }) => Key === PIPELINE_TAG && Value === pipelineId) ?? false;
}
