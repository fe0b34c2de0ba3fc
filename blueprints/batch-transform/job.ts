/** Request → SageMaker's CreateTransformJob. Pure. */
import type { CreateTransformJobRequest } from '@aws-sdk/client-sagemaker';
import { jobBaseName } from '../shared/lambda/job-names.ts';
import type { JobNaming } from '../shared/lambda/job-run.ts';
import { inputFormat, outputFormat } from './format.ts';
import type { BatchRequest } from './request.ts';
import { mayEncryptVolume } from '../shared/aws/volume-encryption.ts';

/** The request but for what only the deployment and the call know. */
export type TransformJob = Omit<CreateTransformJobRequest, 'TransformJobName' | 'ModelName' | 'Tags'>;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html */
const JOB_NAME_LIMIT = 63;

/** A model may have a pipeline of either kind: each has separate job names and notifications. */
export function transformJobNames({ model_name: model }: { model_name: string }, pipelineType: string): JobNaming {
  const kind = pipelineType.replace(/^byom_/, '').replaceAll('_', '-');
  return { baseName: jobBaseName(`${model.toLowerCase()}-${kind}`, JOB_NAME_LIMIT), nameLimit: JOB_NAME_LIMIT };
}

/** One instance; how the file is read and cut into records follows from its name. */
export function transformJob(request: BatchRequest): TransformJob {
  const key = request.kms_key_arn;
  return {
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${request.batch_inference_data}` } },
      ...inputFormat(request.batch_inference_data),
    },
    TransformOutput: {
      S3OutputPath: `s3://${request.batch_job_output_location}`,
      ...outputFormat(request.batch_inference_data),
      ...(key ? { KmsKeyId: key } : {}),
    },
    TransformResources: {
      InstanceType: request.inference_instance as NonNullable<TransformJob['TransformResources']>['InstanceType'],
      InstanceCount: 1,
      ...(key && mayEncryptVolume(request.inference_instance) ? { VolumeKmsKeyId: key } : {}),
    },
  };
}
