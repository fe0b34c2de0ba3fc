/** With whose credentials the service signs each command: as the table says, seen from where AWS would be. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'mocha';
import { awsCloud } from '../../automation/aws/aws.ts';
import type { Environment } from '../../automation/config/environments.ts';
import { snsPublisher } from '../../automation/notifications/sns.ts';
import { JOB_KINDS } from '../../blueprints/blueprint.ts';
import type { Need } from '../../blueprints/needs.ts';
import { DEPLOYMENT_CALLS } from './deployment-calls.ts';
import { TASK, TASK_CALLS } from './task-calls.ts';

const REGION = 'us-east-1';
const TASK_KEY = 'TASKTASKTASKTASK';
const DEPLOYMENT_KEY = 'DEPLOYMENTDEPLOY';
const VARIABLES = {
  AWS_ACCESS_KEY_ID: TASK_KEY,
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: '',
  AWS_REGION: REGION,
  AWS_MAX_ATTEMPTS: '1',
};

const ENVIRONMENT: Environment = {
  name: 'dev',
  accountId: '222222222222',
  region: REGION,
  deploymentRoleArn: 'arn:aws:iam::222222222222:role/mlops-deployment-dev',
  externalId: 'mlops',
  permissionsBoundaryArn: '',
  organizationalUnitId: 'o-abcdefgh12',
  assetsBucket: 'assets',
};

const NEEDS: readonly Need[] = [
  { kind: 'bucket', pointer: '/a', bucket: 'capture' },
  { kind: 'object', pointer: '/b', bucket: 'assets', key: 'model.tar.gz', isPrefix: false },
  { kind: 'object', pointer: '/c', bucket: 'assets', key: 'data/', isPrefix: true },
  { kind: 'image', pointer: '/d', uri: `111111111111.dkr.ecr.${REGION}.amazonaws.com/churn:7` },
  {
    kind: 'model-package',
    pointer: '/e',
    arn: `arn:aws:sagemaker:${REGION}:1:model-package/churn/3`,
    mayBeUnapproved: false,
  },
  { kind: 'kms-key', pointer: '/f', arn: `arn:aws:kms:${REGION}:222222222222:key/1234` },
  { kind: 'alarm', pointer: '/g', name: 'errors' },
  { kind: 'model-monitor', pointer: '/pipeline_type' },
  { kind: 'instances', pointer: '/h', instanceType: 'ml.m5.large', usage: 'endpoint', count: 1 },
];

/** What is asked, by the protocols of AWS: a header, a form, or the path. */
function operationOf({ method = '', url = '', headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const inForm = new URLSearchParams(body).get('Action');
  if (inForm) return inForm;
  const { pathname, searchParams } = new URL(url, 'http://aws');
  const found = /\/operation\/(\w+)$/.exec(pathname)?.[1];
  if (found) return found;
  if (pathname.endsWith('/invocations')) return 'InvokeEndpoint';
  if (pathname.startsWith('/v2/apis')) {
    return { routes: 'GetRoutes', integrations: 'GetIntegrations' }[pathname.split('/')[4] ?? ''] ?? 'GetApis';
  }
  if (searchParams.get('list-type') === '2') return 'ListObjectsV2';
  const named = searchParams.get('x-id');
  if (named) return named;
  return method === 'HEAD' ? (pathname.split('/').filter(Boolean).length > 1 ? 'HeadObject' : 'HeadBucket') : url;
}

const IN_DAYS = new Date(Date.now() + 86_400_000).toISOString();
/** Just enough for the service to go on asking. */
const ANSWERS: Record<string, string> = {
  AssumeRole: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${DEPLOYMENT_KEY}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>${IN_DAYS}</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::222222222222:assumed-role/mlops-deployment-dev/x</Arn><AssumedRoleId>x</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
  GetCallerIdentity:
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
  ...Object.fromEntries(
    ['TrainingJob', 'HyperParameterTuningJob', 'AutoMLJob', 'TransformJob', 'ProcessingJob'].map((kind) => [
      `List${kind}s`,
      `{"${kind}Summaries": [{"${kind}Name": "churn-1", "${kind}Arn": "arn"}]}`,
    ]),
  ),
  ListTags: '{"Tags": [{"Key": "mlops:pipeline-id", "Value": "p"}]}',
  ListMonitoringExecutions:
    '{"MonitoringExecutionSummaries": [{"ProcessingJobArn": "arn/run", "MonitoringExecutionStatus": "CompletedWithViolations"}]}',
  DescribeProcessingJob: '{"ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": "s3://data/monitoring"}}]}}',
  ListObjectsV2: '<ListBucketResult><KeyCount>1</KeyCount></ListBucketResult>',
  Publish: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
};

describe('the credentials of the service’s commands', () => {
  const seen = new Set<string>();
  const former = { ...process.env };
  let server: Server;

  function answer(response: ServerResponse, operation: string): void {
    response.end(operation.startsWith('Head') ? undefined : (ANSWERS[operation] ?? '{}'));
  }

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const operation = operationOf(request, Buffer.concat(chunks).toString());
        const [, key = 'nobody'] = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
        seen.add(`${operation} ${key}`);
        answer(response, operation);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
  });

  after(async () => {
    for (const name of [...Object.keys(VARIABLES), 'AWS_ENDPOINT_URL']) {
      if (former[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = former[name];
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** `Operation key` of a table's rows. */
  const of = (rows: readonly { command: string }[], key: string) =>
    rows.map(
      ({ command }) =>
        `${command
          .split(' ')
          .at(-1)
          ?.replace(/Command$/, '')} ${key}`,
    );

  it('are those of the deployment role for all that is asked of an environment, and of the task for the rest', async () => {
    const { signal } = new AbortController();
    const notes: unknown[] = [];
    await awsCloud.preflight(ENVIRONMENT, NEEDS, (...note) => notes.push(note));
    assert.deepEqual(notes, []);
    await awsCloud.preflight({ ...ENVIRONMENT, deploymentRoleArn: '' }, [], () => undefined);
    await awsCloud.describeEndpoint(ENVIRONMENT, 'churn');
    for (const [type, inputs] of Object.entries({
      'sagemaker/model:Model': { name: 'm' },
      'sagemaker/endpointConfiguration:EndpointConfiguration': { name: 'c' },
      'apigatewayv2/api:Api': { name: 'a' },
      'apigatewayv2/route:Route': { apiId: 'a1b2c3' },
      'apigatewayv2/integration:Integration': { apiId: 'a1b2c3' },
    })) {
      await awsCloud.findCreated(ENVIRONMENT, `aws:${type}`, inputs);
    }
    await awsCloud.describeModelPackage(ENVIRONMENT, `arn:aws:sagemaker:${REGION}:1:model-package/churn/3`);
    await awsCloud.invokeEndpoint(ENVIRONMENT, 'churn', { body: '1', contentType: 'text/csv' }, signal);
    await awsCloud.alarmsInAlarm(ENVIRONMENT, ['errors']);
    await awsCloud.monitoringScheduleStatus(ENVIRONMENT, 'churn-1');
    await awsCloud.stopMonitoringSchedule(ENVIRONMENT, 'churn-1');
    await awsCloud.deleteEndpoint(ENVIRONMENT, 'churn');
    for (const kind of JOB_KINDS) {
      await awsCloud.jobs(ENVIRONMENT, { kind, names: ['churn-*'], pipelineId: 'p', limit: 1 }, signal);
    }
    const cards = awsCloud.modelCards(ENVIRONMENT);
    await cards.create('churn', 'Draft', '{}');
    await cards.describe('churn');
    await cards.update('churn', { status: 'Approved' });
    await cards.delete('churn');
    await cards.list();
    await cards.versions('churn');
    await cards.startExport('churn-1', { name: 'churn' }, 's3://assets/model_card_exports');
    await cards.describeExport('arn:aws:sagemaker:us-east-1:222222222222:model-card/churn/export-job/churn-1');
    await cards.describeModel('churn');
    await cards.cardsOfModel('churn');
    await cards.describeTrainingJob('churn');
    await cards.readObject('s3://assets/report.json');
    await cards.writeObject('s3://assets/model_card_exports/churn/1.json', '{}');
    const publisher = snsPublisher();
    await publisher.publish({ topicArn: TASK.topic, subject: 's', message: 'm', attributes: {} });
    publisher.close();

    const byTask = TASK_CALLS.filter(({ file }) => !file.startsWith('automation/sources/'))
      // Assumes the role, as the seen command.
      .filter(({ command }) => !command.endsWith('fromTemporaryCredentials'));
    assert.deepEqual(
      [...seen].sort(),
      [...new Set([...of(DEPLOYMENT_CALLS, DEPLOYMENT_KEY), ...of(byTask, TASK_KEY)])].sort(),
    );
  });

  it('are those of the task for configuration as data: its clients get a region and no role', () => {
    const text = readFileSync(new URL('../../automation/sources/start.ts', import.meta.url), 'utf8');
    const clients = [...text.matchAll(/new (\w+Client)\(([^)]*)\)/g)].map(([, client, settings]) => [client, settings]);
    assert.deepEqual(clients.sort(), [
      ['CodeCommitClient', '{ region }'],
      ['S3Client', '{ region, followRegionRedirects: true }'],
      ['SQSClient', '{ region }'],
    ]);
  });
});
