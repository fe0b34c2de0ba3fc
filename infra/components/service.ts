/** The service on Fargate: API tasks and worker tasks, each scaled by its own load. */
import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import type { Settings, TaskRange } from '../config.ts';
import { scaleByCpu, scaleByQueue } from './autoscaling.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import { SERVICE_PORT } from './network.ts';
import { childOf, remoteChildOf } from './options.ts';
import type { SignInBalancer } from './sign-in.ts';
import type { TaskRoles } from './task-roles.ts';
import type { WorkMetrics } from './work-metrics.ts';

/**
 * Sizes. A stack operation is one Node child process with the CLI and the AWS provider, 600 MB at most. API tasks run previews
 * and history; workers run as many operations as fit into half of their memory.
 * @see docs/architecture.md
 */
const SIZES = {
  api: { cpu: 1024, memory: 2048, concurrency: 2 },
  worker: { cpu: 2048, memory: 8192, concurrency: 6 },
} as const;
/** For state files, temporary files of plugins, and archives of Lambda bundles. */
const EPHEMERAL_GIB = 21;
/** The maximum that ECS waits after SIGTERM: an operation saves its state in that time, and another worker resumes it. */
const STOP_SECONDS = 120;
const CONTAINER = 'service';
const HEALTH_CHECK = `fetch('http://127.0.0.1:${SERVICE_PORT}/healthz').then((answer)=>process.exit(answer.ok?0:1),()=>process.exit(1))`;

export interface ServiceArgs {
  image: pulumi.Input<string>;
  network: Network;
  balancer: LoadBalancer;
  /** Undefined: nobody signs in. */
  signIn?: SignInBalancer | undefined;
  roles: TaskRoles;
  /**
   * What tasks connect to at their start. A cluster without an instance refuses connections: tasks would fail their health
   * checks, and the deployment circuit breaker the whole update.
   */
  databaseInstances: readonly pulumi.Resource[];
  logGroupName: pulumi.Input<string>;
  region: string;
  /** Environment variables of both kinds. */
  settings: Readonly<Record<string, pulumi.Input<string>>>;
  /** ARNs of secrets by variable. */
  secrets: Readonly<Record<string, pulumi.Input<string>>>;
  tasks: Settings['tasks'];
  metrics: WorkMetrics;
}

export class Service extends pulumi.ComponentResource {
  readonly clusterName: pulumi.Output<string>;
  readonly apiServiceName: pulumi.Output<string>;
  readonly workerServiceName: pulumi.Output<string>;

  constructor(name: string, args: ServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Service', name, {}, options);
    const cluster = new aws.ecs.Cluster(
      name,
      // Scaling by the queue divides by the number of running tasks, which Container Insights counts.
      { settings: [{ name: 'containerInsights', value: 'enabled' }] },
      childOf(this),
    );
    const api = createService(`${name}-api`, 'api', cluster, args, this, {
      loadBalancers: balancersOf(args).map(({ targetGroupArn }) => ({
        targetGroupArn,
        containerName: CONTAINER,
        containerPort: SERVICE_PORT,
      })),
      healthCheckGracePeriodSeconds: 120,
    });
    const worker = createService(`${name}-worker`, 'worker', cluster, args, this, {});
    const place = { clusterName: cluster.name };
    scaleByCpu(`${name}-api`, { ...place, serviceName: api.name, range: args.tasks.api }, this);
    const workers = { ...place, serviceName: worker.name, range: args.tasks.worker };
    scaleByQueue(`${name}-worker`, { ...workers, metrics: args.metrics, perTask: SIZES.worker.concurrency }, this);
    this.clusterName = cluster.name;
    this.apiServiceName = api.name;
    this.workerServiceName = worker.name;
    this.registerOutputs({ clusterName: this.clusterName });
  }
}

function balancersOf({ balancer, signIn }: ServiceArgs): (LoadBalancer | SignInBalancer)[] {
  return signIn ? [balancer, signIn] : [balancer];
}

function createService(
  name: string,
  role: 'api' | 'worker',
  cluster: aws.ecs.Cluster,
  args: ServiceArgs,
  parent: pulumi.Resource,
  more: Pick<awsx.ecs.FargateServiceArgs, 'loadBalancers' | 'healthCheckGracePeriodSeconds'>,
): pulumi.Output<aws.ecs.Service> {
  const { network, roles, tasks } = args;
  const range: TaskRange = tasks[role];
  return new awsx.ecs.FargateService(
    name,
    {
      cluster: cluster.arn,
      desiredCount: range.min,
      networkConfiguration: {
        subnets: network.privateSubnetIds,
        securityGroups: [network.groups.service],
        assignPublicIp: false,
      },
      // If a version does not start, the previous one stays in service.
      deploymentCircuitBreaker: { enable: true, rollback: true },
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      propagateTags: 'SERVICE',
      enableEcsManagedTags: true,
      ...more,
      taskDefinitionArgs: taskDefinition(name, role, args),
    },
    {
      ...remoteChildOf(parent),
      dependsOn: [...balancersOf(args).map(({ ready }) => ready), ...roles.policies, ...args.databaseInstances],
      // Autoscaling sets the number of tasks between deployments; a deployment must not reset it to the minimum.
      transforms: [
        ({ type, props, opts }) => (type === 'aws:ecs/service:Service' ? { props, opts: keepCount(opts) } : undefined),
      ],
    },
  ).service;
}

function keepCount(options: pulumi.ResourceOptions): pulumi.ResourceOptions {
  const { ignoreChanges = [] } = options as pulumi.CustomResourceOptions;
  return { ...options, ignoreChanges: [...ignoreChanges, 'desiredCount'] };
}

function taskDefinition(
  name: string,
  role: 'api' | 'worker',
  args: ServiceArgs,
): awsx.types.input.ecs.FargateServiceTaskDefinitionArgs {
  const { cpu, memory, concurrency } = SIZES[role];
  const settings = { ...args.settings, SERVICE_ROLE: role, WORKER_CONCURRENCY: String(concurrency) };
  return {
    family: name,
    cpu: String(cpu),
    memory: String(memory),
    ephemeralStorage: { sizeInGib: EPHEMERAL_GIB },
    taskRole: { roleArn: args.roles.taskRoleArn },
    executionRole: { roleArn: args.roles.executionRoleArn },
    logGroup: { skip: true },
    volumes: [{ name: 'tmp' }],
    container: {
      name: CONTAINER,
      image: args.image,
      essential: true,
      readonlyRootFilesystem: true,
      mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false }],
      portMappings: [{ containerPort: SERVICE_PORT, protocol: 'tcp' }],
      // The init process reaps orphaned child processes and forwards signals.
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
      stopTimeout: STOP_SECONDS,
      healthCheck: {
        command: ['CMD', 'node', '-e', HEALTH_CHECK],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 60,
      },
      environment: byName(settings).map(([variable, value]) => ({ name: variable, value })),
      secrets: byName(args.secrets).map(([variable, valueFrom]) => ({ name: variable, valueFrom })),
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': args.logGroupName,
          'awslogs-region': args.region,
          'awslogs-stream-prefix': role,
          // A log that cannot be written must not block the service.
          mode: 'non-blocking',
        },
      },
    },
  };
}

/** Sorted, so that the same settings yield the same task definition. */
function byName<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
}
