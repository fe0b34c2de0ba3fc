/** Functions of the sandbox account run for real, with a world of jobs and objects behind the endpoint they are given. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startClock } from '../../sandbox/aws/clock.ts';
import { readNotifications } from '../../sandbox/aws/topics.ts';
import { Faults } from '../../sandbox/aws/faults.ts';
import type { LoopbackServer } from '../../sandbox/loopback.ts';
import { startLocalEndpoint } from '../../sandbox/aws/local-endpoint/server.ts';
import { scopeOf } from '../../sandbox/aws/partitions.ts';
import { Store } from '../../sandbox/aws/store.ts';
import type { Fault } from '../../sandbox/aws/faults.ts';
import { until } from '../support/until.ts';
import { Account, FUNCTION, archive, faultList } from './support.ts';

/** An inline policy: these actions on everything, or on one resource. */
async function allow(to: Account, role: string, Action: string, Resource = '*', Condition: object = {}) {
  const Statement = [{ Effect: 'Allow', Action, Resource, Condition }];
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  return to.create('aws:iam/rolePolicy:RolePolicy', `allow-${Action.replace(/\W/g, '')}`, { role, policy });
}

const INVOCATION = 'aws:lambda/invocation:Invocation';

describe('sandbox AWS: functions that run', () => {
  let account: Account;
  beforeEach(async () => {
    account = await Account.open();
  });
  afterEach(() => account.remove());

  async function fn(code: string, more: Record<string, never> | object = {}) {
    const role = await account.role('fn-role', 'lambda.amazonaws.com');
    await allow(account, role.id, '*');
    return account.create(FUNCTION, 'fn', {
      role: role.properties['arn'] ?? '',
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      code: archive(code, createHash('sha256').update(code).digest('hex')),
      ...more,
    });
  }

  const invoke = async (functionName: string, input: unknown = {}) =>
    account.create(INVOCATION, 'run', { functionName, input: JSON.stringify(input) });

  it('gives the handler its payload and its own variables, and nothing of the service’s', async () => {
    const made = await fn(
      `export const handler = async (event) => ({ event, region: process.env.AWS_REGION, own: process.env.OWN, name: process.env.AWS_LAMBDA_FUNCTION_NAME, others: Object.keys(process.env).filter((key) => /HOME|DATABASE|PULUMI|npm/.test(key)) });`,
      { environment: { variables: { OWN: 'yes' } } },
    );
    const { properties, id } = await invoke(made.id, { a: 1 });
    assert.deepEqual(JSON.parse(String(properties['result'])), {
      event: { a: 1 },
      region: 'us-east-1',
      own: 'yes',
      name: made.id,
      others: [],
    });
    assert.equal(id, `${made.id},$LATEST,${createHash('md5').update('{"a":1}').digest('hex')}`);
  });

  it('fails in the real provider’s words where the handler throws', async () => {
    const made = await fn(`export const handler = async () => { throw new RangeError('too far'); };`);
    await assert.rejects(
      invoke(made.id),
      (error: Error) =>
        error.message.startsWith(`invoking Lambda Function (${made.id}): {`) &&
        error.message.includes('"errorType":"RangeError","errorMessage":"too far"'),
    );
  });

  it('ends a handler that is not done within the function’s time', async () => {
    const made = await fn(`export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));`, {
      timeout: 1,
    });
    await assert.rejects(invoke(made.id), /Task timed out after 1\.00 seconds/);
  });

  it('says which export is missing', async () => {
    const made = await fn(`export const another = 1;`);
    await assert.rejects(invoke(made.id), /index\.handler is undefined or not exported/);
  });

  it('runs the new code after an update', async () => {
    const made = await fn(`export const handler = async () => 'old';`);
    await account.update(made, { code: archive(`export const handler = async () => 'new';`, 'e'.repeat(64)) });
    assert.equal((await invoke(made.id)).properties['result'], '"new"');
  });

  it('keeps what a handler prints in a log', async () => {
    const made = await fn(`export const handler = async () => { console.log('hello there'); return 1; };`);
    await invoke(made.id);
    const log = join(account.settings.directory, 'logs', `${made.id}.log`);
    await until(async () => (await readFile(log, 'utf8')).includes('hello there'), 'the line in the log');
  });
});

