/**
 * The same for every command that the service sends with the role of its task, and for what its children do with that role.
 */
import { ACCOUNT, REGION } from '../../blueprints/testing.ts';
import type { Sent } from './call-shapes.ts';
import { ASSETS, NOT_OURS, STRANGER, bucket } from './call-shapes.ts';
import type { Call } from './simulator.ts';

/** Sent with the role of the task. */
export interface TaskCall extends Sent {
  /** Empty where AWS asks for no right; then `because`. */
  may: Call[];
  mayNot: Call[];
  because?: string;
}

/** What the settings of the service name where the table is tried. */
export const TASK = {
  topic: `arn:aws:sns:${REGION}:${ACCOUNT}:mlops-notifications`,
  queue: `arn:aws:sqs:${REGION}:${ACCOUNT}:mlops-config`,
  key: `arn:aws:kms:${REGION}:${ACCOUNT}:key/key-1`,
  state: bucket('mlops-state'),
  repository: `arn:aws:codecommit:${REGION}:${ACCOUNT}:mlops-config`,
  accounts: { dev: '222222222222', staging: '333333333333', prod: '444444444444' },
} as const;

const deploymentRole = (environment: string, account: string) =>
  `arn:aws:iam::${account}:role/mlops-deployment-${environment}`;
const HANDSHAKE = { 'sts:ExternalId': 'mlops' };
const via = (service: string) => ({ 'kms:ViaService': `${service}.${REGION}.amazonaws.com` });
const inOrganization = (kind: string, id: string) => `arn:aws:organizations::${STRANGER}:${kind}/o-abcdefgh12/${id}`;

