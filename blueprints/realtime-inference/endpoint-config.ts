/** The endpoint configuration: instances, data capture, and the location of asynchronous responses. */
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { mayEncryptVolume } from '../shared/aws/volume-encryption.ts';
import type { RealtimeInferenceArgs } from './args.ts';
import type { Asynchronous, EndpointSettings } from './endpoint-settings.ts';

/** The name of the one variant; autoscaling, alarms and monitors refer to it, so it never changes. */
export const VARIANT = 'AllTraffic';

/** SageMaker captures no data of a serverless endpoint. @see https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html */
export function capturesData({ endpoint }: Pick<RealtimeInferenceArgs, 'endpoint'>): boolean {
  return endpoint?.serverless === undefined;
}

/** Every change creates a new one under a new name before the old one is deleted: the endpoint is updated in between. */
export function createEndpointConfig(
  name: string,
  args: RealtimeInferenceArgs,
  model: aws.sagemaker.Model,
  options: pulumi.CustomResourceOptions,
): aws.sagemaker.EndpointConfiguration {
  const captures = capturesData(args);
  const { asynchronous } = args.endpoint ?? {};
  return new aws.sagemaker.EndpointConfiguration(
    `${name}-endpoint-config`,
    {
      productionVariants: [
        {
          variantName: VARIANT,
          modelName: model.name,
          ...capacity(args.instanceType, args.endpoint ?? {}),
          initialVariantWeight: 1,
        },
      ],
      ...(captures ? { dataCaptureConfig: dataCapture(args) } : {}),
      ...(asynchronous ? { asyncInferenceConfig: asyncInference(asynchronous, args.kmsKeyArn) } : {}),
      ...(captures && args.kmsKeyArn && mayEncryptVolume(args.instanceType) ? { kmsKeyArn: args.kmsKeyArn } : {}),
      ...(args.modelName ? { tags: { 'endpoint-config-name': `${args.modelName}-endpoint-config` } } : {}),
    },
    options,
  );
}

type Variant = aws.types.input.sagemaker.EndpointConfigurationProductionVariant;

function capacity(instanceType: string, { serverless, autoscaling, instanceCount }: EndpointSettings): Variant {
  if (serverless) {
    return {
      serverlessConfig: {
        memorySizeInMb: serverless.memorySizeInMb,
        maxConcurrency: serverless.maxConcurrency,
        ...(serverless.provisionedConcurrency ? { provisionedConcurrency: serverless.provisionedConcurrency } : {}),
      },
    };
  }
  return { instanceType, initialInstanceCount: instanceCount ?? Math.max(autoscaling?.minCapacity ?? 1, 1) };
}

function dataCapture(args: RealtimeInferenceArgs): aws.types.input.sagemaker.EndpointConfigurationDataCaptureConfig {
  return {
    enableCapture: true,
    initialSamplingPercentage: 100,
    destinationS3Uri: `s3://${args.dataCaptureLocation}`,
    captureOptions: [{ captureMode: 'Output' }, { captureMode: 'Input' }],
    // Anything else is captured as base64, which no monitor reads.
    captureContentTypeHeader: {
      csvContentTypes: ['text/csv'],
      jsonContentTypes: ['application/json', 'application/jsonlines'],
    },
    ...(args.kmsKeyArn ? { kmsKeyId: args.kmsKeyArn } : {}),
  };
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceOutputConfig.html */
function asyncInference(
  asynchronous: Asynchronous,
  kmsKeyArn: string | undefined,
): aws.types.input.sagemaker.EndpointConfigurationAsyncInferenceConfig {
  const { successTopicArn: successTopic, errorTopicArn: errorTopic } = asynchronous;
  const { maxConcurrentInvocationsPerInstance, failureLocation } = asynchronous;
  return {
    ...(maxConcurrentInvocationsPerInstance ? { clientConfig: { maxConcurrentInvocationsPerInstance } } : {}),
    outputConfig: {
      s3OutputPath: `s3://${asynchronous.outputLocation}`,
      ...(failureLocation ? { s3FailurePath: `s3://${failureLocation}` } : {}),
      ...(kmsKeyArn ? { kmsKeyId: kmsKeyArn } : {}),
      ...(successTopic || errorTopic
        ? {
            notificationConfig: { ...(successTopic ? { successTopic } : {}), ...(errorTopic ? { errorTopic } : {}) },
          }
        : {}),
    },
  };
}
