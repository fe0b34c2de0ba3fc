import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import pino from 'pino';
import { NotificationDelivery } from '../../automation/notifications/notification-delivery.ts';
import type { StoredNotification } from '../../automation/notifications/notification-log.ts';
import { NotificationLog } from '../../automation/notifications/notification-log.ts';
import type { NewNotification } from '../../automation/notifications/notifications.ts';
import { addNotification } from '../../automation/notifications/notifications.ts';
import type { Publication, Publisher } from '../../automation/notifications/publisher.ts';
import { until } from '../support/until.ts';
import type { EmptyDatabase } from '../support/empty-database.ts';
import { emptyDatabase, silent } from '../support/empty-database.ts';

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:mlops';

/** A topic that the test can break, hold, and look into. */
class Topic implements Publisher {
  readonly published: Publication[] = [];
  /** Refuses those for which it says so. */
  refuses: (publication: Publication) => boolean = () => false;
  held: Promise<unknown> = Promise.resolve();
  /** Publications that have begun. */
  begun = 0;
  closed = 0;

  async publish(publication: Publication): Promise<void> {
    this.begun++;
    await this.held;
    if (this.refuses(publication)) throw new Error('the topic does not answer');
    this.published.push(publication);
  }

  close(): void {
    this.closed++;
  }

  subjects(): string[] {
    return this.published.map(({ subject }) => subject);
  }
}

