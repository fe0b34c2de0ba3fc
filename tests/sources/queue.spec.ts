import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { CodeCommitClient, GetBranchCommand, GetFileCommand } from '@aws-sdk/client-codecommit';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { announceDue } from '../../automation/platform/due-work.ts';
import { REQUEST } from '../support/api.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip.ts';
import type { Ground, World, WorldOptions } from './support/world.ts';
import { COMMIT, LATER, startGround, startWorld } from './support/world.ts';

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/111111111111/config';
const ETAG = 'd41d8cd98f00b204e9800998ecf8427e';

const mocks = () => ({
  sqs: mockClient(SQSClient),
  s3: mockClient(S3Client),
  codecommit: mockClient(CodeCommitClient),
});

/** As EventBridge sends it. */
function objectCreated(key: string, object: Record<string, unknown> = { 'version-id': 'v1' }, bucket = 'assets') {
  return {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '111111111111',
    region: 'us-east-1',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: { version: '0', bucket: { name: bucket }, object: { key, etag: ETAG, sequencer: '0062', ...object } },
  };
}

/** As S3 sends it without EventBridge. */
function s3Record(key: string, eventName = 'ObjectCreated:Put') {
  const object = { key, size: 1, eTag: ETAG, versionId: 'v1', sequencer: '0062' };
  return { eventVersion: '2.1', eventSource: 'aws:s3', eventName, s3: { bucket: { name: 'assets' }, object } };
}

function repositoryChange(detail: Record<string, unknown> = {}) {
  return {
    version: '0',
    id: 'b0a9b2d3-4a1b-4b0a-9b2d-34a1b4b0a9b2',
    'detail-type': 'CodeCommit Repository State Change',
    source: 'aws.codecommit',
    account: '111111111111',
    region: 'us-east-1',
    detail: {
      event: 'referenceUpdated',
      repositoryName: 'mlops-config',
      referenceType: 'branch',
      referenceName: 'main',
      commitId: COMMIT,
      oldCommitId: LATER,
      ...detail,
    },
  };
}

let { sqs, s3, codecommit } = {} as ReturnType<typeof mocks>;

