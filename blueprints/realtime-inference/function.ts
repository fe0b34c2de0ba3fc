/** The Lambda function between the gateway and the endpoint. */
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { bundleHandler } from '../shared/lambda/lambda-bundle.ts';
import type { RealtimeInferenceArgs } from './args.ts';
import { createInferenceRole } from './roles.ts';

const HANDLER = new URL('./handler.ts', import.meta.url);
/** An HTTP API gives up after 30 s. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const TIMEOUT_SECONDS = 30;
const LOG_RETENTION_DAYS = 30;

/** Makes the function with its role and log, which are there before it runs. */
export function createInferenceFunction(
  name: string,
  args: RealtimeInferenceArgs,
  endpoint: aws.sagemaker.Endpoint,
  options: pulumi.CustomResourceOptions,
): { function: aws.lambda.Function; role: aws.iam.Role } {
  const { asynchronous } = args.endpoint ?? {};
  const logGroup = new aws.cloudwatch.LogGroup(
    `${name}-inference-log`,
    { retentionInDays: LOG_RETENTION_DAYS },
    options,
  );
  const { role, policy } = createInferenceRole(name, args, endpoint, logGroup, options);
  const fn = new aws.lambda.Function(
    `${name}-inference`,
    {
      description: `POST /inference for ${name}`,
      role: role.arn,
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      code: bundleHandler(HANDLER),
      memorySize: 256,
      timeout: TIMEOUT_SECONDS,
      environment: {
        variables: {
          SAGEMAKER_ENDPOINT_NAME: endpoint.name,
          ALLOW_DETAILED_ERROR_MESSAGE: args.allowDetailedErrorMessage ? 'Yes' : 'No',
          ...(asynchronous ? { INPUT_LOCATION: asynchronous.inputLocation } : {}),
        },
      },
      // An explicit log group: the one that Lambda creates automatically never expires, and remains when the stack is deleted.
      loggingConfig: { logFormat: 'JSON', logGroup: logGroup.name },
    },
    { ...options, dependsOn: [policy] },
  );
  return { function: fn, role };
}
