import assert from 'node:assert/strict';
import { deploymentRoleArns } from '../../infra/components/deployment.ts';
import { TaskRoles } from '../../infra/components/task-roles.ts';
import { allows, refuses } from '../components/policy-simulator.ts';
import type { Run } from '../components/support.ts';
import { KEY_ARN, PLACE, record } from './recording.ts';

const IMAGE = '111111111111.dkr.ecr.us-east-1.amazonaws.com/mlops-service@sha256:' + 'a'.repeat(64);
const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:mlops-url-1234567-abcdef';
const TOPIC = 'arn:aws:sns:us-east-1:111111111111:mlops-notifications';
const QUEUE = 'arn:aws:sqs:us-east-1:111111111111:mlops-config';
const LOGS = 'arn:aws:logs:us-east-1:111111111111:log-group:mlops-service';
const STATE = 'arn:aws:s3:::mlops-state';
const REPOSITORY = 'arn:aws:codecommit:us-east-1:111111111111:mlops-config';
const account = (id: string) => ({ accountId: id, orgId: 'ou-ab12-34567890', region: '' });
const ACCOUNTS = { dev: account('222222222222'), staging: account('333333333333'), prod: account('444444444444') };

function rolesOf(changes: { state?: string; repository?: string; image?: string } = {}): Promise<Run> {
  return record(() => {
    new TaskRoles('mlops', {
      place: PLACE,
      image: changes.image ?? IMAGE,
      logGroupArn: LOGS,
      keyArn: KEY_ARN,
      secrets: { DATABASE_URL: SECRET },
      deploymentRoleArns: deploymentRoleArns({ accounts: ACCOUNTS }, PLACE),
      topicArn: TOPIC,
      queueArn: QUEUE,
      assetsBucket: 'mlops-assets',
      stateBucketArn: changes.state,
      repositoryArn: changes.repository,
    });
  });
}

interface Statement {
  Sid: string;
  Action: string | string[];
  Resource: string | string[];
}
const statementsOf = (made: Run, role: string) =>
  (JSON.parse(String(made.find('RolePolicy', `mlops-${role}-policy`).inputs.policy)) as { Statement: Statement[] })
    .Statement;

describe('roles of the tasks', () => {
  let made: Run;
  before(async () => (made = await rolesOf({ state: STATE, repository: REPOSITORY })));

  const external = { 'sts:ExternalId': 'mlops' };
  const deployment = (environment: string, id: string) => `arn:aws:iam::${id}:role/mlops-deployment-${environment}`;

  describe('of the orchestrator', () => {
    allows(() => made, 'mlops-task', [
      ['sns:Publish', TOPIC],
      ['sqs:ReceiveMessage', QUEUE],
      ['sqs:DeleteMessage', QUEUE],
      ['s3:GetObject', 'arn:aws:s3:::mlops-assets/team/mlops-config.json'],
      ['s3:PutObject', `${STATE}/.pulumi/stacks/x.json`],
      ['s3:ListBucket', STATE],
      ['kms:GenerateDataKey', KEY_ARN],
      ['codecommit:GetFile', REPOSITORY],
    ]);
    refuses(() => made, 'mlops-task', [
      ['sts:AssumeRole', 'arn:aws:iam::111111111111:role/admin', external],
      ['sts:AssumeRole', deployment('dev', '555555555555'), external],
      ['iam:CreateRole', 'arn:aws:iam::111111111111:role/mlops-pipeline-x'],
      ['iam:PassRole', deployment('main', '111111111111')],
      ['sagemaker:CreateEndpoint', 'arn:aws:sagemaker:us-east-1:111111111111:endpoint/x'],
      ['s3:PutObject', 'arn:aws:s3:::mlops-assets/model.tar.gz'],
      ['s3:GetObject', 'arn:aws:s3:::somebody-elses/mlops-config.json'],
      ['sns:Publish', 'arn:aws:sns:us-east-1:111111111111:another'],
      ['sqs:SendMessage', QUEUE],
      ['secretsmanager:GetSecretValue', SECRET],
      ['codecommit:GitPush', REPOSITORY],
    ]);

    it('may take the deployment roles, each with the external id only', () => {
      const [deploy] = statementsOf(made, 'task');
      assert.deepEqual(deploy, {
        Sid: 'Deploy',
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: [
          deployment('main', '111111111111'),
          deployment('dev', '222222222222'),
          deployment('staging', '333333333333'),
          deployment('prod', '444444444444'),
        ],
        Condition: { StringEquals: external },
      });
    });

    it('has nothing of a state bucket with Pulumi Cloud, nor of a repository where there is none', async () => {
      const sids = statementsOf(await rolesOf(), 'task').map(({ Sid }) => Sid);
      assert.deepEqual(sids, ['Deploy', 'Notify', 'TakeEvents', 'ReadConfigFiles', 'UseKey']);
    });
  });

  describe('of ECS', () => {
    const ofSecrets = { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' };
    allows(() => made, 'mlops-execution', [
      ['ecr:GetAuthorizationToken', '*'],
      ['ecr:BatchGetImage', 'arn:aws:ecr:us-east-1:111111111111:repository/mlops-service'],
      ['logs:PutLogEvents', `${LOGS}:log-stream:api/service/1`],
      ['secretsmanager:GetSecretValue', SECRET],
      ['kms:Decrypt', KEY_ARN, ofSecrets],
    ]);
    refuses(() => made, 'mlops-execution', [
      ['ecr:BatchGetImage', 'arn:aws:ecr:us-east-1:111111111111:repository/another'],
      ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:us-east-1:111111111111:secret:another-abcdef'],
      ['kms:Decrypt', KEY_ARN, { 'kms:ViaService': 's3.us-east-1.amazonaws.com' }],
      ['logs:CreateLogGroup', LOGS],
      ['sts:AssumeRole', deployment('main', '111111111111'), external],
    ]);

    it('needs no rights for an image that is not in ECR', async () => {
      const sids = statementsOf(await rolesOf({ image: 'ghcr.io/owner/mlops:1' }), 'execution').map(({ Sid }) => Sid);
      assert.deepEqual(sids, ['WriteLogs', 'ReadSecrets', 'DecryptSecrets']);
    });
  });

  it('are for tasks of this account', () => {
    for (const name of ['mlops-task-role', 'mlops-execution-role']) {
      assert.deepEqual(JSON.parse(String(made.find('Role', name).inputs.assumeRolePolicy)), {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'ecs-tasks.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
          },
        ],
      });
    }
  });
});
