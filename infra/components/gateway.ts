/** The entry point: an HTTP API whose callers sign their requests, over a VPC link to the internal load balancer. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../config.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import { childOf } from './options.ts';

/** Headers between gateway and service (api/middleware/identity.ts). Callers cannot set them: they are overwritten or removed. */
const CALLER = 'header.x-mlops-caller';
const SECRET = 'header.x-mlops-gateway-secret';
/** How a mapping that removes is written. */
const NOTHING = "''";
/** Maximum integration timeout of an HTTP API. Event streams are cut off then, and clients resume them. */
const TIMEOUT_MS = 30_000;
const THROTTLING = { throttlingRateLimit: 100, throttlingBurstLimit: 200 };
const STAGE = '$default';

/** Groups below this prefix share one entry in the account's policy for log delivery. */
const ACCESS_LOG_PREFIX = '/aws/vendedlogs/apigateway/';
/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  ip: '$context.identity.sourceIp',
  caller: '$context.identity.userArn',
  requestTime: '$context.requestTime',
  httpMethod: '$context.httpMethod',
  path: '$context.path',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
});

export interface GatewayArgs {
  network: Network;
  balancer: LoadBalancer;
  certificate: Settings['certificate'];
  /** Secret by which the service recognizes the gateway. Letters and digits only: `$` would begin a variable here. */
  secret: pulumi.Input<string>;
  logRetentionDays: number;
}

export class Gateway extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly apiId: pulumi.Output<string>;
  /** For policies of callers: `execute-api:Invoke` on this. */
  readonly invokeArn: pulumi.Output<string>;

  constructor(name: string, args: GatewayArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Gateway', name, {}, options);
    const api = new aws.apigatewayv2.Api(
      name,
      { protocolType: 'HTTP', description: 'MLOps Workload Orchestrator' },
      childOf(this),
    );
    const link = new aws.apigatewayv2.VpcLink(
      name,
      { subnetIds: args.network.vpcLinkSubnetIds, securityGroupIds: [args.network.groups.gateway] },
      childOf(this),
    );
    const routes = [
      createRoute(`${name}-signed`, 'ANY /{proxy+}', 'AWS_IAM', args, { api, link }, this),
      createRoute(`${name}-webhooks`, 'POST /webhooks/{provider}', 'NONE', args, { api, link }, this),
    ];
    const log = new aws.cloudwatch.LogGroup(
      `${name}-access`,
      { name: pulumi.interpolate`${ACCESS_LOG_PREFIX}${name}-${api.id}`, retentionInDays: args.logRetentionDays },
      childOf(this),
    );
    new aws.apigatewayv2.Stage(
      name,
      {
        apiId: api.id,
        name: STAGE,
        autoDeploy: true,
        defaultRouteSettings: { ...THROTTLING, detailedMetricsEnabled: true },
        accessLogSettings: { destinationArn: log.arn, format: ACCESS_LOG },
      },
      { ...childOf(this), dependsOn: routes },
    );
    this.apiId = api.id;
    this.url = api.apiEndpoint;
    this.invokeArn = pulumi.interpolate`${api.executionArn}/${STAGE}/*/*`;
    this.registerOutputs({ url: this.url });
  }
}

/**
 * A route and its integration with the load balancer. The gateway sets the caller's ARN and its own secret on signed requests,
 * replacing any such headers of the caller. A webhook has no IAM caller: it gets neither, and the service authenticates it.
 */
function createRoute(
  name: string,
  routeKey: string,
  authorizationType: 'AWS_IAM' | 'NONE',
  { balancer, certificate, secret }: GatewayArgs,
  { api, link }: { api: aws.apigatewayv2.Api; link: aws.apigatewayv2.VpcLink },
  parent: pulumi.Resource,
): aws.apigatewayv2.Route {
  const integration = new aws.apigatewayv2.Integration(
    name,
    {
      apiId: api.id,
      integrationType: 'HTTP_PROXY',
      integrationMethod: 'ANY',
      integrationUri: balancer.listenerArn,
      connectionType: 'VPC_LINK',
      connectionId: link.id,
      payloadFormatVersion: '1.0',
      timeoutMilliseconds: TIMEOUT_MS,
      ...(certificate ? { tlsConfig: { serverNameToVerify: certificate.domain } } : {}),
      requestParameters:
        authorizationType === 'AWS_IAM'
          ? { [`overwrite:${CALLER}`]: '$context.identity.userArn', [`overwrite:${SECRET}`]: pulumi.secret(secret) }
          : { [`remove:${CALLER}`]: NOTHING, [`remove:${SECRET}`]: NOTHING },
    },
    childOf(parent),
  );
  return new aws.apigatewayv2.Route(
    name,
    { apiId: api.id, routeKey, authorizationType, target: pulumi.interpolate`integrations/${integration.id}` },
    childOf(parent),
  );
}
