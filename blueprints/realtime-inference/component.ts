/** The Pulumi component of a real-time inference pipeline: a SageMaker endpoint behind `POST /inference`. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { primaryContainer } from '../shared/aws/model-source.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import type { RealtimeInferenceArgs } from './args.ts';
import { createInferenceApi } from './api.ts';
import { createAutoscaling } from './autoscaling.ts';
import { capturesData, createEndpointConfig } from './endpoint-config.ts';
import { createInferenceFunction } from './function.ts';
import { createGuardrails } from './guardrails.ts';
import { createExecutionRole } from './roles.ts';

/**
 * Serves one model on one instance, captures every request and answer, and lets callers in through a signed HTTP call.
 *
 * An update never takes the endpoint down: model and endpoint configuration are created under new names, the endpoint is
 * moved to them (SageMaker shifts the traffic), and only then the old ones are deleted.
 *
 * ```ts
 * new RealtimeInference('churn', {
 *   place,
 *   model: { image: '111111111111.dkr.ecr.us-east-1.amazonaws.com/churn:1', modelDataUrl: 's3://assets/churn/model.tar.gz' },
 *   instanceType: 'ml.m5.large',
 *   dataCaptureLocation: 'my-bucket/capture',
 *   allowDetailedErrorMessage: false,
 * }, { provider });
 * ```
 */
export class RealtimeInference extends pulumi.ComponentResource {
  readonly modelName: pulumi.Output<string>;
  readonly endpointConfigName: pulumi.Output<string>;
  readonly endpointName: pulumi.Output<string>;
  /** Takes `POST` with an AWS signature (SigV4, service `execute-api`). */
  readonly inferenceUrl: pulumi.Output<string>;
  readonly executionRoleArn: pulumi.Output<string>;
  readonly inferenceFunctionName: pulumi.Output<string>;
  readonly inferenceRoleArn: pulumi.Output<string>;
  /** `s3://…` below which captured data of this endpoint is found. None where serverless. */
  readonly dataCaptureLocation: pulumi.Output<string> | undefined;

  /** @param name prefix of all names: letters, digits and inner hyphens, at most `NAME_LIMIT` characters (endpoint-name.ts) */
  constructor(name: string, args: RealtimeInferenceArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:realtime-inference:RealtimeInference', name, {}, options);
    const inside: pulumi.CustomResourceOptions = { parent: this };

    const execution = createExecutionRole(name, args, inside);
    const model = createModel(name, args, execution, inside);
    const endpointConfig = createEndpointConfig(name, args, model, inside);
    const deployment = createGuardrails(name, args.endpoint ?? {}, args.endpointName, inside);
    const endpoint = createEndpoint(name, args, endpointConfig, deployment, inside);
    createAutoscaling(name, args.endpoint ?? {}, endpoint, inside);
    const inference = createInferenceFunction(name, args, endpoint, inside);
    const api = createInferenceApi(name, inference.function, inside);

    this.modelName = model.name;
    this.endpointConfigName = endpointConfig.name;
    this.endpointName = endpoint.name;
    this.inferenceUrl = api.inferenceUrl;
    this.executionRoleArn = execution.role.arn;
    this.inferenceFunctionName = inference.function.name;
    this.inferenceRoleArn = inference.role.arn;
    this.dataCaptureLocation = capturesData(args)
      ? pulumi.interpolate`s3://${args.dataCaptureLocation}/${endpoint.name}/`
      : undefined;
    this.registerOutputs({
      modelName: this.modelName,
      endpointConfigName: this.endpointConfigName,
      endpointName: this.endpointName,
      inferenceUrl: this.inferenceUrl,
      executionRoleArn: this.executionRoleArn,
      inferenceFunctionName: this.inferenceFunctionName,
      inferenceRoleArn: this.inferenceRoleArn,
      dataCaptureLocation: this.dataCaptureLocation,
    });
  }
}

function createModel(
  name: string,
  args: RealtimeInferenceArgs,
  execution: ServiceRole,
  options: pulumi.CustomResourceOptions,
): aws.sagemaker.Model {
  return new aws.sagemaker.Model(
    `${name}-model`,
    {
      executionRoleArn: execution.role.arn,
      primaryContainer: primaryContainer(args.model),
      ...(args.modelName ? { tags: { model_name: args.modelName } } : {}),
    },
    // SageMaker reads the artifact when the model is created, with the permissions of the role.
    { ...options, dependsOn: [execution.policy] },
  );
}

function createEndpoint(
  name: string,
  args: RealtimeInferenceArgs,
  config: aws.sagemaker.EndpointConfiguration,
  deploymentConfig: aws.types.input.sagemaker.EndpointDeploymentConfig | undefined,
  options: pulumi.CustomResourceOptions,
): aws.sagemaker.Endpoint {
  return new aws.sagemaker.Endpoint(
    `${name}-endpoint`,
    {
      endpointConfigName: config.name,
      ...(args.endpointName ? { name: args.endpointName } : {}),
      ...(deploymentConfig ? { deploymentConfig } : {}),
      ...(args.modelName ? { tags: { 'endpoint-name': `${args.modelName}-endpoint` } } : {}),
    },
    // Given a name, the provider would delete before it creates. Another name replaces an endpoint, and both can live; so do
    // other alarms, and then SageMaker refuses the second of the name, which is better than to be without the first.
    { ...options, deleteBeforeReplace: false },
  );
}