describe('sandbox AWS: the endpoint that functions call', () => {
  let account: Account;
  let endpoint: LoopbackServer | undefined;
  const cancel = new AbortController();

  afterEach(async () => {
    await endpoint?.close();
    await account.remove();
  });

  async function open(
    ...faults: Partial<Fault>[]
  ): Promise<{ sagemaker: SageMakerClient; s3: S3Client; role: string }> {
    account = await Account.open();
    const { directory } = account.settings;
    endpoint = await startLocalEndpoint({
      store: new Store(directory),
      scope: scopeOf('111111111111', 'us-east-1'),
      faults: new Faults(faultList(...faults), directory),
      speed: 0,
      signal: cancel.signal,
    });
    const settings = {
      endpoint: endpoint.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    };
    const role = await account.role('job-role');
    await allow(account, role.id, '*');
    return {
      sagemaker: new SageMakerClient(settings),
      s3: new S3Client(settings),
      role: String(role.properties['arn']),
    };
  }

  for (const [who, headers] of [
    ['under a name that DNS has turned here', { Host: 'attacker.example.com' }],
    ['of another origin', { Origin: 'https://attacker.example.com' }],
    ['by a form or an image', { 'Sec-Fetch-Site': 'cross-site' }],
  ] as const) {
    it(`refuses web pages: ${who}`, async () => {
      const { s3 } = await open();
      await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'content' }));
      const asked = get(`${endpoint?.url ?? ''}/bucket/key`, { headers });
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.resume();
      assert.equal(answer.statusCode, 403);
    });
  }

  const training = (TrainingJobName: string, RoleArn: string) =>
    new CreateTrainingJobCommand({
      TrainingJobName,
      RoleArn,
      AlgorithmSpecification: { TrainingImage: 'x', TrainingInputMode: 'File' },
      OutputDataConfig: { S3OutputPath: 's3://b/p' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
      Tags: [{ Key: 'a', Value: 'b' }],
    });

  it('makes a job once, and describes it with its tags', async () => {
    const { sagemaker, role } = await open();
    const { TrainingJobArn: arn } = await sagemaker.send(training('My-Job', role));
    assert.equal(arn, 'arn:aws:sagemaker:us-east-1:111111111111:training-job/my-job');
    const found = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: 'My-Job' }));
    assert.equal(found.TrainingJobStatus, 'Completed');
    assert.deepEqual(found.ResourceConfig, { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 });
    assert.deepEqual((await sagemaker.send(new ListTagsCommand({ ResourceArn: arn }))).Tags, [
      { Key: 'a', Value: 'b' },
    ]);
    await assert.rejects(sagemaker.send(training('My-Job', role)), { name: 'ResourceInUse' });
    assert.ok((await account.journal()).includes('create aws:sagemaker/job:TrainingJob'));
  });

  it('refuses what SageMaker refuses', async () => {
    const { sagemaker, role } = await open();
    const refusals: [unknown, RegExp][] = [
      [training('x'.repeat(64), role), /length less than or equal to 63/],
      [training('not_this', role), /regular expression pattern/],
      [training('job', 'arn:aws:iam::111111111111:role/missing'), /Could not assume role/],
      [new CreateProcessingJobCommand({ ProcessingJobName: 'p', RoleArn: role } as never), /must not be null/],
      [new DescribeTrainingJobCommand({ TrainingJobName: 'unknown' }), /not found/],
    ];
    for (const [command, message] of refusals) await assert.rejects(sagemaker.send(command as never), { message });
  });

  it('fails a job whose role may not touch what the request names, as SageMaker does', async () => {
    const { sagemaker } = await open();
    const made = await account.role('narrow');
    const RoleArn = String(made.properties['arn']);
    const channel = (S3Uri: string) => ({
      ChannelName: 'train',
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri } },
    });
    const run = async (TrainingJobName: string, S3Uri: string) => {
      const { input } = training(TrainingJobName, RoleArn);
      await sagemaker.send(new CreateTrainingJobCommand({ ...input, InputDataConfig: [channel(S3Uri)] }));
      return await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    };
    await allow(account, made.id, 's3:GetObject', 'arn:aws:s3:::data/mine/*');
    await allow(account, made.id, 's3:ListBucket', 'arn:aws:s3:::data', { StringLike: { 's3:prefix': 'mine/*' } });
    assert.match(
      (await run('unwritten', 's3://data/mine/a')).FailureReason ?? '',
      /s3:PutObject.*arn:aws:s3:::b\/p\/output/,
    );
    await allow(account, made.id, 's3:PutObject', 'arn:aws:s3:::b/p/*');
    assert.equal((await run('allowed', 's3://data/mine/a')).TrainingJobStatus, 'Completed');
    const denied = await run('denied', 's3://data/theirs/a');
    assert.equal(denied.TrainingJobStatus, 'Failed');
    assert.match(
      denied.FailureReason ?? '',
      /^AccessDenied: .*s3:GetObject on resource: arn:aws:s3:::data\/theirs\/a$/,
    );
  });

  it('refuses the calls of a function whose role does not allow them, in the code of the service', async () => {
    await open();
    await endpoint?.close();
    const { directory } = account.settings;
    const caller = await account.role('caller', 'lambda.amazonaws.com');
    const handed = String((await account.role('handed')).properties['arn']);
    endpoint = await startLocalEndpoint({
      store: new Store(directory),
      scope: scopeOf('111111111111', 'us-east-1'),
      faults: new Faults([], directory),
      speed: 0,
      signal: cancel.signal,
      callerRoleArn: String(caller.properties['arn']),
    });
    const settings = {
      endpoint: endpoint.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    };
    const [s3, sagemaker] = [new S3Client(settings), new SageMakerClient(settings)];
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'x' }));
    await assert.rejects(put('mine/a'), { name: 'AccessDenied' });
    await allow(account, caller.id, 's3:PutObject', 'arn:aws:s3:::bucket/mine/*');
    await put('mine/a');
    await assert.rejects(put('theirs/a'), { name: 'AccessDenied' });
    await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'mine/a' })), { name: 'AccessDenied' });
    await assert.rejects(sagemaker.send(training('job', handed)), {
      name: 'AccessDeniedException',
      message: /CreateTrainingJob/,
    });
    await allow(account, caller.id, 'sagemaker:CreateTrainingJob', 'arn:aws:sagemaker:*:*:training-job/job');
    await assert.rejects(sagemaker.send(training('job', handed)), { message: /iam:PassRole/ });
    await allow(account, caller.id, 'iam:PassRole', handed, {
      StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
    });
    await sagemaker.send(training('job', handed));
  });

  it('refuses and fails jobs as SANDBOX_FAULTS asks', async () => {
    const type = 'aws:sagemaker/job:TrainingJob';
    const { sagemaker, role } = await open(
      { type, operation: 'create', match: 'refused', code: 'ResourceLimitExceeded', message: 'No instances.' },
      { type, operation: 'create', match: 'failing', action: 'partial', code: 'AlgorithmError', message: 'NaN.' },
    );
    await assert.rejects(sagemaker.send(training('refused', role)), {
      name: 'ResourceLimitExceeded',
      message: 'No instances.',
    });
    await sagemaker.send(training('failing', role));
    const found = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: 'failing' }));
    assert.equal(found.TrainingJobStatus, 'Failed');
    assert.equal(found.FailureReason, 'AlgorithmError: NaN.');
  });

  it('keeps objects, gives parts of them, and takes data for granted', async () => {
    const { s3 } = await open();
    const Key = 'a/../b c.json';
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: '0123456789' }));
    const read = async (input: { Bucket: string; Key: string; Range?: string }) =>
      (await s3.send(new GetObjectCommand(input))).Body?.transformToString();
    assert.equal(await read({ Bucket: 'bucket', Key }), '0123456789');
    assert.equal(await read({ Bucket: 'bucket', Key, Range: 'bytes=2-4' }), '234');
    assert.match((await read({ Bucket: 'any', Key: 'data.csv' })) ?? '', /^label,/);
    await assert.rejects(read({ Bucket: 'bucket', Key: 'absent.json' }), { name: 'NoSuchKey' });
  });

  it('tells topics of ended jobs by the rules there are, once, also where it was down meanwhile', async () => {
    const { sagemaker, role } = await open();
    const rule = await account.create('aws:cloudwatch/eventRule:EventRule', 'rule', {
      eventPattern: JSON.stringify({
        source: ['aws.sagemaker'],
        detail: { TrainingJobName: [{ prefix: 'mine-' }], TrainingJobStatus: ['Completed'] },
      }),
    });
    await account.create('aws:cloudwatch/eventTarget:EventTarget', 'target', {
      rule: rule.id,
      targetId: 'topic',
      arn: 'arn:aws:sns:us-east-1:111111111111:topic',
      inputTransformer: {
        inputPaths: { name: '$.detail.TrainingJobName', status: '$.detail.TrainingJobStatus' },
        inputTemplate: '"<name> is <status>"',
      },
    });
    for (const name of ['mine-1', 'theirs-1']) await sagemaker.send(training(name, role));
    const { directory } = account.settings;
    const published = async () => (await readNotifications(directory)).map(({ message }) => message);
    const first = startClock(account.settings);
    await until(async () => (await published()).length === 1, 'the first notification');
    await first.stop();
    const second = startClock(account.settings);
    // It rests by now, and looks again when a job begins.
    await sagemaker.send(training('mine-2', role));
    await until(async () => (await published()).length === 2, 'the second notification');
    await second.stop();
    assert.deepEqual(await published(), ['mine-1 is Completed', 'mine-2 is Completed']);
  });
});
