/** The job definition of a monitor: what its schedule runs. The provider has a resource for data quality only. */
import type {
  CreateModelBiasJobDefinitionRequest,
  CreateModelExplainabilityJobDefinitionRequest,
  CreateModelQualityJobDefinitionRequest,
  EndpointInput,
  MonitoringOutputConfig,
  MonitoringResources,
} from '@aws-sdk/client-sagemaker';
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { canonicalJson, requestDigest } from '../request/digest.ts';
import { mayEncryptVolume } from '../shared/aws/volume-encryption.ts';
import { monitorConfigUri } from './baseline-job.ts';
import type { ModelMonitorArgs } from './args.ts';
import type { MonitorRequest } from './monitor-request.ts';
import { monitorName } from './monitor-request.ts';
import { monitorRuntime } from './schedule-schema.ts';

const INPUT = '/opt/ml/processing/input';
const OUTPUT = '/opt/ml/processing/output';

/** Makes the definition. @returns the name that schedules know it by */
export function createJobDefinition(
  name: string,
  args: ModelMonitorArgs,
  roleArn: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): { name: pulumi.Output<string>; definition: pulumi.Resource } {
  if (args.kind === 'data_quality') return createDataQualityDefinition(name, args, roleArn, options);
  const state = desiredState(args);
  // Cloud Control generates no names: it contains the content, so that a changed definition can be created before the old one
  // is deleted.
  const definitionName = monitorName(args.request.endpoint_name, args.kind, requestDigest({ ...state }));
  const definition = new aws.cloudcontrol.Resource(
    `${name}-definition`,
    {
      typeName: TYPE_NAMES[args.kind],
      desiredState: roleArn.apply((RoleArn) =>
        canonicalJson({ JobDefinitionName: definitionName, ...state, RoleArn, Tags: tagsOf(args) }),
      ),
    },
    options,
  );
  // A dependency on the resource, since the name alone is known before it is made.
  return { name: definition.id.apply(() => definitionName), definition };
}

const TYPE_NAMES = {
  model_quality: 'AWS::SageMaker::ModelQualityJobDefinition',
  model_bias: 'AWS::SageMaker::ModelBiasJobDefinition',
  model_explainability: 'AWS::SageMaker::ModelExplainabilityJobDefinition',
} as const;

function createDataQualityDefinition(
  name: string,
  args: ModelMonitorArgs,
  roleArn: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): { name: pulumi.Output<string>; definition: pulumi.Resource } {
  const { request, baselineOutput } = args;
  const { instance_type: instanceType, kms_key_arn: key } = request;
  const definition = new aws.sagemaker.DataQualityJobDefinition(
    `${name}-definition`,
    {
      dataQualityAppSpecification: { imageUri: args.image },
      dataQualityBaselineConfig: {
        constraintsResource: { s3Uri: `${baselineOutput}/constraints.json` },
        statisticsResource: { s3Uri: `${baselineOutput}/statistics.json` },
      },
      dataQualityJobInput: {
        endpointInput: { endpointName: request.endpoint_name, localPath: `${INPUT}/data_quality_input` },
      },
      dataQualityJobOutputConfig: {
        monitoringOutputs: {
          s3Output: {
            s3Uri: `s3://${request.monitoring_output_location}`,
            localPath: `${OUTPUT}/data_quality_output`,
            s3UploadMode: 'EndOfJob',
          },
        },
        ...(key ? { kmsKeyId: key } : {}),
      },
      jobResources: {
        clusterConfig: {
          instanceCount: 1,
          instanceType,
          volumeSizeInGb: request.instance_volume_size,
          ...(key && mayEncryptVolume(instanceType) ? { volumeKmsKeyId: key } : {}),
        },
      },
      stoppingCondition: { maxRuntimeInSeconds: monitorRuntime('data_quality', request) },
      roleArn,
    },
    options,
  );
  return { name: definition.name, definition };
}

type Desired<Request> = Omit<Request, 'JobDefinitionName' | 'RoleArn' | 'Tags'>;

