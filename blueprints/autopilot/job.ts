/** Request → SageMaker's CreateAutoMLJobV2. Pure. */
import type { AutoMLJobObjective, CreateAutoMLJobV2Request } from '@aws-sdk/client-sagemaker';
import type { PROBLEM_TYPES } from '../shared/schema/problem-types.ts';

/** The keys of an Autopilot request, as the schema leaves them. */
export interface AutopilotRequest {
  model_name: string;
  training_data: string;
  job_output_location: string;
  target_attribute: string;
  job_name?: string;
  problem_type?: (typeof PROBLEM_TYPES)[number];
  job_objective?: string;
  compression_type?: 'Gzip';
  job_max_candidates: number;
  max_runtime_per_job: number;
  total_max_runtime: number;
  generate_definition_only: boolean;
  encrypt_inner_traffic: boolean;
  kms_key_arn?: string;
}

/** The request but for what only the deployment and the call know. */
export type AutopilotJob = Omit<CreateAutoMLJobV2Request, 'AutoMLJobName' | 'RoleArn' | 'Tags'>;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJobV2.html */
export const AUTOPILOT_NAMES = { suffix: 'autopilot', jobNameLimit: 32 } as const;

/** SageMaker's current call for tabular data, with what the original asked for. */
export function autopilotJob(request: AutopilotRequest, assetsBucket: string): AutopilotJob {
  const key = request.kms_key_arn;
  return {
    AutoMLJobInputDataConfig: [
      {
        ChannelType: 'training',
        ContentType: 'text/csv;header=present',
        CompressionType: request.compression_type ?? 'None',
        DataSource: {
          S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${assetsBucket}/${request.training_data}` },
        },
      },
    ],
    OutputDataConfig: {
      S3OutputPath: `s3://${assetsBucket}/${request.job_output_location}`,
      ...(key ? { KmsKeyId: key } : {}),
    },
    AutoMLProblemTypeConfig: {
      TabularJobConfig: {
        TargetAttributeName: request.target_attribute,
        ...(request.problem_type ? { ProblemType: request.problem_type } : {}),
        GenerateCandidateDefinitionsOnly: request.generate_definition_only,
        CompletionCriteria: {
          MaxCandidates: request.job_max_candidates,
          MaxRuntimePerTrainingJobInSeconds: request.max_runtime_per_job,
          MaxAutoMLJobRuntimeInSeconds: request.total_max_runtime,
        },
      },
    },
    ...(request.job_objective
      ? { AutoMLJobObjective: { MetricName: request.job_objective as AutoMLJobObjective['MetricName'] } }
      : {}),
    SecurityConfig: {
      EnableInterContainerTrafficEncryption: request.encrypt_inner_traffic,
      ...(key ? { VolumeKmsKeyId: key } : {}),
    },
  };
}
