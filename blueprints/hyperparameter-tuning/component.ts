/** The Pulumi component of a tuning pipeline: the SageMaker names of its job, and the state changes that cause a notification. */
import type * as pulumi from '@pulumi/pulumi';
import type { TrainingPipelineArgs } from '../training/args.ts';
import type { JobKind } from '../training/training-pipeline.ts';
import { TrainingPipeline } from '../training/training-pipeline.ts';

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
export class HyperparameterTuning extends TrainingPipeline {
  /** @param name prefix of all names: letters, digits and inner hyphens, at most `NAME_LIMIT` characters */
  constructor(name: string, args: TrainingPipelineArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:hyperparameter-tuning:HyperparameterTuning', TUNING, name, args, options);
  }
}
