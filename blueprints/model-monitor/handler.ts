/** Lambda: creates the baseline of a monitor, and waits for it for as long as a function may run. */
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateProcessingJobCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeProcessingJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { JobDefinition, JobEvent } from '../shared/lambda/job-run.ts';
import { readDefinition, runJob } from '../shared/lambda/job-run.ts';
import type { AnalysisRequest } from './analysis-config.ts';
import { analysisConfigs, csvHeader } from './analysis-config.ts';
import type { BaselineJob } from './baseline-job.ts';
import { analysisConfigUri, monitorConfigUri } from './baseline-job.ts';
import type { MonitorKind } from './monitor-request.ts';

/** `job.json` of a baseline. */
export interface BaselineDefinition extends JobDefinition {
  /** Only where Clarify does the work: what its configuration is made of. */
  clarify?: {
    kind: MonitorKind;
    endpointName: string;
    /** Key in the assets bucket. */
    data: string;
    request: AnalysisRequest;
    /** `s3://…` that the results go to. */
    output: string;
    kmsKeyArn?: string;
  };
}

/** The function itself may take 15 minutes; what remains is for the answer. */
const PATIENCE_MS = 840_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;
/** A header of thousands of columns fits well. */
const HEADER_BYTES = 1_048_576;

const sagemaker = new SageMakerClient({});
const s3 = new S3Client({});

/**
 * @returns the job's name and how far it is: a baseline may take longer than a function runs
 * @throws SageMaker's own error, or why the job failed
 */
export async function handler(event: JobEvent | null): Promise<{ jobName: string; status: string }> {
  const definition = readDefinition(process.env.AWS_LAMBDA_FUNCTION_NAME) as BaselineDefinition;
  if (definition.clarify) await configure(definition.clarify);
  const { jobName } = await runJob(definition, event ?? {}, {
    create: (name, Tags) =>
      sagemaker.send(
        new CreateProcessingJobCommand({
          ...(definition.request as unknown as BaselineJob),
          ProcessingJobName: name,
          RoleArn: process.env.JOB_ROLE_ARN,
          Tags,
        }),
      ),
    describe: async (name) => {
      const found = await describe(name);
      return { arn: found.ProcessingJobArn ?? '', status: found.ProcessingJobStatus ?? '' };
    },
    listTags: async (arn) => (await sagemaker.send(new ListTagsCommand({ ResourceArn: arn }))).Tags ?? [],
  });
  return { jobName, status: await settled(jobName) };
}

const describe = (name: string) => sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));

async function settled(name: string): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const { ProcessingJobStatus: status = '', FailureReason: failure, ExitMessage: exit } = await describe(name);
    if (status === 'Failed' || status === 'Stopped') {
      throw new Error(`Baseline job ${name} is ${status}: ${failure ?? exit ?? 'no reason was given'}`);
    }
    if (status === 'Completed' || Date.now() + wait > deadline) return status;
    await delay(wait);
  }
}

/** Writes what Clarify is to compute, for the baseline and for the jobs of the schedule. */
async function configure(clarify: Required<BaselineDefinition>['clarify']): Promise<void> {
  const [headers, modelName] = await Promise.all([
    readHeader(clarify.request.assetsBucket, clarify.data),
    modelOf(clarify.endpointName),
  ]);
  const { baseline, monitor } = analysisConfigs(clarify.kind, clarify.request, headers, modelName);
  await put(analysisConfigUri(clarify.output), baseline, clarify.kmsKeyArn);
  await put(monitorConfigUri(clarify.output), monitor, clarify.kmsKeyArn);
}

async function readHeader(bucket: string, key: string): Promise<string[]> {
  const { Body: body } = await s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=0-${HEADER_BYTES - 1}` }),
  );
  return csvHeader((await body?.transformToString()) ?? '');
}

/** The first variant's: real-time pipelines have one. */
async function modelOf(endpointName: string): Promise<string> {
  const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
  const config = await sagemaker.send(
    new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }),
  );
  const modelName = config.ProductionVariants?.[0]?.ModelName;
  if (!modelName) throw new Error(`Endpoint ${endpointName} serves no model that Clarify can invoke.`);
  return modelName;
}

async function put(uri: string, content: unknown, kmsKeyArn: string | undefined): Promise<void> {
  const [bucket = '', ...key] = uri.replace('s3://', '').split('/');
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key.join('/'),
      Body: JSON.stringify(content),
      ContentType: 'application/json',
      ...(kmsKeyArn ? { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn } : {}),
    }),
  );
}
