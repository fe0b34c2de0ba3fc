/** The HTTP API: `POST /inference`, signed callers only, every access logged. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

const STAGE = 'prod';
const ROUTE = 'POST /inference';
const LOG_RETENTION_DAYS = 30;

/**
 * All APIs of an account and region share 10,000 requests a second: none of ours may use them up, and one instance behind one
 * function serves fewer than this anyway.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */
const THROTTLING = { throttlingRateLimit: 1000, throttlingBurstLimit: 500 };

/**
 * The gateway lists every other log group in one policy of the account that holds 5,120 characters: full after some twenty
 * pipelines. Groups below this prefix share one entry.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
 */
const ACCESS_LOG_PREFIX = '/aws/vendedlogs/apigateway/';

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  ip: '$context.identity.sourceIp',
  caller: '$context.identity.caller',
  user: '$context.identity.user',
  requestTime: '$context.requestTime',
  httpMethod: '$context.httpMethod',
  routeKey: '$context.routeKey',
  status: '$context.status',
  protocol: '$context.protocol',
  responseLength: '$context.responseLength',
  integrationError: '$context.integrationErrorMessage',
});

/** @returns the URL for `POST`, with an AWS signature for the service `execute-api` */
export function createInferenceApi(
  name: string,
  fn: aws.lambda.Function,
  options: pulumi.CustomResourceOptions,
): { inferenceUrl: pulumi.Output<string> } {
  const api = new aws.apigatewayv2.Api(
    `${name}-api`,
    { protocolType: 'HTTP', description: `Real-time inference of ${name}` },
    options,
  );
  const integration = new aws.apigatewayv2.Integration(
    `${name}-api-integration`,
    {
      apiId: api.id,
      integrationType: 'AWS_PROXY',
      integrationUri: fn.arn,
      payloadFormatVersion: '2.0',
    },
    options,
  );
  const route = new aws.apigatewayv2.Route(
    `${name}-api-route`,
    {
      apiId: api.id,
      routeKey: ROUTE,
      target: pulumi.interpolate`integrations/${integration.id}`,
      authorizationType: 'AWS_IAM',
    },
    options,
  );
  const accessLog = new aws.cloudwatch.LogGroup(
    `${name}-api-access-log`,
    // A name that is known before the group is made lets a killed deployment find it again; the API's id makes it the only one.
    { name: pulumi.interpolate`${ACCESS_LOG_PREFIX}${name}-${api.id}`, retentionInDays: LOG_RETENTION_DAYS },
    options,
  );
  const stage = new aws.apigatewayv2.Stage(
    `${name}-api-stage`,
    {
      apiId: api.id,
      name: STAGE,
      autoDeploy: true,
      defaultRouteSettings: THROTTLING,
      accessLogSettings: { destinationArn: accessLog.arn, format: ACCESS_LOG },
    },
    { ...options, dependsOn: [route] },
  );
  new aws.lambda.Permission(
    `${name}-api-permission`,
    {
      action: 'lambda:InvokeFunction',
      function: fn.name,
      principal: 'apigateway.amazonaws.com',
      sourceArn: pulumi.interpolate`${api.executionArn}/${STAGE}/POST/inference`,
    },
    options,
  );
  return { inferenceUrl: pulumi.interpolate`${api.apiEndpoint}/${stage.name}/inference` };
}