describe('the queue of events', () => {
  let ground: Ground;
  let world: World | undefined;

  before(async () => {
    ({ sqs, s3, codecommit } = mocks());
    ground = await startGround();
  });

  after(async () => {
    await ground.remove();
    for (const client of [sqs, s3, codecommit]) client.restore();
  });

  beforeEach(() => {
    for (const client of [sqs, s3, codecommit]) client.reset();
    sqs.on(DeleteMessageCommand).resolves({});
  });

  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });

  /** Starts with these messages in the queue; a message that is not deleted is not sent again. */
  async function start(messages: unknown[], options: WorldOptions = {}, env: Record<string, string> = {}) {
    const batch = messages.map((message, index) => ({
      MessageId: `m${index}`,
      ReceiptHandle: `r${index}`,
      Body: typeof message === 'string' ? message : JSON.stringify(message),
      Attributes: { ApproximateReceiveCount: '1' },
    }));
    sqs
      .on(ReceiveMessageCommand)
      .resolvesOnce({ Messages: batch })
      .callsFake(() => new Promise((resolve) => setTimeout(() => resolve({ Messages: [] }), 5)));
    world = await startWorld(ground, { CONFIG_QUEUE_URL: QUEUE, ...env }, options);
    await until(() => sqs.commandCalls(ReceiveMessageCommand).length > 1, 'the messages have been handled');
    return world;
  }

  const deleted = () => sqs.commandCalls(DeleteMessageCommand).map(({ args }) => args[0].input.ReceiptHandle);

  function inBucket(
    content: unknown,
    key = 'team/mlops-config.json',
    head: Record<string, string> = { VersionId: 'v1' },
  ) {
    const where = { Bucket: 'assets', Key: key };
    s3.on(HeadObjectCommand).rejects(Object.assign(new Error('not there'), { $metadata: { httpStatusCode: 404 } }));
    s3.on(HeadObjectCommand, where).resolves({ ETag: `"${ETAG}"`, ...head });
    s3.on(GetObjectCommand, where).callsFake(() => ({ Body: Readable.from([Buffer.from(JSON.stringify(content))]) }));
  }

  it('is read by long polling, and provisions what an EventBridge event reports', async () => {
    inBucket(REQUEST);
    const { settled, provisioned } = await start([objectCreated('team/mlops-config.json')]);
    assert.equal((await settled())[0]?.status, 'Provisioned');
    assert.deepEqual(provisioned(), [[REQUEST, 's3:assets/team/mlops-config.json']]);
    assert.deepEqual(deleted(), ['r0']);
    const asked = sqs.commandCalls(ReceiveMessageCommand)[0]?.args[0].input;
    assert.deepEqual([asked?.QueueUrl, asked?.WaitTimeSeconds], [QUEUE, 20]);
    assert.deepEqual(s3.commandCalls(GetObjectCommand)[0]?.args[0].input, {
      Bucket: 'assets',
      Key: 'team/mlops-config.json',
      VersionId: 'v1',
    });
  });

  it('reads the file in an archive', async () => {
    inBucket(undefined, 'team/mlops-config.zip');
    const zip = zipOf({ 'models-main/mlops-config.json': JSON.stringify(REQUEST) });
    s3.on(GetObjectCommand).callsFake(() => ({ Body: Readable.from([zip.subarray(0, 40), zip.subarray(40)]) }));
    const { settled, provisioned } = await start([objectCreated('team/mlops-config.zip')]);
    assert.equal((await settled())[0]?.status, 'Provisioned');
    assert.deepEqual(provisioned(), [[REQUEST, 's3:assets/team/mlops-config.zip']]);
  });

  it('reads by the ETag where the bucket has no versions', async () => {
    inBucket(REQUEST, 'mlops-config.json', {});
    const { settled } = await start([objectCreated('mlops-config.json', {})]);
    assert.equal((await settled())[0]?.status, 'Provisioned');
    assert.equal(s3.commandCalls(GetObjectCommand)[0]?.args[0].input.IfMatch, `"${ETAG}"`);
  });

  it("takes every record of S3's own notification, keys decoded", async () => {
    const { deliveries } = await start(
      [
        {
          Records: [
            s3Record('a/mlops-config.json'),
            s3Record('model.tar.gz'),
            s3Record('red+flower%2Bb/%C3%A9/mlops-config.json'),
            s3Record('mlops-config.json'),
            s3Record('gone/mlops-config.json', 'ObjectRemoved:Delete'),
          ],
        },
        { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'assets' },
      ],
      { work: true },
    );
    assert.deepEqual(
      (await deliveries()).map(({ target }) => target),
      ['s3:assets/a/mlops-config.json', 's3:assets/red flower+b/é/mlops-config.json', 's3:assets/mlops-config.json'],
    );
    assert.deepEqual(deleted(), ['r0', 'r1']);
  });

  it('finds an object whose key EventBridge has encoded, and one whose key looks so', async () => {
    for (const [key, really] of [
      ['red+flower/mlops-config.json', 'red flower/mlops-config.json'],
      ['a+b/mlops-config.json', 'a+b/mlops-config.json'],
      ['100%/mlops-config.json', '100%/mlops-config.json'],
    ] as const) {
      s3.reset();
      inBucket(REQUEST, really);
      const { settled } = await start([objectCreated(key)]);
      assert.equal((await settled())[0]?.status, 'Provisioned', key);
      assert.equal(s3.commandCalls(GetObjectCommand)[0]?.args[0].input.Key, really);
      await world?.stop();
      world = undefined;
      sqs.reset();
      sqs.on(DeleteMessageCommand).resolves({});
    }
  });

  it('deletes events of other objects and buckets without doing anything', async () => {
    const { deliveries, log } = await start([
      objectCreated('mlops-config.json.bak'),
      objectCreated('not-mlops-config.json'),
      objectCreated('mlops-config.json/part'),
      objectCreated('MLOPS-CONFIG.JSON'),
      objectCreated('mlops-config.json', { 'version-id': 'v1' }, 'somebody-elses'),
    ]);
    assert.deepEqual(await deliveries(), []);
    assert.deepEqual(deleted(), ['r0', 'r1', 'r2', 'r3', 'r4']);
    assert.ok(log.some((line) => line.includes('somebody-elses') && line.includes('CONFIG_BUCKETS')));
  });

  it('leaves what cannot be handled to the dead-letter queue, and continues with the next', async () => {
    inBucket(REQUEST, 'mlops-config.json');
    const { settled, log } = await start([
      'no JSON',
      '[]',
      { hello: 'world' },
      { ...objectCreated('mlops-config.json'), 'detail-type': 'Object Deleted' },
      { ...objectCreated('mlops-config.json'), 'detail-type': 'constructor' },
      { Records: [{ eventSource: 'aws:sns' }] },
      objectCreated('mlops-config.json', { 'version-id': undefined, etag: undefined }),
      objectCreated('mlops-config.json'),
    ]);
    assert.equal((await settled()).length, 1);
    assert.deepEqual(deleted(), ['r7']);
    assert.equal(log.filter((line) => line.includes('an event stays in the queue')).length, 7);
  });

  it('keeps a message until its event is kept, and a message that comes again makes nothing twice', async () => {
    inBucket(REQUEST, 'mlops-config.json');
    const first = await start([objectCreated('mlops-config.json'), { Records: [s3Record('mlops-config.json')] }]);
    assert.equal((await first.settled()).length, 1);
    assert.deepEqual(deleted(), ['r0', 'r1']);
    assert.equal(first.provisioned().length, 1);
    await first.database.query('ALTER TABLE mlops.config_deliveries RENAME TO hidden');
    try {
      sqs.reset();
      sqs.on(DeleteMessageCommand).resolves({});
      sqs
        .on(ReceiveMessageCommand)
        .resolvesOnce({ Messages: [{ Body: JSON.stringify(objectCreated('mlops-config.json')), ReceiptHandle: 'r' }] })
        .callsFake(() => new Promise((resolve) => setTimeout(() => resolve({ Messages: [] }), 5)));
      await until(() => sqs.commandCalls(ReceiveMessageCommand).length > 2, 'the message has been handled');
      assert.deepEqual(deleted(), []);
    } finally {
      await first.database.query('ALTER TABLE mlops.hidden RENAME TO config_deliveries');
    }
  });

  it('hands events of other types to those who are there for them, and deletes only what they have done', async () => {
    const seen: string[] = [];
    await start(
      [
        { ...objectCreated('x'), 'detail-type': 'SageMaker Model Package State Change', id: 'good' },
        { ...objectCreated('x'), 'detail-type': 'SageMaker Model Package State Change', id: 'bad' },
      ],
      {
        eventHandlers: {
          'SageMaker Model Package State Change': async ({ id }) => {
            seen.push(id);
            if (id === 'bad') throw new Error('not now');
          },
        },
      },
    );
    assert.deepEqual(seen, ['good', 'bad']);
    assert.deepEqual(deleted(), ['r0']);
  });

  it('is asked again after a pause when it cannot be read', async () => {
    sqs
      .on(ReceiveMessageCommand)
      .rejectsOnce(new Error('no network'))
      .callsFake(() => new Promise((resolve) => setTimeout(() => resolve({}), 5)));
    world = await startWorld(ground, { CONFIG_QUEUE_URL: QUEUE });
    await until(() => sqs.commandCalls(ReceiveMessageCommand).length > 1, 'it is asked again');
    assert.ok(world.log.some((line) => line.includes('no network')));
  });

  it('does not provision an object that was overwritten or deleted since', async () => {
    inBucket(REQUEST, 'mlops-config.json', { VersionId: 'v2' });
    const { settled, provisioned } = await start([
      objectCreated('mlops-config.json'),
      objectCreated('gone/mlops-config.json'),
    ]);
    assert.deepEqual(
      (await settled()).map(({ status }) => status),
      ['Superseded', 'Superseded'],
    );
    assert.deepEqual(provisioned(), []);
  });

  it('reports a bad object, and one that may not be read, by a notification', async () => {
    inBucket([REQUEST, {}], 'mlops-config.json');
    const bad = await start([objectCreated('mlops-config.json')]);
    assert.equal((await bad.settled())[0]?.status, 'Invalid');
    assert.match(bad.notices[0]?.message ?? '', /s3:assets\/mlops-config.json at v1 has 2 faults; nothing/);
    s3.on(HeadObjectCommand, { Bucket: 'assets', Key: 'b/mlops-config.json' }).rejects(
      Object.assign(new Error('Forbidden'), { $metadata: { httpStatusCode: 403 } }),
    );
    await bad.database.query(
      `INSERT INTO mlops.config_deliveries (source, delivery_id, target, revision, place)
       VALUES ('s3', 'x', 's3:assets/b', 'v', '{"repository":"assets","branch":"","path":"b/mlops-config.json"}')`,
    );
    await announceDue(bad.database, 'deliveries');
    await bad.reaches('Pending', 2);
    assert.match(
      (await bad.deliveries())[1]?.detail ?? '',
      /s3:\/\/assets\/b\/mlops-config.json cannot be read: .*Forbidden/,
    );
  });

  describe('with events of CodeCommit', () => {
    const env = { CONFIG_REPOSITORIES: 'codecommit:mlops-config@main' };

    function inRepository(content: unknown): void {
      codecommit.on(GetBranchCommand).resolves({ branch: { branchName: 'main', commitId: COMMIT } });
      codecommit.on(GetFileCommand).resolves({ fileContent: Buffer.from(JSON.stringify(content)) });
    }

    it('provisions the file of exactly that commit', async () => {
      inRepository(REQUEST);
      const { settled, provisioned } = await start([repositoryChange()], {}, env);
      assert.equal((await settled())[0]?.status, 'Provisioned');
      assert.deepEqual(provisioned(), [[REQUEST, 'codecommit:mlops-config']]);
      assert.deepEqual(codecommit.commandCalls(GetFileCommand)[0]?.args[0].input, {
        repositoryName: 'mlops-config',
        commitSpecifier: COMMIT,
        filePath: 'mlops-config.json',
      });
      assert.deepEqual(deleted(), ['r0']);
    });

    it('ignores other branches, repositories, tags and deletions', async () => {
      const { deliveries } = await start(
        [
          repositoryChange({ referenceName: 'other' }),
          repositoryChange({ repositoryName: 'other' }),
          repositoryChange({ referenceType: 'tag' }),
          repositoryChange({ event: 'referenceDeleted' }),
          repositoryChange({ event: 'unreferencedMergeCommitCreated' }),
        ],
        {},
        env,
      );
      assert.deepEqual(await deliveries(), []);
      assert.equal(deleted().length, 5);
    });

    it('ends quietly without the file, and waits for a service that does not answer', async () => {
      const missing = Object.assign(new Error('no such file'), { name: 'FileDoesNotExistException' });
      inRepository(REQUEST);
      codecommit.on(GetFileCommand).rejects(missing);
      codecommit
        .on(GetBranchCommand)
        .rejectsOnce(new Error('throttled'))
        .resolves({ branch: { branchName: 'main', commitId: COMMIT } });
      const { settled, log } = await start([repositoryChange()], {}, env);
      assert.equal((await settled())[0]?.status, 'Absent');
      assert.ok(log.some((line) => line.includes('throttled')));
    });
  });
});