describe('delivery of notifications', function () {
  this.timeout(60_000);
  let empty: EmptyDatabase;
  let topic: Topic;
  let started: NotificationDelivery[];

  before(async () => {
    empty = await emptyDatabase();
  });

  beforeEach(async () => {
    topic = new Topic();
    started = [];
    await empty.database.query('TRUNCATE mlops.notifications RESTART IDENTITY');
  });

  afterEach(async () => {
    await Promise.all(started.map((delivery) => delivery.stop()));
  });

  after(async () => {
    await empty.stop();
  });

  function delivery(topicArn = TOPIC, logger = silent): NotificationDelivery {
    const made = new NotificationDelivery(empty.database, { topicArn, publisher: async () => topic }, logger);
    started.push(made);
    return made;
  }

  async function add(subject: string, more: Partial<NewNotification> = {}): Promise<void> {
    await addNotification(empty.database, {
      kind: 'started',
      pipelineId: 'p',
      subject,
      message: `${subject}!`,
      ...more,
    });
  }

  /** As stored, oldest first. */
  async function stored(): Promise<StoredNotification[]> {
    const { entries } = await new NotificationLog(empty.database).page({ limit: 1_000 });
    return entries.toReversed();
  }

  /** Lets the pause between two attempts be over. */
  async function pauseIsOver(): Promise<void> {
    await empty.database.query('UPDATE mlops.notifications SET next_attempt = now()');
  }

  it('tells the topic each notification once, in order, with what subscriptions filter by', async () => {
    const executionId = '3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11';
    await add('one', { kind: 'approval-needed', environment: 'prod', executionId });
    await add('two', { pipelineId: undefined });
    await add('three');
    const first = delivery();
    assert.equal(await first.deliverDue(), 3);
    assert.equal(await first.deliverDue(), 0);
    assert.deepEqual(topic.subjects(), ['one', 'two', 'three']);
    assert.deepEqual(topic.published.slice(0, 2), [
      {
        topicArn: TOPIC,
        subject: 'one',
        message: 'one!',
        attributes: { notificationId: '1', kind: 'approval-needed', pipelineId: 'p', executionId, environment: 'prod' },
      },
      { topicArn: TOPIC, subject: 'two', message: 'two!', attributes: { notificationId: '2', kind: 'started' } },
    ]);
    for (const { delivery: state, delivered, attempts, lastError } of await stored()) {
      assert.deepEqual([state, typeof delivered, attempts, lastError], ['delivered', 'string', 0, undefined]);
    }
  });

  it('delivers one once more when somebody asks for it, and the audit log says who', async () => {
    const log = new NotificationLog(empty.database);
    await add('lost', { kind: 'failed', environment: 'prod' });
    await assert.rejects(log.resend(1, 'kim', TOPIC), { code: 'NOTIFICATION_PENDING' });
    // Older than what is tried: one failure more, and it is given up.
    await empty.database.query("UPDATE mlops.notifications SET at = now() - interval '30 days'");
    topic.refuses = () => true;
    const running = delivery();
    await running.deliverDue();
    assert.equal((await stored())[0]?.delivery, 'undeliverable');
    await assert.rejects(log.resend(1, 'kim', ''), { code: 'TOPIC_NOT_CONFIGURED' });
    await assert.rejects(log.resend(2, 'kim', TOPIC), { code: 'NOTIFICATION_NOT_FOUND' });

    const { delivery: state, attempts, lastError } = await log.resend(1, 'kim', TOPIC);
    assert.deepEqual([state, attempts, lastError], ['pending', 0, undefined]);
    await running.deliverDue();
    assert.equal((await stored())[0]?.delivery, 'pending', 'it is tried for as long as a new one');
    topic.refuses = () => false;
    await pauseIsOver();
    await running.deliverDue();
    assert.deepEqual(topic.subjects(), ['lost']);
    assert.equal(topic.published[0]?.attributes.notificationId, '1');
    assert.equal((await stored())[0]?.delivery, 'delivered');
    const { rows } = await empty.database.query('SELECT principal, pipeline_id, environment, detail FROM mlops.audit');
    assert.deepEqual(rows, [
      {
        principal: 'kim',
        pipeline_id: 'p',
        environment: 'prod',
        detail: { notificationId: 1, kind: 'failed', delivery: 'undeliverable' },
      },
    ]);
  });

  it('continues until it is stopped, then releases the topic', async () => {
    const running = delivery();
    running.start();
    for (const count of [1, 2]) {
      await add('later');
      running.wake();
      await until(() => topic.published.length === count, 'the notification was delivered');
    }
    await running.stop();
    assert.equal(topic.closed, 1);
    await add('too late');
    assert.equal(await running.deliverDue(), 0);
  });

  it('tries again what the topic did not take, later each time', async () => {
    await add('one');
    topic.refuses = () => true;
    const first = delivery();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt++) {
      assert.equal(await first.deliverDue(), 1);
      const { rows } = await empty.database.query<{ pause: number }>(
        'SELECT round(extract(epoch FROM next_attempt - now()))::int AS pause FROM mlops.notifications',
      );
      pauses.push(rows[0]?.pause ?? 0);
      // Not before the pause is over.
      assert.equal(await first.deliverDue(), 0);
      await pauseIsOver();
    }
    const within = (pause: number, wanted: number) => assert.ok(Math.abs(pause - wanted) <= 1, `${pause} ${wanted}`);
    [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900].forEach((wanted, index) => within(pauses[index] ?? 0, wanted));
    const [failing] = await stored();
    assert.deepEqual([failing?.delivery, failing?.attempts], ['pending', 12]);
    assert.equal(failing?.lastError, 'Error: the topic does not answer');
    topic.refuses = () => false;
    assert.equal(await first.deliverDue(), 1);
    const [done] = await stored();
    assert.deepEqual([done?.delivery, done?.attempts, done?.lastError], ['delivered', 12, undefined]);
  });

  it('keeps the order of a pipeline while one fails, and holds up neither other pipelines nor, for ever, its own', async () => {
    for (const subject of ['first', 'second']) await add(subject);
    await add('other', { pipelineId: 'q' });
    topic.refuses = ({ subject }) => subject === 'first';
    const running = delivery();
    await running.deliverDue();
    assert.deepEqual(topic.subjects(), ['other']);
    for (let attempt = 2; attempt < 5; attempt++) {
      await pauseIsOver();
      await running.deliverDue();
    }
    assert.deepEqual(topic.subjects(), ['other']);
    await pauseIsOver();
    await running.deliverDue();
    assert.deepEqual(topic.subjects(), ['other', 'second']);
  });

  it('gives up what is days old', async () => {
    await add('stale');
    await add('fresh', { pipelineId: 'q' });
    await empty.database.query(
      `UPDATE mlops.notifications SET at = now() - interval '73 hours' WHERE subject = 'stale'`,
    );
    topic.refuses = () => true;
    const running = delivery();
    await running.deliverDue();
    assert.deepEqual(
      (await stored()).map(({ delivery: state }) => state),
      ['undeliverable', 'pending'],
    );
    topic.refuses = () => false;
    await pauseIsOver();
    await running.deliverDue();
    assert.deepEqual(topic.subjects(), ['fresh']);
  });

  it('delivers once from several processes at once, each pipeline in its order', async () => {
    for (let index = 0; index < 60; index++) await add(`${index}`, { pipelineId: `p${index % 5}` });
    const several = Array.from({ length: 4 }, () => delivery());
    // Each has one in progress before any may continue.
    const gate = Promise.withResolvers<undefined>();
    topic.held = gate.promise;
    const counts = several.map((one) => one.deliverDue());
    await until(() => topic.begun === 4, 'all four are at it');
    gate.resolve(undefined);
    const total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    // One that found the rest locked may have ended early.
    const rest = await delivery().deliverDue();
    assert.equal(total + rest, 60);
    assert.equal(new Set(topic.subjects()).size, 60);
    for (const ofPipeline of Map.groupBy(topic.published, ({ attributes }) => attributes.pipelineId).values()) {
      const order = ofPipeline.map(({ subject }) => Number(subject));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }
  });

  it('holds no transaction while it publishes, so that connections may break meanwhile', async () => {
    await add('one');
    const gate = Promise.withResolvers<undefined>();
    topic.held = gate.promise;
    const running = delivery();
    const count = running.deliverDue();
    await until(() => topic.begun === 1, 'the publication has begun');
    const { rows } = await empty.database.query<{ state: string }>(
      `SELECT state, pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    assert.ok(rows.every(({ state }) => state !== 'idle in transaction'));
    gate.resolve(undefined);
    assert.equal(await count, 1);
    assert.deepEqual(topic.subjects(), ['one']);
    assert.equal((await stored())[0]?.delivery, 'delivered');
  });

  it('keeps and logs them where there is no topic, and does not send them once there is one', async () => {
    const lines: string[] = [];
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    await add('kept', { kind: 'failed', environment: 'dev' });
    await delivery('', pino({ level: 'info' }, destination)).deliverDue();
    const line = JSON.parse(lines[0] ?? '{}');
    assert.deepEqual([line.msg, line.message, line.kind, line.pipelineId], ['kept', 'kept!', 'failed', 'p']);
    assert.equal((await stored())[0]?.delivery, 'stored');
    assert.equal(await delivery().deliverDue(), 0);
    assert.deepEqual(topic.published, []);
  });

  it('asks again for a publisher that could not be had', async () => {
    await add('one');
    let asked = 0;
    const publisher = async () => {
      if (++asked === 1) throw new Error('no module');
      return topic;
    };
    const stubborn = new NotificationDelivery(empty.database, { topicArn: TOPIC, publisher }, silent);
    started.push(stubborn);
    await stubborn.deliverDue();
    assert.equal((await stored())[0]?.lastError, 'Error: no module');
    await pauseIsOver();
    await stubborn.deliverDue();
    assert.deepEqual(topic.subjects(), ['one']);
    assert.equal(asked, 2);
  });
});

describe('the list of notifications', function () {
  this.timeout(60_000);
  let empty: EmptyDatabase;

  before(async () => {
    empty = await emptyDatabase();
  });

  after(async () => {
    await empty.stop();
  });

  it('is filtered and read page by page, newest first', async () => {
    const log = new NotificationLog(empty.database);
    const executionId = '3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11';
    const message = 'm';
    await addNotification(empty.database, { kind: 'started', pipelineId: 'a', executionId, subject: '1', message });
    await addNotification(empty.database, { kind: 'failed', pipelineId: 'a', executionId, subject: '2', message });
    await addNotification(empty.database, { kind: 'failed', pipelineId: 'b', subject: '3\n', message, data: { a: 1 } });
    await empty.database.query(
      `UPDATE mlops.notifications SET at = timestamptz '2026-01-01T00:00:00Z' + id * interval '1 day'`,
    );
    const subjects = async (filter: Partial<Parameters<typeof log.page>[0]>) =>
      (await log.page({ limit: 100, ...filter })).entries.map(({ subject }) => subject).join();
    assert.equal(await subjects({}), '3,2,1');
    assert.equal(await subjects({ kind: 'failed' }), '3,2');
    assert.equal(await subjects({ pipelineId: 'a' }), '2,1');
    assert.equal(await subjects({ executionId, kind: 'started' }), '1');
    assert.equal(await subjects({ since: new Date('2026-01-03') }), '3,2');
    const { entries, next } = await log.page({ limit: 1 });
    const [{ id: _id, ...newest } = assert.fail('there is none')] = entries;
    const rest = { data: { a: 1 }, delivery: 'pending', attempts: 0 };
    const at = '2026-01-04T00:00:00.000Z';
    assert.deepEqual(newest, { at, kind: 'failed', pipelineId: 'b', subject: '3', message, ...rest });
    assert.equal(await subjects({ after: next }), '2,1');
  });
});
