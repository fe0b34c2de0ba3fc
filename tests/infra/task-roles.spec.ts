/** The roles of the tasks follow from the settings of the service, and are enough for what it sends, and for no more. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { allows, refuses } from '../components/policy-simulator.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT } from '../../blueprints/testing.ts';
import { accountOf } from '../environments/accounts.ts';
import { STATE_CALLS, TASK, TASK_CALLS } from '../environments/task-calls.ts';
import type { Call, Document } from '../environments/simulator.ts';
import { decide, policiesOf } from '../environments/simulator.ts';
import { MULTI, installation, tasksOf } from '../environments/tasks.ts';
import { KEY_ARN, PLACE } from './recording.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:mlops-url-1234567-abcdef';
const LOGS = 'arn:aws:logs:us-east-1:111111111111:log-group:mlops-service';
const TASK_ROLE = `arn:aws:iam::${ACCOUNT}:role/mlops-task-role-1234567`;
const OWN_EXTERNAL_ID = { ...MULTI, serviceSettings: '{"DEPLOYMENT_EXTERNAL_ID":"a-handshake"}' };

interface Statement {
  Sid: string;
  Action: string | string[];
  Resource: string | string[];
}
const statementsOf = (made: Run, role: string) =>
  (JSON.parse(String(made.find('RolePolicy', `mlops-${role}-policy`).inputs.policy)) as { Statement: Statement[] })
    .Statement;
const taskPolicy = (made: Run): Document =>
  policiesOf(made, 'RolePolicy').get('mlops-task-policy') ?? assert.fail('no policy of the task');

/** A trust policy that leaves it to the account of the tasks, so that the task role's own policy is what answers. */
const everybody = (resource: string): Document => {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: 'sts:AssumeRole',
    Resource: resource,
  };
  return { Statement: [statement] };
};

