/** Permissions of the endpoint's containers and of the inference function. */
import type * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { containerAccess, readModel, readObjects, useKey, writeLog, writeObjects } from '../shared/aws/statements.ts';
import type { PolicyDocument, Statement } from '../shared/aws/policies.ts';
import { literal, policy, trustOf } from '../shared/aws/policies.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import { createServiceRole } from '../shared/aws/roles.ts';
import type { RealtimeInferenceArgs } from './args.ts';
import { capturesData } from './endpoint-config.ts';
import { ownAlarmNames } from './endpoint-name.ts';

/** The role of the model: read the image and the artifact, write captured data, logs and metrics. */
export function createExecutionRole(
  name: string,
  args: RealtimeInferenceArgs,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  return createServiceRole(
    `${name}-execution`,
    {
      description: `Model and endpoint of ${name}`,
      trust: trustOf('sagemaker.amazonaws.com', args.place.accountId),
      policy: executionPolicy(name, args),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}

/** The role of the inference function: invoke this endpoint, write its own log. */
export function createInferenceRole(
  name: string,
  args: RealtimeInferenceArgs,
  endpoint: aws.sagemaker.Endpoint,
  logGroup: aws.cloudwatch.LogGroup,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  return createServiceRole(
    `${name}-inference`,
    {
      description: `Inference function of ${name}`,
      trust: trustOf('lambda.amazonaws.com'),
      policy: pulumi.all([endpoint.arn, logGroup.arn]).apply(([endpointArn, logGroupArn]) =>
        policy(
          {
            Sid: 'InvokeEndpoint',
            Effect: 'Allow',
            Action: args.endpoint?.asynchronous ? 'sagemaker:InvokeEndpointAsync' : 'sagemaker:InvokeEndpoint',
            Resource: endpointArn,
          },
          writeLog(logGroupArn),
        ),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}

/** Everything that a model container and SageMaker on its behalf need, resource by resource. */
function executionPolicy(name: string, args: RealtimeInferenceArgs): PolicyDocument {
  return policy(
    ...readModel(args.model, args.place),
    capturesData(args)
      ? {
          Sid: 'WriteCapturedData',
          Effect: 'Allow',
          Action: 's3:PutObject',
          Resource: `arn:${args.place.partition}:s3:::${literal(args.dataCaptureLocation)}/*`,
        }
      : undefined,
    ...answerAsynchronously(args),
    writeLogs(name, args),
    {
      // CloudWatch has no resources to name for metrics; the namespace is the bound.
      Sid: 'WriteMetrics',
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': ['/aws/sagemaker/Endpoints', 'AWS/SageMaker'] } },
    },
    lookAtAlarms(args),
    ...containerAccess(args.place),
    ...(args.kmsKeyArn ? useKey(args.kmsKeyArn) : []),
  );
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html */
function answerAsynchronously({ place, endpoint }: RealtimeInferenceArgs): Statement[] {
  const { asynchronous } = endpoint ?? {};
  if (!asynchronous) return [];
  const [bucket = '', ...prefix] = asynchronous.inputLocation.split('/');
  const topics = [asynchronous.successTopicArn, asynchronous.errorTopicArn].filter((topic) => topic !== undefined);
  return [
    ...readObjects('Payloads', place, bucket, [prefix.map((part) => `${part}/`).join('')]),
    writeObjects('Answers', place, asynchronous.outputLocation),
    ...(asynchronous.failureLocation ? [writeObjects('Failures', place, asynchronous.failureLocation)] : []),
    ...(topics.length > 0 ? [tellTopics(topics)] : []),
  ];
}

function tellTopics(topicArns: readonly string[]): Statement {
  return { Sid: 'TellOfAnswers', Effect: 'Allow', Action: 'sns:Publish', Resource: [...new Set(topicArns)] };
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html */
function lookAtAlarms({ place, endpoint, endpointName }: RealtimeInferenceArgs): Statement | undefined {
  if (!endpoint?.deployment) return undefined;
  const names = endpoint.deployment.alarms?.map(literal) ?? ownAlarmNames(endpointName ?? '');
  return {
    Sid: 'LookAtAlarms',
    Effect: 'Allow',
    Action: 'cloudwatch:DescribeAlarms',
    Resource: names.map((name) => `arn:${place.partition}:cloudwatch:${place.region}:${place.accountId}:alarm:${name}`),
  };
}

/** The endpoint needs the role, so its generated name is not known here: the random part is a wildcard. */
function writeLogs(name: string, { place, endpointName }: RealtimeInferenceArgs): Statement {
  const group = `/aws/sagemaker/Endpoints/${endpointName ?? `${name}-endpoint-*`}`;
  const arn = `arn:${place.partition}:logs:${place.region}:${place.accountId}:log-group:${group}`;
  return {
    Sid: 'WriteLogs',
    Effect: 'Allow',
    Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    Resource: [arn, `${arn}:log-stream:*`],
  };
}
