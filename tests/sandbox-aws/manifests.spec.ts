/** Manifests in the sandbox AWS: what they list is read as well, with the role of the job. */
import assert from 'node:assert/strict';
import { Faults } from '../../sandbox/aws/faults.ts';
import { JOB_KINDS } from '../../sandbox/aws/local-endpoint/job-kinds.ts';
import { createJob, describeJob } from '../../sandbox/aws/local-endpoint/jobs.ts';
import { writeObject } from '../../sandbox/aws/local-endpoint/objects.ts';
import { scopeOf } from '../../sandbox/aws/partitions.ts';
import { Store } from '../../sandbox/aws/store.ts';
import type { Properties } from '../../sandbox/provider.ts';
import { Account } from './support.ts';

const TRAINING = JOB_KINDS.find(({ operation }) => operation === 'TrainingJob') ?? assert.fail();

describe('manifests of jobs in the sandbox AWS', () => {
  let account: Account;
  let roleArn: string;
  let made = 0;
  before(async () => {
    account = await Account.open();
    const role = await account.role('job');
    roleArn = String(role.properties['arn']);
    const allow = (Action: string | string[], Resource: string[]) => ({ Effect: 'Allow', Action, Resource });
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        allow('s3:ListBucket', ['arn:aws:s3:::data']),
        allow('s3:GetObject', ['arn:aws:s3:::data/*']),
        allow('s3:PutObject', ['arn:aws:s3:::out/*']),
      ],
    });
    await account.create('aws:iam/rolePolicy:RolePolicy', 'data', { role: role.id, policy });
  });
  after(() => account.remove());

  /** @returns the reason for which a job with this manifest fails; empty: it completes */
  async function outcome(type: string, content: string, more: object = {}): Promise<string> {
    made += 1;
    const { directory } = account.settings;
    await writeObject(directory, 'data', `${made}.manifest`, Buffer.from(content));
    const scope = scopeOf('111111111111', 'us-east-1');
    const signal = new AbortController().signal;
    const world = { store: new Store(directory), scope, faults: new Faults([], directory), speed: 0, signal };
    const source = { S3DataType: type, S3Uri: `s3://data/${made}.manifest`, ...more };
    const request = {
      TrainingJobName: `job-${made}`,
      AlgorithmSpecification: {
        TrainingImage: '111111111111.dkr.ecr.us-east-1.amazonaws.com/algo:1',
        TrainingInputMode: 'File',
      },
      RoleArn: roleArn,
      InputDataConfig: [{ ChannelName: 'train', InputMode: 'Pipe', DataSource: { S3DataSource: source } }],
      OutputDataConfig: { S3OutputPath: 's3://out/models' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 20 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    } as Properties;
    await createJob(TRAINING, request, world);
    const { FailureReason = '' } = await describeJob(TRAINING, { TrainingJobName: `job-${made}` }, world);
    return String(FailureReason);
  }

  const files = (...entries: unknown[]) => outcome('ManifestFile', JSON.stringify(entries));
  const PREFIX = { prefix: 's3://data/' };

  it('list files below a prefix, which the role must be allowed to read', async () => {
    assert.equal(await files(PREFIX, 'a.csv', 'b.csv'), '');
    assert.match(
      await files({ prefix: 's3://others/' }, 'a.csv'),
      /^AccessDenied: .*s3:GetObject on resource: .*arn:aws:s3:::others\/a\.csv/,
    );
  });

  for (const [what, entries, reason] of [
    ['no prefix', ['s3://data/a.csv'], /does not begin with the prefix/],
    ['a prefix that is not in S3', [{ prefix: 'data/' }, 'a.csv'], /does not begin with the prefix/],
    ['something other than paths', [PREFIX, { key: 'a.csv' }], /other than paths/],
  ] as const) {
    it(`fail the job with ${what}`, async () => {
      assert.match(await files(...entries), reason);
    });
  }

  it('fail the job if they are not JSON', async () => {
    assert.match(
      await outcome('ManifestFile', 's3://data/a.csv'),
      /^ClientError: .*manifest s3:\/\/data\/\d+\.manifest/,
    );
  });

  const ATTRIBUTES = { AttributeNames: ['source-ref', 'class'] };
  const record = (uri: string, more: object = { class: 1 }) => JSON.stringify({ 'source-ref': uri, ...more });

  it('list records with the attributes that the channel names, of which the references are read', async () => {
    const lines = `${record('s3://data/1.png')}\n${record('s3://data/2.png')}\n`;
    assert.equal(await outcome('AugmentedManifestFile', lines, ATTRIBUTES), '');
    const foreign = `${record('s3://data/1.png')}\n${record('s3://others/2.png')}`;
    assert.match(await outcome('AugmentedManifestFile', foreign, ATTRIBUTES), /^AccessDenied: .*others\/2\.png/);
    const without = `${record('s3://data/1.png')}\n${record('s3://data/2.png', {})}`;
    assert.match(await outcome('AugmentedManifestFile', without, ATTRIBUTES), /line 2 has no attribute class/);
    assert.match(await outcome('AugmentedManifestFile', 'source-ref,class', ATTRIBUTES), /is not valid/);
  });

  it('are not looked into if they are no manifest by their type', async () => {
    assert.equal(await outcome('S3Prefix', 'anything'), '');
  });
});
