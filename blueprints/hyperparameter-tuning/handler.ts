/** Lambda: creates the tuning job defined in job.json next to it. */
import {
  CreateHyperParameterTuningJobCommand,
  DescribeHyperParameterTuningJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { JobEvent } from '../shared/lambda/job-run.ts';
import { readDefinition, runJob } from '../shared/lambda/job-run.ts';
import { checkpointOf } from '../training/training-definition.ts';
import type { TuningJob } from './job.ts';

const sagemaker = new SageMakerClient({});

/**
 * @returns the name of the job
 * @throws SageMaker's own error
 */
export async function handler(event: JobEvent | null): Promise<{ jobName: string; created: boolean }> {
  const definition = readDefinition(process.env.AWS_LAMBDA_FUNCTION_NAME);
  const { TrainingJobDefinition: training, ...request } = definition.request as unknown as TuningJob;
  const checkpoint = training?.CheckpointConfig;
  return await runJob(definition, event ?? {}, {
    create: (name, Tags) =>
      sagemaker.send(
        new CreateHyperParameterTuningJobCommand({
          ...request,
          TrainingJobDefinition: {
            ...(training as Required<TuningJob>['TrainingJobDefinition']),
            RoleArn: process.env.JOB_ROLE_ARN,
            ...(checkpoint ? { CheckpointConfig: checkpointOf(checkpoint, name) } : {}),
          },
          HyperParameterTuningJobName: name,
          Tags,
        }),
      ),
    describe: async (name) => {
      const found = await sagemaker.send(
        new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name }),
      );
      return { arn: found.HyperParameterTuningJobArn ?? '', status: found.HyperParameterTuningJobStatus ?? '' };
    },
    listTags: async (arn) => (await sagemaker.send(new ListTagsCommand({ ResourceArn: arn }))).Tags ?? [],
  });
}
