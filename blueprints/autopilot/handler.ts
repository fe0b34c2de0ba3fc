/** Lambda: creates the AutoML job defined in job.json next to it. */
import {
  CreateAutoMLJobV2Command,
  DescribeAutoMLJobV2Command,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { JobEvent } from '../shared/lambda/job-run.ts';
import { readDefinition, runJob } from '../shared/lambda/job-run.ts';
import type { AutopilotJob } from './job.ts';

const sagemaker = new SageMakerClient({});

/**
 * @returns the name of the job
 * @throws SageMaker's own error
 */
export async function handler(event: JobEvent | null): Promise<{ jobName: string; created: boolean }> {
  const definition = readDefinition(process.env.AWS_LAMBDA_FUNCTION_NAME);
  const request = definition.request as unknown as AutopilotJob;
  return await runJob(definition, event ?? {}, {
    create: (name, Tags) =>
      sagemaker.send(
        new CreateAutoMLJobV2Command({ ...request, AutoMLJobName: name, RoleArn: process.env.JOB_ROLE_ARN, Tags }),
      ),
    describe: async (name) => {
      const found = await sagemaker.send(new DescribeAutoMLJobV2Command({ AutoMLJobName: name }));
      return { arn: found.AutoMLJobArn ?? '', status: found.AutoMLJobStatus ?? '' };
    },
    listTags: async (arn) => (await sagemaker.send(new ListTagsCommand({ ResourceArn: arn }))).Tags ?? [],
  });
}
