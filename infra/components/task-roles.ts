/** Permissions of the tasks, and those that ECS needs to start them. */
import * as pulumi from '@pulumi/pulumi';
import { parseEcrImage } from '../../blueprints/shared/aws/ecr-image.ts';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { Statement } from '../../blueprints/shared/aws/policies.ts';
import { policy, trustOf } from '../../blueprints/shared/aws/policies.ts';
import { createServiceRole } from '../../blueprints/shared/aws/roles.ts';
import { pullImage } from '../../blueprints/shared/aws/statements.ts';
import { CONFIG_OBJECTS } from './config-events.ts';
import { childOf } from './options.ts';
import type { PermissionScope } from './permission-scope.ts';

export interface TaskRolesArgs {
  place: Place;
  image: pulumi.Input<string>;
  logGroupArn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  /** ARNs of secrets by environment variable. */
  secrets: Readonly<Record<string, pulumi.Input<string>>>;
  /** Beyond the service's own resources, it contains only deployment roles and the organization. */
  scope: PermissionScope;
  queueArn: pulumi.Input<string>;
  /** Bucket of the pipelines' state; none with Pulumi Cloud. */
  stateBucketArn: pulumi.Input<string> | undefined;
  /** CodeCommit repository, if any. */
  repositoryArn: string | undefined;
}

export class TaskRoles extends pulumi.ComponentResource {
  readonly taskRoleArn: pulumi.Output<string>;
  readonly executionRoleArn: pulumi.Output<string>;
  /** Tasks start once these are in force. */
  readonly policies: readonly pulumi.Resource[];

  constructor(name: string, args: TaskRolesArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:TaskRoles', name, {}, options);
    const trust = trustOf('ecs-tasks.amazonaws.com', args.place.accountId);
    const task = createServiceRole(
      `${name}-task`,
      {
        description: 'MLOps: the orchestrator. Deploys only through the deployment roles that it may assume.',
        trust,
        policy: pulumi.output(taskStatements(args)).apply((statements) => policy(...statements)),
      },
      childOf(this),
    );
    const execution = createServiceRole(
      `${name}-execution`,
      {
        description: 'MLOps: starts tasks of the orchestrator',
        trust,
        policy: pulumi.output(executionStatements(args)).apply((statements) => policy(...statements)),
      },
      childOf(this),
    );
    this.taskRoleArn = task.role.arn;
    this.executionRoleArn = execution.role.arn;
    this.policies = [task.policy, execution.policy];
    this.registerOutputs({ taskRoleArn: this.taskRoleArn });
  }
}

type Statements = pulumi.Input<Statement[]>;

/** What the service sends with its own credentials; tests/environments/task-calls.ts lists it, command by command. */
function taskStatements({ place, scope, queueArn, stateBucketArn, keyArn, repositoryArn }: TaskRolesArgs): Statements {
  const { deploymentRoleArns, fenceRoleArns, externalId, topicArn, configBuckets, memberAccountIds } = scope;
  return pulumi
    .all([
      pulumi
        .all([pulumi.all(deploymentRoleArns), pulumi.all(fenceRoleArns), externalId])
        .apply(([roles, fences, id]) => [assume('Deploy', roles, id), assume('Fence', fences, id)]),
      topicArn === undefined ? [] : pulumi.output(topicArn).apply(notify),
      pulumi.output(queueArn).apply(takeEvents),
      pulumi.output(configBuckets).apply((buckets) => readConfigFiles(place, buckets)),
      pulumi.output(stateBucketArn).apply((bucket) => (bucket === undefined ? [] : keepState(bucket))),
      pulumi.output(keyArn).apply((key) => useKey(place, key, stateBucketArn === undefined ? ['sns'] : ['s3', 'sns'])),
      pulumi.all(memberAccountIds).apply((ids) => lookUpOrganization(place, ids)),
      repositoryArn === undefined ? [] : readCommits(repositoryArn),
    ])
    .apply((statements) => statements.flat());
}

