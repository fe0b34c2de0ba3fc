/** Request → the transform job that SageMaker is asked for. Pure. */
import type { CreateTransformJobRequest } from '@aws-sdk/client-sagemaker';
import type { ModelRequest } from '../shared/aws/model-source.ts';
import { mayEncryptVolume } from '../shared/aws/volume-encryption.ts';

/** The keys of a batch request, as the schema leaves them for one environment. */
export interface BatchRequest extends ModelRequest {
  model_name: string;
  inference_instance: string;
  batch_inference_data: string;
  batch_job_output_location: string;
  kms_key_arn?: string;
}

/** The request but for what only the deployment and the call know. */
export type TransformJob = Omit<CreateTransformJobRequest, 'TransformJobName' | 'ModelName' | 'Tags'>;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html */
export const JOB_NAME_LIMIT = 63;

/** A CSV, line by line, on one instance. */
export function transformJob(request: BatchRequest): TransformJob {
  const key = request.kms_key_arn;
  return {
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${request.batch_inference_data}` } },
      ContentType: 'text/csv',
      SplitType: 'Line',
      CompressionType: 'None',
    },
    TransformOutput: {
      S3OutputPath: `s3://${request.batch_job_output_location}`,
      Accept: 'text/csv',
      AssembleWith: 'Line',
      ...(key ? { KmsKeyId: key } : {}),
    },
    TransformResources: {
      InstanceType: request.inference_instance as NonNullable<TransformJob['TransformResources']>['InstanceType'],
      InstanceCount: 1,
      ...(key && mayEncryptVolume(request.inference_instance) ? { VolumeKmsKeyId: key } : {}),
    },
  };
}
