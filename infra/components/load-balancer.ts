/** The internal load balancer between API Gateway and the API tasks. */
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../config.ts';
import type { Network } from './network.ts';
import { SERVICE_PORT } from './network.ts';
import { remoteChildOf } from './options.ts';

/** Shorter than ECS waits for a stopping task, so that the task can still answer its requests. */
export const DRAIN_SECONDS = 30;
/** Newer protocol versions and ciphers only. */
export const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

/** Liveness, not readiness: restarting tasks does not help if the database is unavailable. */
export const HEALTH_CHECK = {
  path: '/healthz',
  matcher: '200',
  interval: 15,
  timeout: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
};

/** @returns the port that it listens on. */
export function balancerPort(certificate: Settings['certificate']): number {
  return certificate ? 443 : 80;
}

export interface LoadBalancerArgs {
  network: Network;
  /** Without one, requests are not encrypted between gateway and tasks, which is inside the VPC. */
  certificate: Settings['certificate'];
}

export class LoadBalancer extends pulumi.ComponentResource {
  readonly listenerArn: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  /** Dimensions of its metrics. */
  readonly arnSuffix: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  /** A service can be registered with the target group once a listener forwards to it. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: LoadBalancerArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:LoadBalancer', name, {}, options);
    const { network, certificate } = args;
    const port = balancerPort(certificate);
    const balancer = new awsx.lb.ApplicationLoadBalancer(
      name,
      {
        internal: true,
        subnetIds: network.privateSubnetIds,
        securityGroups: [network.groups.balancer],
        dropInvalidHeaderFields: true,
        listener: certificate
          ? { port, protocol: 'HTTPS', certificateArn: certificate.arn, sslPolicy: TLS_POLICY }
          : { port, protocol: 'HTTP' },
        defaultTargetGroup: {
          port: SERVICE_PORT,
          protocol: 'HTTP',
          targetType: 'ip',
          vpcId: network.vpcId,
          deregistrationDelay: DRAIN_SECONDS,
          healthCheck: HEALTH_CHECK,
        },
      },
      remoteChildOf(this),
    );
    this.listenerArn = balancer.listeners.apply((listeners) => {
      const [listener] = listeners ?? [];
      return listener?.arn ?? pulumi.output(Promise.reject<string>(new Error('the load balancer has no listener')));
    });
    this.targetGroupArn = balancer.defaultTargetGroup.arn;
    this.arnSuffix = balancer.loadBalancer.arnSuffix;
    this.targetGroupArnSuffix = balancer.defaultTargetGroup.arnSuffix;
    this.ready = balancer;
    this.registerOutputs({ listenerArn: this.listenerArn });
  }
}
