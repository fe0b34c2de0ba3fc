/** Request → the definition of a SageMaker training job: the parts that training and tuning share. Pure. */
import type {
  Channel,
  CreateTrainingJobRequest,
  HyperParameterTrainingJobDefinition,
  ResourceConfig,
} from '@aws-sdk/client-sagemaker';
import { mayEncryptVolume } from '../shared/aws/volume-encryption.ts';

/** The keys of a training or tuning request, as the schemas leave them. */
export interface TrainingRequest {
  model_name: string;
  model_framework: string;
  model_framework_version: string;
  training_data: string;
  validation_data?: string;
  job_output_location: string;
  algo_hyperparamaters: Record<string, unknown>;
  job_name?: string;
  instance_type: string;
  instance_count: number;
  instance_volume_size: number;
  max_runtime_per_job: number;
  use_spot_instances: boolean;
  max_wait_time_spot_instances: number;
  encrypt_inner_traffic: boolean;
  content_type: string;
  s3_data_type: 'S3Prefix' | 'ManifestFile' | 'AugmentedManifestFile';
  data_distribution: 'FullyReplicated' | 'ShardedByS3Key';
  compression_type?: 'Gzip';
  data_input_mode: 'File' | 'Pipe' | 'FastFile';
  data_record_wrapping?: 'RecordIO';
  attribute_names?: string[];
  kms_key_arn?: string;
}

/** Everything but the algorithm, its hyperparameters, the name and the role: alike in both kinds of job. */
export type SharedTrainingParts = Required<
  Pick<CreateTrainingJobRequest, 'InputDataConfig' | 'OutputDataConfig' | 'StoppingCondition'>
> &
  Pick<
    HyperParameterTrainingJobDefinition,
    'EnableManagedSpotTraining' | 'EnableInterContainerTrafficEncryption' | 'CheckpointConfig'
  >;

/**
 * The channels say how they are read, so the algorithm's own mode is the default of those that do not.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
 */
export const TRAINING_INPUT_MODE = 'File';

/** @param assetsBucket where the request's keys are */
export function sharedTrainingParts(request: TrainingRequest, assetsBucket: string): SharedTrainingParts {
  const output = `s3://${assetsBucket}/${request.job_output_location}`;
  const spot = request.use_spot_instances;
  return {
    InputDataConfig: [
      channel('train', request.training_data, request, assetsBucket),
      ...(request.validation_data ? [channel('validation', request.validation_data, request, assetsBucket)] : []),
    ],
    OutputDataConfig: { S3OutputPath: output, ...(request.kms_key_arn ? { KmsKeyId: request.kms_key_arn } : {}) },
    StoppingCondition: {
      MaxRuntimeInSeconds: request.max_runtime_per_job,
      ...(spot ? { MaxWaitTimeInSeconds: request.max_wait_time_spot_instances } : {}),
    },
    EnableInterContainerTrafficEncryption: request.encrypt_inner_traffic,
    // The handler puts the job's name below it: a job must not go on from what another one learned.
    ...(spot ? { EnableManagedSpotTraining: true, CheckpointConfig: { S3Uri: output } } : {}),
  };
}

/** Where a job keeps what it needs to go on after an interruption. */
export function checkpointOf(base: { S3Uri?: string | undefined }, jobName: string): { S3Uri: string } {
  return { S3Uri: `${base.S3Uri ?? ''}/${jobName}/checkpoint` };
}

/** Instances and volumes of a job. */
export function instances(
  request: TrainingRequest,
): Required<Pick<ResourceConfig, 'InstanceType' | 'InstanceCount' | 'VolumeSizeInGB'>> & { VolumeKmsKeyId?: string } {
  return {
    InstanceType: request.instance_type as NonNullable<ResourceConfig['InstanceType']>,
    InstanceCount: request.instance_count,
    VolumeSizeInGB: request.instance_volume_size,
    ...(request.kms_key_arn && mayEncryptVolume(request.instance_type) ? { VolumeKmsKeyId: request.kms_key_arn } : {}),
  };
}

/** Hyperparameters are text; booleans are written as the original, in Python, wrote them. */
export function hyperparameterText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value);
}

function channel(name: string, key: string, request: TrainingRequest, bucket: string): Channel {
  return {
    ChannelName: name,
    DataSource: {
      S3DataSource: {
        S3DataType: request.s3_data_type,
        S3Uri: `s3://${bucket}/${key}`,
        S3DataDistributionType: request.data_distribution,
        ...(request.attribute_names ? { AttributeNames: request.attribute_names } : {}),
      },
    },
    ContentType: request.content_type,
    InputMode: request.data_input_mode,
    ...(request.compression_type ? { CompressionType: request.compression_type } : {}),
    ...(request.data_record_wrapping ? { RecordWrapperType: request.data_record_wrapping } : {}),
  };
}
