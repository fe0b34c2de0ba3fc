/** The Pulumi component of an Autopilot pipeline: the SageMaker names of its job, and the state changes that cause a notification. */
import type * as pulumi from '@pulumi/pulumi';
import type { Place } from '../shared/aws/place.ts';
import type { Statement } from '../shared/aws/policies.ts';
import type { TrainingPipelineArgs } from '../training/args.ts';
import type { JobKind } from '../training/training-pipeline.ts';
import { TrainingPipeline } from '../training/training-pipeline.ts';

const ENDED_BADLY = ['Failed', 'Stopped'];

/** Autopilot itself emits no events, so events of the jobs that it creates under its name are used. */
const AUTOPILOT: JobKind = {
  what: 'Autopilot job',
  handler: new URL('./handler.ts', import.meta.url),
  arnKind: 'automl-job',
  operation: 'AutoMLJobV2',
  logGroups: ['TrainingJobs', 'ProcessingJobs', 'TransformJobs'],
  statements: (place, names) => [exploreCandidates(place, names)],
  changes: [
    {
      suffix: 'tuning',
      what: 'Tuning job of Autopilot',
      detailType: 'SageMaker HyperParameter Tuning Job State Change',
      name: 'HyperParameterTuningJobName',
      status: 'HyperParameterTuningJobStatus',
      statuses: ['Completed', ...ENDED_BADLY],
    },
    {
      suffix: 'processing',
      what: 'Processing job of Autopilot',
      detailType: 'SageMaker Processing Job State Change',
      name: 'ProcessingJobName',
      status: 'ProcessingJobStatus',
      // The last one writes the documentation: that one, and those of the data, tell how far the job is.
      statuses: ['Completed', ...ENDED_BADLY],
    },
    {
      suffix: 'training',
      what: 'Training job of Autopilot',
      detailType: 'SageMaker Training Job State Change',
      name: 'TrainingJobName',
      status: 'TrainingJobStatus',
      statuses: ENDED_BADLY,
    },
    {
      suffix: 'transform',
      what: 'Transform job of Autopilot',
      detailType: 'SageMaker Transform Job State Change',
      name: 'TransformJobName',
      status: 'TransformJobStatus',
      statuses: ENDED_BADLY,
    },
  ],
};

/** Autopilot deploys candidates under the job's name to explain them. */
function exploreCandidates(place: Place, names: readonly string[]): Statement {
  return {
    Sid: 'ExploreCandidates',
    Effect: 'Allow',
    Action: [
      'sagemaker:DescribeModel',
      'sagemaker:DescribeEndpoint',
      'sagemaker:DescribeEndpointConfig',
      'sagemaker:InvokeEndpoint',
    ],
    Resource: ['model', 'endpoint', 'endpoint-config'].flatMap((kind) =>
      names.map(
        (name) => `arn:${place.partition}:sagemaker:${place.region}:${place.accountId}:${kind}/${name.toLowerCase()}`,
      ),
    ),
  };
}

/**
 * Finds a model for tabular data, once for every change of the request.
 *
 * ```ts
 * new Autopilot('churn', { place, definition, assetsBucket, data, output, run: 1 }, { provider });
 * ```
 */
export class Autopilot extends TrainingPipeline {
  /** @param name prefix of all names: letters, digits and inner hyphens, at most `NAME_LIMIT` characters */
  constructor(name: string, args: TrainingPipelineArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:autopilot:Autopilot', AUTOPILOT, name, args, options);
  }
}
