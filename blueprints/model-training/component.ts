/** The Pulumi component of a training pipeline: a role, a function that makes the job, and word of how it ends. */
import * as pulumi from '@pulumi/pulumi';
import type { JobKind, TrainingPipelineArgs } from '../training/training-pipeline.ts';
import { createTrainingPipeline } from '../training/training-pipeline.ts';

const TRAINING: JobKind = {
  what: 'Training job',
  handler: new URL('./handler.ts', import.meta.url),
  arnKind: 'training-job',
  operation: 'TrainingJob',
  logGroups: ['TrainingJobs'],
  changes: [
    {
      suffix: 'training',
      what: 'Training job',
      detailType: 'SageMaker Training Job State Change',
      name: 'TrainingJobName',
      status: 'TrainingJobStatus',
      statuses: ['Completed', 'Failed', 'Stopped'],
    },
  ],
};

/**
 * Trains a model with a built-in algorithm, once for every change of the request.
 *
 * ```ts
 * new ModelTraining('churn', { place, definition, assetsBucket, data, output, image, run: 1 }, { provider });
 * ```
 */
export class ModelTraining extends pulumi.ComponentResource {
  readonly jobName: pulumi.Output<string>;
  readonly jobRoleArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;

  /** @param name prefix of all names: letters, digits and inner hyphens, at most `NAME_LIMIT` characters */
  constructor(name: string, args: TrainingPipelineArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:model-training:ModelTraining', name, {}, options);
    const { job, jobRole } = createTrainingPipeline(name, TRAINING, args, { parent: this });
    this.jobName = job.jobName;
    this.jobRoleArn = jobRole.role.arn;
    this.functionName = job.function.name;
    this.registerOutputs({ jobName: this.jobName, jobRoleArn: this.jobRoleArn, functionName: this.functionName });
  }
}
