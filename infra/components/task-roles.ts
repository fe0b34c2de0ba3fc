/** What the tasks may do, and what ECS may do to start them. */
import * as pulumi from '@pulumi/pulumi';
import { parseEcrImage } from '../../blueprints/shared/container-image.ts';
import type { Place } from '../../blueprints/shared/place.ts';
import type { Statement } from '../../blueprints/shared/policies.ts';
import { policy, trustOf } from '../../blueprints/shared/policies.ts';
import { createServiceRole } from '../../blueprints/shared/roles.ts';
import { pullImage } from '../../blueprints/shared/statements.ts';
import { DEFAULT_EXTERNAL_ID } from '../environment/deployment-role.ts';
import { childOf } from './options.ts';

export interface TaskRolesArgs {
  place: Place;
  image: pulumi.Input<string>;
  logGroupArn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  /** ARNs of secrets by the variable that they become. */
  secrets: Readonly<Record<string, pulumi.Input<string>>>;
  /** The only rights of the service beyond its own belongings. */
  deploymentRoleArns: readonly string[];
  topicArn: pulumi.Input<string>;
  queueArn: pulumi.Input<string>;
  assetsBucket: pulumi.Input<string>;
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
        description:
          'MLOps: the orchestrator. Deploys through the deployment roles that it may assume, and not by itself.',
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

function taskStatements(args: TaskRolesArgs): Statements {
  const { place, topicArn, queueArn, assetsBucket, stateBucketArn, keyArn } = args;
  return pulumi
    .all([topicArn, queueArn, assetsBucket, keyArn, stateBucketArn ?? ''])
    .apply(([topic, queue, assets, key, state]): Statement[] => [
      {
        Sid: 'Deploy',
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: [...args.deploymentRoleArns],
        Condition: { StringEquals: { 'sts:ExternalId': DEFAULT_EXTERNAL_ID } },
      },
      { Sid: 'Notify', Effect: 'Allow', Action: 'sns:Publish', Resource: topic },
      {
        Sid: 'TakeEvents',
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
        Resource: queue,
      },
      {
        Sid: 'ReadConfigFiles',
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        Resource: `arn:${place.partition}:s3:::${assets}/*`,
      },
      // The topic is encrypted, and so is the state.
      { Sid: 'UseKey', Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: key },
      ...(state === ''
        ? []
        : ([
            {
              Sid: 'KeepState',
              Effect: 'Allow',
              Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
              Resource: `${state}/*`,
            },
            { Sid: 'ListState', Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: state },
          ] satisfies Statement[])),
      ...(args.repositoryArn
        ? [
            {
              Sid: 'ReadCommits',
              Effect: 'Allow' as const,
              Action: ['codecommit:GetBranch', 'codecommit:GetCommit', 'codecommit:GetFile'],
              Resource: args.repositoryArn,
            },
          ]
        : []),
    ]);
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

/** An image elsewhere than in ECR is pulled without rights. */
function pullOf(uri: string, place: Place): Statement[] {
  const found = parseEcrImage(uri);
  if (!found) return [];
  return pullImage(`arn:${place.partition}:ecr:${found.region}:${found.accountId}:repository/${found.repository}`);
}
