/** The Pulumi component of a tuning pipeline: a role, a function that makes the job, and word of how it ends. */
import * as pulumi from '@pulumi/pulumi';
import type { JobKind, TrainingPipelineArgs } from '../training/training-pipeline.ts';
import { createTrainingPipeline } from '../training/training-pipeline.ts';

const TUNING: JobKind = {
  what: 'Tuning job',
  handler: new URL('./handler.ts', import.meta.url),
  arnKind: 'hyper-parameter-tuning-job',
  operation: 'HyperParameterTuningJob',
  // Its training jobs' names begin with its own.
  logGroups: ['TrainingJobs'],
  changes: [
    {
      suffix: 'tuning',
      what: 'Tuning job',
      detailType: 'SageMaker HyperParameter Tuning Job State Change',
      name: 'HyperParameterTuningJobName',
      status: 'HyperParameterTuningJobStatus',
      statuses: ['Completed', 'Failed', 'Stopped'],
    },
  ],
};

/**
 * Searches the best hyperparameters of a built-in algorithm, once for every change of the request.
 *
 * ```ts
 * new HyperparameterTuning('churn', { place, definition, assetsBucket, data, output, image, run: 1 }, { provider });
 * ```
 */
export class HyperparameterTuning extends pulumi.ComponentResource {
  readonly jobName: pulumi.Output<string>;
  readonly jobRoleArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;

  /** @param name prefix of all names: letters, digits and inner hyphens, at most `NAME_LIMIT` characters */
  constructor(name: string, args: TrainingPipelineArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:hyperparameter-tuning:HyperparameterTuning', name, {}, options);
    const { job, jobRole } = createTrainingPipeline(name, TUNING, args, { parent: this });
    this.jobName = job.jobName;
    this.jobRoleArn = jobRole.role.arn;
    this.functionName = job.function.name;
    this.registerOutputs({ jobName: this.jobName, jobRoleArn: this.jobRoleArn, functionName: this.functionName });
  }
}
