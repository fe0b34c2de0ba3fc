/**
 * The way of people with a browser to the web console: a load balancer that signs them in with OpenID Connect, beside the
 * gateway for signed requests. It forwards to the same tasks, which verify its signature (api/sign-in).
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
 */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { SignInSettings } from '../sign-in-schema.ts';
import { DRAIN_SECONDS, HEALTH_CHECK, TLS_POLICY } from './load-balancer.ts';
import type { Network } from './network.ts';
import { SERVICE_PORT } from './network.ts';
import { childOf } from './options.ts';

const HTTPS = 443;
/**
 * Pages that people open. Everything else is called by these pages: a redirect to the identity provider would be of no use
 * to them, so it is answered 401 once the session has ended. A rule takes at most five patterns.
 */
const PAGES = ['/', '/console', '/console/*', '/docs', '/docs/*'];
/** A working day; the load balancer refreshes the tokens meanwhile, so that a person who was removed is out earlier. */
const SESSION_SECONDS = 8 * 3600;

export interface SignInBalancerArgs {
  network: Network;
  settings: SignInSettings;
  clientSecret: pulumi.Input<string>;
}

export class SignInBalancer extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** For the operator's DNS record. */
  readonly dnsName: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  /** A service can be registered with the target group once a listener forwards to it. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: SignInBalancerArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:SignInBalancer', name, {}, options);
    const { network, settings } = args;
    const securityGroupId = createGroup(name, args, this);
    const balancer = new aws.lb.LoadBalancer(
      name,
      {
        loadBalancerType: 'application',
        internal: settings.internal,
        subnets: subnetsOf(settings, network),
        securityGroups: [securityGroupId],
        dropInvalidHeaderFields: true,
      },
      childOf(this),
    );
    // A target group belongs to one load balancer.
    const targetGroup = new aws.lb.TargetGroup(
      name,
      {
        port: SERVICE_PORT,
        protocol: 'HTTP',
        targetType: 'ip',
        vpcId: network.vpcId,
        deregistrationDelay: DRAIN_SECONDS,
        healthCheck: HEALTH_CHECK,
      },
      childOf(this),
    );
    const actions = (onUnauthenticatedRequest: 'authenticate' | 'deny') => [
      { type: 'authenticate-oidc', order: 1, authenticateOidc: { ...provider(args), onUnauthenticatedRequest } },
      { type: 'forward', order: 2, targetGroupArn: targetGroup.arn },
    ];
    const listener = new aws.lb.Listener(
      name,
      {
        loadBalancerArn: balancer.arn,
        port: HTTPS,
        protocol: 'HTTPS',
        sslPolicy: TLS_POLICY,
        certificateArn: settings.certificateArn,
        defaultActions: actions('deny'),
      },
      childOf(this),
    );
    new aws.lb.ListenerRule(
      `${name}-pages`,
      {
        listenerArn: listener.arn,
        priority: 1,
        conditions: [{ pathPattern: { values: PAGES } }],
        actions: actions('authenticate'),
      },
      childOf(this),
    );
    this.arn = balancer.arn;
    this.dnsName = balancer.dnsName;
    this.targetGroupArn = targetGroup.arn;
    this.ready = listener;
    this.registerOutputs({ dnsName: this.dnsName });
  }
}

function provider({ settings, clientSecret }: SignInBalancerArgs) {
  const { issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint, clientId, scope } = settings;
  return {
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    userInfoEndpoint,
    clientId,
    clientSecret: pulumi.secret(clientSecret),
    scope,
    sessionTimeout: SESSION_SECONDS,
  };
}

function subnetsOf({ internal, subnetIds }: SignInSettings, network: Network): pulumi.Input<pulumi.Input<string>[]> {
  if (subnetIds.length > 0) return [...subnetIds];
  return internal ? network.privateSubnetIds : network.publicSubnetIds;
}

/** Browsers connect to the load balancer, it to the tasks, and to the identity provider for tokens and claims. */
function createGroup(
  name: string,
  { network, settings }: SignInBalancerArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { id: securityGroupId } = new aws.ec2.SecurityGroup(
    name,
    { vpcId: network.vpcId, description: 'MLOps: the load balancer that signs people in' },
    childOf(parent),
  );
  const https = { ipProtocol: 'tcp', fromPort: HTTPS, toPort: HTTPS };
  const toTasks = { ipProtocol: 'tcp', fromPort: SERVICE_PORT, toPort: SERVICE_PORT };
  for (const cidrIpv4 of settings.cidrs) {
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-from-${cidrIpv4.replace(/[./]/g, '-')}`,
      { ...https, securityGroupId, cidrIpv4, description: 'from browsers' },
      childOf(parent),
    );
  }
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-to-https`,
    { ...https, securityGroupId, cidrIpv4: '0.0.0.0/0', description: 'to the identity provider' },
    childOf(parent),
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-to-service`,
    {
      ...toTasks,
      securityGroupId,
      referencedSecurityGroupId: network.groups.service,
      description: 'to tasks of the service',
    },
    childOf(parent),
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-service-from-sign-in`,
    {
      ...toTasks,
      securityGroupId: network.groups.service,
      referencedSecurityGroupId: securityGroupId,
      description: 'from the load balancer that signs people in',
    },
    childOf(parent),
  );
  return securityGroupId;
}