describe('roles of the tasks', () => {
  let made: Run;
  before(async () => (made = await tasksOf()));

  const external = { 'sts:ExternalId': 'mlops' };
  const deployment = (environment: string, id: string) => `arn:aws:iam::${id}:role/mlops-deployment-${environment}`;

  describe('of the orchestrator', () => {
    const answer = async (call: Call, run = made) =>
      await decide(
        {
          identity: [taskPolicy(run)],
          principal: TASK_ROLE,
          ...(call[0].startsWith('sts:') ? { resource: everybody(call[1]) } : {}),
        },
        call,
      );

    for (const { command, file, may, mayNot } of [
      ...TASK_CALLS,
      { command: 'what keeps the state', file: 'the CLI of Pulumi', ...STATE_CALLS },
    ]) {
      it(`may send ${command} (${file}), of what is its own`, async () => {
        for (const call of may) assert.equal(await answer(call), 'Allowed', String(call));
        for (const call of mayNot) assert.notEqual(await answer(call), 'Allowed', String(call));
      });
    }

    it('holds no action that nothing asks for', () => {
      const asked = new Set([...TASK_CALLS, STATE_CALLS].flatMap(({ may }) => may.map(([action]) => action)));
      const granted = new Set(statementsOf(made, 'task').flatMap(({ Action }) => Action));
      assert.deepEqual([...granted].sort(), [...asked].sort());
    });

    refuses(() => made, 'mlops-task', [
      ['iam:CreateRole', 'arn:aws:iam::111111111111:role/mlops-pipeline-x'],
      ['iam:PassRole', deployment('main', '111111111111')],
      ['sagemaker:CreateEndpoint', 'arn:aws:sagemaker:us-east-1:111111111111:endpoint/x'],
      ['sagemaker:InvokeEndpoint', 'arn:aws:sagemaker:us-east-1:111111111111:endpoint/x'],
      ['s3:PutObject', 'arn:aws:s3:::assets-bucket/model.tar.gz'],
      ['secretsmanager:GetSecretValue', SECRET],
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

    it('has nothing of a state bucket with Pulumi Cloud, of a repository or of an organization where there is none', async () => {
      const run = await tasksOf({}, { stateBucketArn: undefined, repositoryArn: undefined });
      assert.deepEqual(
        statementsOf(run, 'task').map(({ Sid }) => Sid),
        ['Deploy', 'Fence', 'Notify', 'TakeEvents', 'ReadConfigFiles', 'FindConfigFiles', 'UseKey'],
      );
      const throughS3 = { 'kms:ViaService': 's3.us-east-1.amazonaws.com' };
      assert.equal(await answer(['kms:Decrypt', TASK.key, throughS3], run), 'ImplicitlyDenied');
    });

    it('follows settings of the service that are given as such', async () => {
      const role = 'arn:aws:iam::222222222222:role/of-our-own';
      const topic = 'arn:aws:sns:us-east-1:111111111111:of-our-own';
      const serviceSettings = JSON.stringify({
        DEPLOYMENT_EXTERNAL_ID: 'a-handshake',
        DEV_DEPLOYMENT_ROLE_ARN: role,
        NOTIFICATIONS_TOPIC_ARN: topic,
        CONFIG_BUCKETS: 'team-a, team-b',
      });
      const run = await tasksOf({ ...MULTI, serviceSettings });
      const handshake = { 'sts:ExternalId': 'a-handshake' };
      for (const [call, wanted] of [
        [['sts:AssumeRole', role, handshake], 'Allowed'],
        [['sts:AssumeRole', `${role}-fence`, handshake], 'Allowed'],
        [['sts:AssumeRole', role, external], 'ImplicitlyDenied'],
        [['sts:AssumeRole', deployment('dev', '222222222222'), handshake], 'ImplicitlyDenied'],
        [['sts:AssumeRole', deployment('prod', '444444444444'), handshake], 'Allowed'],
        [['sns:Publish', topic], 'Allowed'],
        [['sns:Publish', TASK.topic], 'ImplicitlyDenied'],
        [['s3:GetObject', 'arn:aws:s3:::team-b/mlops-config.json'], 'Allowed'],
        [['s3:GetObject', 'arn:aws:s3:::assets-bucket/mlops-config.json'], 'ImplicitlyDenied'],
      ] satisfies [Call, string][]) {
        assert.equal(await answer(call, run), wanted, String(call));
      }
    });
  });

  describe('and the deployment roles', () => {
    for (const [what, given, externalId] of [
      ['one account', {}, 'mlops'],
      ['several accounts', MULTI, 'mlops'],
      ['several accounts and an external id of one’s own', OWN_EXTERNAL_ID, 'a-handshake'],
    ] as const) {
      it(`agree on external id and boundary, with ${what}`, async () => {
        const { variables } = installation(given);
        const policy = taskPolicy(await tasksOf(given));
        const environments = ['main', ...('multiAccount' in given ? ['dev', 'staging', 'prod'] : [])];
        for (const environment of environments) {
          const prefix = environment === 'main' ? '' : `${environment.toUpperCase()}_`;
          const of = (name: string) => variables[`${prefix}${name}`] ?? assert.fail(`${prefix}${name}`);
          const account = await accountOf(environment === 'main' ? ['orchestrator'] : ['environments'], {
            place: { ...PLACE, accountId: of('ACCOUNT_ID') },
            environment,
            taskRoleArn: TASK_ROLE,
            externalId,
          });
          const door = of('DEPLOYMENT_ROLE_ARN');
          const trust = JSON.parse(
            String(account.made.find('Role', 'account-role').inputs.assumeRolePolicy),
          ) as Document;
          const anything = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }] };
          for (const [identity, resource, sent, wanted] of [
            [policy, trust, variables.DEPLOYMENT_EXTERNAL_ID ?? '', 'Allowed'],
            // Each side alone refuses another one.
            [policy, everybody(door), 'another', 'ImplicitlyDenied'],
            [anything, trust, 'another', 'ImplicitlyDenied'],
          ] as const) {
            const answer = await decide({ identity: [identity], resource, principal: TASK_ROLE }, [
              'sts:AssumeRole',
              door,
              { 'sts:ExternalId': sent },
            ]);
            assert.equal(answer, wanted, `${environment} ${sent}`);
          }
          const make = async (bound: string) =>
            await decide({ identity: account.permissions, principal: door }, [
              'iam:CreateRole',
              `arn:aws:iam::${of('ACCOUNT_ID')}:role/mlops-pipeline-x`,
              { 'iam:PermissionsBoundary': bound },
            ]);
          assert.equal(await make(of('PERMISSIONS_BOUNDARY_ARN')), 'Allowed');
          assert.equal(await make(`arn:aws:iam::${of('ACCOUNT_ID')}:policy/another`), 'ImplicitlyDenied');
        }
      });
    }
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

    it('needs no permissions for an image that is not in ECR', async () => {
      const sids = statementsOf(await tasksOf(MULTI, { image: 'ghcr.io/owner/mlops:1' }), 'execution').map(
        ({ Sid }) => Sid,
      );
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