const ASSUME: Pick<TaskCall, 'may' | 'mayNot'> = {
  may: Object.entries({ main: ACCOUNT, ...TASK.accounts }).flatMap(([environment, account]) =>
    [deploymentRole(environment, account), `${deploymentRole(environment, account)}-fence`].map((role): Call => [
      'sts:AssumeRole',
      role,
      HANDSHAKE,
    ]),
  ),
  mayNot: [
    ['sts:AssumeRole', deploymentRole('dev', TASK.accounts.dev)],
    ['sts:AssumeRole', deploymentRole('dev', TASK.accounts.dev), { 'sts:ExternalId': 'another' }],
    ['sts:AssumeRole', `${deploymentRole('dev', TASK.accounts.dev)}-fence`],
    ['sts:AssumeRole', `${deploymentRole('dev', STRANGER)}-fence`, HANDSHAKE],
    // Only with the fence role.
    ['iam:PutRolePolicy', deploymentRole('main', ACCOUNT)],
    ['sts:AssumeRole', deploymentRole('dev', STRANGER), HANDSHAKE],
    ['sts:AssumeRole', deploymentRole('dev', TASK.accounts.prod), HANDSHAKE],
    ['sts:AssumeRole', `arn:aws:iam::${TASK.accounts.dev}:role/OrganizationAccountAccessRole`, HANDSHAKE],
    ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/admin`, HANDSHAKE],
    ['sts:TagSession', deploymentRole('dev', TASK.accounts.dev), HANDSHAKE],
  ],
};

export const TASK_CALLS: readonly TaskCall[] = [
  { file: 'automation/aws/aws-client.ts', command: 'credential-providers fromTemporaryCredentials', ...ASSUME },
  { file: 'automation/aws/aws-preflight.ts', command: 'client-sts AssumeRoleCommand', ...ASSUME },
  {
    file: 'automation/aws/aws-preflight.ts',
    command: 'client-sts GetCallerIdentityCommand',
    may: [],
    mayNot: [],
    because: 'every caller with credentials may ask whose they are, even if a policy denies it',
  },
  {
    file: 'automation/aws/aws-organization.ts',
    command: 'client-organizations ListParentsCommand',
    may: [
      ...Object.values(TASK.accounts).map((id): Call => ['organizations:ListParents', inOrganization('account', id)]),
      ['organizations:ListParents', inOrganization('ou', 'ou-ab12-34567890')],
    ],
    mayNot: [
      ['organizations:ListParents', inOrganization('account', STRANGER)],
      ['organizations:ListChildren', inOrganization('ou', 'ou-ab12-34567890')],
      ['organizations:DescribeAccount', inOrganization('account', TASK.accounts.dev)],
    ],
  },
  {
    file: 'automation/aws/aws-organization.ts',
    command: 'client-organizations DescribeOrganizationCommand',
    may: [['organizations:DescribeOrganization', '*']],
    mayNot: [],
  },
  {
    file: 'automation/notifications/sns.ts',
    command: 'client-sns PublishCommand',
    may: [
      ['sns:Publish', TASK.topic],
      ['kms:GenerateDataKey', TASK.key, via('sns')],
      ['kms:Decrypt', TASK.key, via('sns')],
    ],
    mayNot: [
      ['sns:Publish', `arn:aws:sns:${REGION}:${ACCOUNT}:another`],
      ['sns:Publish', `arn:aws:sns:${REGION}:${STRANGER}:mlops-notifications`],
      ['sns:Subscribe', TASK.topic],
      ['kms:Decrypt', TASK.key],
      ['kms:Decrypt', TASK.key, via('secretsmanager')],
      ['kms:GenerateDataKey', `arn:aws:kms:${REGION}:${ACCOUNT}:key/another`, via('sns')],
    ],
  },
  {
    file: 'automation/sources/inbound/queue.ts',
    command: 'client-sqs ReceiveMessageCommand',
    may: [['sqs:ReceiveMessage', TASK.queue]],
    mayNot: [
      ['sqs:ReceiveMessage', `${TASK.queue}-dead-letters`],
      ['sqs:ReceiveMessage', `arn:aws:sqs:${REGION}:${STRANGER}:mlops-config`],
    ],
  },
  {
    file: 'automation/sources/inbound/queue.ts',
    command: 'client-sqs DeleteMessageCommand',
    may: [['sqs:DeleteMessage', TASK.queue]],
    mayNot: [
      ['sqs:DeleteMessage', `${TASK.queue}-dead-letters`],
      ['sqs:PurgeQueue', TASK.queue],
      ['sqs:SendMessage', TASK.queue],
    ],
  },
  {
    file: 'automation/sources/providers/s3.ts',
    command: 'client-s3 HeadObjectCommand',
    may: [
      ['s3:GetObject', bucket(ASSETS, 'mlops-config.json')],
      ['s3:GetObject', bucket(ASSETS, 'team/churn/mlops-config.json')],
      ['s3:GetObject', bucket(ASSETS, 'mlops-config.zip')],
      ['s3:GetObject', bucket(ASSETS, 'team/mlops-config.zip')],
      // Otherwise a deleted one could not be distinguished from an unreadable one, and would be retried forever.
      ['s3:ListBucket', bucket(ASSETS)],
    ],
    mayNot: [
      ['s3:GetObject', bucket(ASSETS, 'churn/model.tar.gz')],
      ['s3:GetObject', bucket(ASSETS, 'not-mlops-config.json')],
      ['s3:GetObject', bucket(ASSETS, 'not-mlops-config.zip')],
      ['s3:GetObject', bucket(NOT_OURS, 'mlops-config.json')],
      ['s3:ListBucket', bucket(NOT_OURS)],
    ],
  },
  {
    file: 'automation/sources/providers/s3.ts',
    command: 'client-s3 GetObjectCommand',
    may: [
      ['s3:GetObjectVersion', bucket(ASSETS, 'team/mlops-config.json')],
      ['s3:GetObject', bucket(ASSETS, 'team/mlops-config.json')],
    ],
    mayNot: [
      ['s3:GetObjectVersion', bucket(ASSETS, 'churn/model.tar.gz')],
      ['s3:PutObject', bucket(ASSETS, 'team/mlops-config.json')],
    ],
  },
  {
    file: 'automation/sources/providers/codecommit.ts',
    command: 'client-codecommit GetBranchCommand',
    may: [['codecommit:GetBranch', TASK.repository]],
    mayNot: [
      ['codecommit:GetBranch', `arn:aws:codecommit:${REGION}:${ACCOUNT}:another`],
      ['codecommit:GitPush', TASK.repository],
    ],
  },
  {
    file: 'automation/sources/providers/codecommit.ts',
    command: 'client-codecommit GetFileCommand',
    may: [['codecommit:GetFile', TASK.repository]],
    mayNot: [
      ['codecommit:GetFile', `arn:aws:codecommit:${REGION}:${ACCOUNT}:another`],
      ['codecommit:GitPull', TASK.repository],
      ['codecommit:GetCommit', TASK.repository],
    ],
  },
];

/** What the children of the service send, with the role of the task: Pulumi's CLI, to keep the state of pipelines in a bucket. */
export const STATE_CALLS: Pick<TaskCall, 'may' | 'mayNot'> = {
  may: [
    ...['GetObject', 'PutObject', 'DeleteObject'].map((action): Call => [
      `s3:${action}`,
      `${TASK.state}/.pulumi/stacks/model-training/x.json`,
    ]),
    ['s3:ListBucket', TASK.state],
    ['kms:Decrypt', TASK.key, via('s3')],
    ['kms:GenerateDataKey', TASK.key, via('s3')],
  ],
  mayNot: [
    ['s3:DeleteObjectVersion', `${TASK.state}/.pulumi/stacks/model-training/x.json`],
    ['s3:DeleteBucket', TASK.state],
    ['s3:PutBucketVersioning', TASK.state],
    ['s3:PutObject', bucket(ASSETS, 'churn/model.tar.gz')],
  ],
};