/** What Cloud Control is asked for, but for name, role and tags. @throws for data quality, which has a dedicated resource */
export function desiredState(
  args: ModelMonitorArgs,
):
  | Desired<CreateModelQualityJobDefinitionRequest>
  | Desired<CreateModelBiasJobDefinitionRequest>
  | Desired<CreateModelExplainabilityJobDefinitionRequest> {
  const { request, image, baselineOutput } = args;
  const common = {
    JobResources: resources(request),
    StoppingCondition: { MaxRuntimeInSeconds: monitorRuntime(args.kind, request) },
  };
  const truth = { GroundTruthS3Input: { S3Uri: `s3://${request.monitor_ground_truth_input ?? ''}` } };
  const analysis = { ConstraintsResource: { S3Uri: `${baselineOutput}/analysis.json` } };
  const clarify = { ImageUri: image, ConfigUri: monitorConfigUri(baselineOutput) };
  switch (args.kind) {
    case 'model_quality':
      return {
        ModelQualityAppSpecification: { ImageUri: image, ProblemType: request.problem_type },
        ModelQualityBaselineConfig: { ConstraintsResource: { S3Uri: `${baselineOutput}/constraints.json` } },
        ModelQualityJobInput: {
          EndpointInput: { ...endpointInput(request, 'model_quality_input'), ...threshold(request) },
          ...truth,
        },
        ModelQualityJobOutputConfig: output(request, 'model_quality_output'),
        ...common,
      };
    case 'model_bias':
      return {
        ModelBiasAppSpecification: clarify,
        ModelBiasBaselineConfig: analysis,
        ModelBiasJobInput: {
          EndpointInput: {
            ...endpointInput(request, 'model_bias_input'),
            ...features(request),
            ...threshold(request),
          },
          ...truth,
        },
        ModelBiasJobOutputConfig: output(request, 'model_bias_output'),
        ...common,
      };
    case 'model_explainability':
      return {
        ModelExplainabilityAppSpecification: clarify,
        ModelExplainabilityBaselineConfig: analysis,
        ModelExplainabilityJobInput: {
          EndpointInput: { ...endpointInput(request, 'model_explainability_input'), ...features(request) },
        },
        ModelExplainabilityJobOutputConfig: output(request, 'model_explainability_output'),
        ...common,
      };
    case 'data_quality':
      throw new Error('Data quality job definitions are a resource of the AWS provider.');
  }
}

function endpointInput(request: MonitorRequest, folder: string): EndpointInput {
  const { monitor_inference_attribute: inference, monitor_probability_attribute: probability } = request;
  return {
    EndpointName: request.endpoint_name,
    LocalPath: `${INPUT}/${folder}`,
    ...(inference ? { InferenceAttribute: inference } : {}),
    ...(probability && isBinary(request) ? { ProbabilityAttribute: probability } : {}),
  };
}

function threshold(request: MonitorRequest): Pick<EndpointInput, 'ProbabilityThresholdAttribute'> {
  const value = request.probability_threshold_attribute;
  return value !== undefined && isBinary(request) ? { ProbabilityThresholdAttribute: value } : {};
}

function features({ features_attribute: path }: MonitorRequest): Pick<EndpointInput, 'FeaturesAttribute'> {
  return path ? { FeaturesAttribute: path } : {};
}

function isBinary(request: MonitorRequest): boolean {
  return request.problem_type === 'BinaryClassification';
}

function output(request: MonitorRequest, folder: string): MonitoringOutputConfig {
  return {
    MonitoringOutputs: [
      {
        S3Output: {
          S3Uri: `s3://${request.monitoring_output_location}`,
          LocalPath: `${OUTPUT}/${folder}`,
          S3UploadMode: 'EndOfJob',
        },
      },
    ],
    ...(request.kms_key_arn ? { KmsKeyId: request.kms_key_arn } : {}),
  };
}

function resources(request: MonitorRequest): MonitoringResources {
  const { instance_type: type, kms_key_arn: key } = request;
  return {
    ClusterConfig: {
      InstanceCount: 1,
      InstanceType: type as NonNullable<MonitoringResources['ClusterConfig']>['InstanceType'],
      VolumeSizeInGB: request.instance_volume_size,
      ...(key && mayEncryptVolume(type) ? { VolumeKmsKeyId: key } : {}),
    },
  };
}

/** The provider's default tags do not reach Cloud Control. */
function tagsOf({ tags }: ModelMonitorArgs): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));
}