function assume(Sid: string, roleArns: readonly string[], externalId: string): Statement {
  return {
    Sid,
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Resource: [...new Set(roleArns)],
    Condition: { StringEquals: { 'sts:ExternalId': externalId } },
  };
}

function notify(topicArn: string): Statement[] {
  return [{ Sid: 'Notify', Effect: 'Allow', Action: 'sns:Publish', Resource: topicArn }];
}

function takeEvents(queueArn: string): Statement[] {
  const Action = ['sqs:DeleteMessage', 'sqs:ReceiveMessage'];
  return [{ Sid: 'TakeEvents', Effect: 'Allow', Action, Resource: queueArn }];
}

/** Exactly the version in the event. Without permission to list the bucket, a missing object is answered with AccessDenied. */
function readConfigFiles({ partition }: Place, buckets: readonly string[]): Statement[] {
  const arns = buckets.map((bucket) => `arn:${partition}:s3:::${bucket}`);
  return [
    {
      Sid: 'ReadConfigFiles',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:GetObjectVersion'],
      Resource: arns.flatMap((bucket) => CONFIG_OBJECTS.flatMap((key) => [`${bucket}/${key}`, `${bucket}/*/${key}`])),
    },
    { Sid: 'FindConfigFiles', Effect: 'Allow', Action: 's3:ListBucket', Resource: arns },
  ];
}

/** The Pulumi CLI runs as a child process of the service, with its credentials. */
function keepState(bucket: string): Statement[] {
  const Action = ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'];
  return [
    { Sid: 'KeepState', Effect: 'Allow', Action, Resource: `${bucket}/*` },
    { Sid: 'ListState', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
  ];
}

/** For the encrypted topic and state only: the service does not access the other things that the key encrypts. */
function useKey({ region, dnsSuffix }: Place, key: string, services: readonly string[]): Statement[] {
  return [
    {
      Sid: 'UseKey',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: key,
      Condition: { StringEquals: { 'kms:ViaService': services.map((one) => `${one}.${region}.${dnsSuffix}`) } },
    },
  ];
}

/**
 * From an account up through the units above it. ARNs of an organization contain its management account, which is not known here.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
 */
function lookUpOrganization({ partition }: Place, accountIds: readonly string[]): Statement[] {
  if (accountIds.length === 0) return [];
  const organizations = `arn:${partition}:organizations::*`;
  return [
    {
      Sid: 'FindUnits',
      Effect: 'Allow',
      Action: 'organizations:ListParents',
      Resource: [
        ...[...new Set(accountIds)].map((id) => `${organizations}:account/o-*/${id}`),
        `${organizations}:ou/o-*/ou-*`,
      ],
    },
    // Does not support resources: an account is in one organization only.
    { Sid: 'LookAtOrganization', Effect: 'Allow', Action: 'organizations:DescribeOrganization', Resource: '*' },
  ];
}

function readCommits(repositoryArn: string): Statement[] {
  const Action = ['codecommit:GetBranch', 'codecommit:GetFile'];
  return [{ Sid: 'ReadCommits', Effect: 'Allow', Action, Resource: repositoryArn }];
}

function executionStatements({ place, image, logGroupArn, keyArn, secrets }: TaskRolesArgs): Statements {
  return pulumi
    .all([image, logGroupArn, keyArn, pulumi.all(Object.values(secrets))])
    .apply(([uri, logGroup, key, secretArns]): Statement[] => [
      ...pullOf(uri, place),
      {
        Sid: 'WriteLogs',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${logGroup}:log-stream:*`,
      },
      { Sid: 'ReadSecrets', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: [...secretArns] },
      {
        Sid: 'DecryptSecrets',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: key,
        Condition: {
          StringEquals: { 'kms:ViaService': `secretsmanager.${place.region}.${place.dnsSuffix}` },
        },
      },
    ]);
}

/** Pulling an image from a registry other than ECR needs no permissions. */
function pullOf(uri: string, place: Place): Statement[] {
  const found = parseEcrImage(uri);
  if (!found) return [];
  return pullImage(`arn:${place.partition}:ecr:${found.region}:${found.accountId}:repository/${found.repository}`);
}
