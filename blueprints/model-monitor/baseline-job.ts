/** Request → the processing job that makes a monitor's baseline. Pure. */
import type { CreateProcessingJobRequest, ProcessingInput, ProcessingResources } from '@aws-sdk/client-sagemaker';
import { mayEncryptVolume } from '../shared/aws/volume-encryption.ts';
import type { MonitorRequest } from './monitor-request.ts';
import { usesClarify } from './monitor-request.ts';
import type { MonitorKind } from './monitor-request.ts';

/** The request but for what only the deployment and the call know. */
export type BaselineJob = Omit<CreateProcessingJobRequest, 'ProcessingJobName' | 'RoleArn' | 'Tags'>;

const INPUT = '/opt/ml/processing/input';
const OUTPUT = '/opt/ml/processing/output';

/**
 * @param image of the analyzer or of Clarify, in the region of the job
 * @param output `s3://…` that the results go to
 */
export function baselineJob(
  kind: MonitorKind,
  request: MonitorRequest,
  image: string,
  assetsBucket: string,
  output: string,
): BaselineJob {
  const data = `s3://${assetsBucket}/${request.baseline_data}`;
  const key = request.kms_key_arn;
  const clarify = usesClarify(kind);
  return {
    AppSpecification: { ImageUri: image },
    ProcessingInputs: clarify
      ? [
          input('dataset', data, `${INPUT}/data`),
          input('analysis_config', analysisConfigUri(output), `${INPUT}/config`),
        ]
      : [input(DATASET, data, `${INPUT}/${DATASET}`)],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: clarify ? 'analysis_result' : 'monitoring_output',
          S3Output: { S3Uri: output, LocalPath: OUTPUT, S3UploadMode: 'EndOfJob' },
        },
      ],
      ...(key ? { KmsKeyId: key } : {}),
    },
    ...(clarify ? {} : { Environment: analyzerEnvironment(kind, request) }),
    ProcessingResources: cluster(request),
    ...(request.baseline_max_runtime_seconds === undefined
      ? {}
      : { StoppingCondition: { MaxRuntimeInSeconds: request.baseline_max_runtime_seconds } }),
  };
}

/** Where Clarify reads its configuration, next to its results. */
export function analysisConfigUri(output: string): string {
  return `${output}/analysis_config.json`;
}

/** The same for the jobs of the schedule. */
export function monitorConfigUri(output: string): string {
  return `${output}/monitor/analysis_config.json`;
}

const DATASET = 'baseline_dataset_input';

function input(name: string, uri: string, path: string): ProcessingInput {
  return {
    InputName: name,
    S3Input: {
      S3Uri: uri,
      LocalPath: path,
      S3DataType: 'S3Prefix',
      S3InputMode: 'File',
      S3DataDistributionType: 'FullyReplicated',
      S3CompressionType: 'None',
    },
  };
}

function cluster(request: MonitorRequest): ProcessingResources {
  const key = request.kms_key_arn;
  return {
    ClusterConfig: {
      InstanceCount: 1,
      InstanceType: request.instance_type as NonNullable<ProcessingResources['ClusterConfig']>['InstanceType'],
      VolumeSizeInGB: request.instance_volume_size,
      ...(key && mayEncryptVolume(request.instance_type) ? { VolumeKmsKeyId: key } : {}),
    },
  };
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html */
function analyzerEnvironment(kind: MonitorKind, request: MonitorRequest): Record<string, string> {
  return {
    dataset_format: JSON.stringify({ csv: { header: true, output_columns_position: 'START' } }),
    dataset_source: `${INPUT}/${DATASET}`,
    output_path: OUTPUT,
    publish_cloudwatch_metrics: 'Disabled',
    ...(kind === 'model_quality' ? modelQualityEnvironment(request) : {}),
  };
}

/** For binary classification a probability and its threshold go before the prediction itself. */
function modelQualityEnvironment(request: MonitorRequest): Record<string, string> {
  const { problem_type: problem = '', baseline_probability_attribute: probability } = request;
  const threshold = request.probability_threshold_attribute;
  const byProbability = problem === 'BinaryClassification' && probability && threshold !== undefined;
  return {
    analysis_type: 'MODEL_QUALITY',
    problem_type: problem,
    ground_truth_attribute: request.baseline_ground_truth_attribute ?? '',
    ...(byProbability
      ? { probability_attribute: probability, probability_threshold_attribute: String(threshold) }
      : { inference_attribute: request.baseline_inference_attribute ?? '' }),
  };
}
