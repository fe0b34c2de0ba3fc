/** Lambda: creates the transform job defined in job.json next to it. It can be invoked manually with `{}` to run another one. */
import {
  CreateTransformJobCommand,
  DescribeTransformJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { JobEvent } from '../shared/lambda/job-run.ts';
import { readDefinition, runJob } from '../shared/lambda/job-run.ts';
import type { TransformJob } from './job.ts';

const sagemaker = new SageMakerClient({});

/**
 * @returns the name of the job
 * @throws SageMaker's own error
 */
export async function handler(event: JobEvent | null): Promise<{ jobName: string; created: boolean }> {
  const definition = readDefinition(process.env.AWS_LAMBDA_FUNCTION_NAME);
  const request = definition.request as unknown as TransformJob;
  return await runJob(definition, event ?? {}, {
    create: (name, Tags) =>
      sagemaker.send(
        new CreateTransformJobCommand({
          ...request,
          TransformJobName: name,
          ModelName: process.env.MODEL_NAME,
          Tags,
        }),
      ),
    describe: async (name) => {
      const found = await sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: name }));
      return { arn: found.TransformJobArn ?? '', status: found.TransformJobStatus ?? '' };
    },
    listTags: async (arn) => (await sagemaker.send(new ListTagsCommand({ ResourceArn: arn }))).Tags ?? [],
  });
}
