/** Lambda: creates the training job defined in job.json next to it. */
import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { JobEvent } from '../shared/lambda/job-run.ts';
import { readDefinition, runJob } from '../shared/lambda/job-run.ts';
import { checkpointOf } from '../training/training-definition.ts';
import type { TrainingJob } from './job.ts';

const sagemaker = new SageMakerClient({});

/**
 * @returns the name of the job
 * @throws SageMaker's own error
 */
export async function handler(event: JobEvent | null): Promise<{ jobName: string; created: boolean }> {
  const definition = readDefinition(process.env.AWS_LAMBDA_FUNCTION_NAME);
  const request = definition.request as unknown as TrainingJob;
  return await runJob(definition, event ?? {}, {
    create: (name, Tags) =>
      sagemaker.send(
        new CreateTrainingJobCommand({
          ...request,
          ...(request.CheckpointConfig ? { CheckpointConfig: checkpointOf(request.CheckpointConfig, name) } : {}),
          TrainingJobName: name,
          RoleArn: process.env.JOB_ROLE_ARN,
          Tags,
        }),
      ),
    describe: async (name) => {
      const found = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
      return { arn: found.TrainingJobArn ?? '', status: found.TrainingJobStatus ?? '' };
    },
    listTags: async (arn) => (await sagemaker.send(new ListTagsCommand({ ResourceArn: arn }))).Tags ?? [],
  });
}
