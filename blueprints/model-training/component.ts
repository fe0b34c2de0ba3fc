/** The Pulumi component of a training pipeline: the SageMaker names of its job, and the state changes that cause a notification. */
import type * as pulumi from '@pulumi/pulumi';
import type { TrainingPipelineArgs } from '../training/args.ts';
import type { JobKind } from '../training/training-pipeline.ts';
import { TrainingPipeline } from '../training/training-pipeline.ts';

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
export class ModelTraining extends TrainingPipeline {
  /** @param name prefix of all names: letters, digits and inner hyphens, at most `NAME_LIMIT` characters */
  constructor(name: string, args: TrainingPipelineArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:model-training:ModelTraining', TRAINING, name, args, options);
  }
}
