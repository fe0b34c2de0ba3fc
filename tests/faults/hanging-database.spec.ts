/** A server that neither answers nor refuses, and processes that stop in the middle of something. */
import assert from 'node:assert/strict';
import pg from 'pg';
import pino from 'pino';
import { addNotification } from '../../automation/notifications/notifications.ts';
import { NotificationDelivery } from '../../automation/notifications/notification-delivery.ts';
import { tryClaim } from '../../automation/platform/claims.ts';
import { connectionSettings, limitedUrl } from '../../automation/platform/connection.ts';
import type { Database } from '../../automation/platform/database.ts';
import { inTransaction, isDatabaseAway, openDatabase } from '../../automation/platform/database.ts';
import { leaseTimes } from '../../automation/platform/lease-times.ts';
import { Workers } from '../../automation/platform/workers.ts';
import { Deliveries } from '../../automation/sources/deliveries.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const silent = pino({ level: 'silent' });

/** The URL with shorter limits, which go before those of the service. */
function withLimits(url: string, limits: Record<string, number>): string {
  const limited = new URL(url);
  for (const [name, value] of Object.entries(limits)) limited.searchParams.set(name, String(value));
  return limited.href;
}

describe('a database that hangs', function () {
  this.timeout(120_000);
  let postgres: TestDatabase;
  let database: Database;

  before(async () => {
    postgres = await createDatabase();
    const url = withLimits(postgres.url, {
      lock_timeout: 300,
      statement_timeout: 700,
      query_timeout: 1_500,
      idle_in_transaction_session_timeout: 500,
    });
    database = await openDatabase({ url, waitSeconds: 30 }, silent);
    // A connection that the server closes while it is idle.
    database.on('error', () => undefined);
  });

  after(async () => {
    await database.end();
    await postgres.drop();
  });

  it('has limits on every connection, the durable engine’s included, unless the URL sets its own', async () => {
    const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    for (const settings of [connectionSettings(postgres.url), { connectionString: limitedUrl(postgres.url) }]) {
      const client = new pg.Client(settings);
      await client.connect();
      for (const name of names) {
        const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`);
        assert.notEqual(rows[0]?.[name], '0', name);
      }
      await client.end();
    }
    const { rows } = await database.query<{ statement_timeout: string }>('SHOW statement_timeout');
    assert.equal(rows[0]?.statement_timeout, '700ms');
    assert.ok(limitedUrl(withLimits(postgres.url, { lock_timeout: 7 })).includes('lock_timeout=7&'));
  });

  const outOfTime = async (work: Promise<unknown>): Promise<void> => {
    await assert.rejects(work, (error) => isDatabaseAway(error));
  };

  it('answers within its limits: a long statement, a lock that somebody holds, a transaction that stands still', async () => {
    await outOfTime(database.query('SELECT pg_sleep(30)'));
    await database.query('CREATE TABLE held (id integer PRIMARY KEY)');
    await database.query('INSERT INTO held VALUES (1)');
    await inTransaction(database, async (holder) => {
      await holder.query('SELECT * FROM held FOR UPDATE');
      await outOfTime(database.query('UPDATE held SET id = 2'));
    });
    // As of a process that is stopped: the server takes its locks away, and others go on.
    const stopped = new pg.Client({
      ...connectionSettings(withLimits(postgres.url, { idle_in_transaction_session_timeout: 500 })),
    });
    stopped.on('error', () => undefined);
    await stopped.connect();
    await stopped.query('BEGIN');
    await stopped.query('SELECT * FROM held FOR UPDATE');
    await until(
      () =>
        database.query('UPDATE held SET id = 2').then(
          () => true,
          () => false,
        ),
      'the lock is free',
    );
    await stopped.end().catch(() => undefined);
  });

  it('frees the connections that still wait for a server that was stopped', async () => {
    const { rows } = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const client = await database.connect();
    const pid = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
    client.release();
    assert.equal(typeof rows[0]?.pid, 'number');
    process.kill(pid, 'SIGSTOP');
    try {
      await outOfTime(inTransaction(database, (transaction) => transaction.query('SELECT 1')));
      // The next one has a connection of its own.
      await database.query('SELECT 1');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('blocks others no longer than a claim lasts', async () => {
    const first = await tryClaim(database, 'work', 1);
    assert.ok(first);
    assert.ok(first.isHeld());
    assert.equal(await tryClaim(database, 'work', 1), undefined);
    assert.ok(await tryClaim(database, 'other work', 1));
    let second: Awaited<ReturnType<typeof tryClaim>>;
    await until(async () => {
      second = await tryClaim(database, 'work', 60);
      return second !== undefined;
    }, 'the claim has passed on');
    assert.equal(first.isHeld(), false);
    // A process that wakes up late takes nothing from the next one.
    await first.release();
    assert.equal(await tryClaim(database, 'work', 60), undefined);
    await second?.release();
    assert.ok(await tryClaim(database, 'work', 60));
  });

  it('gives a delivery of a process that is gone to another, and never two of one target at once', async () => {
    const settings = { connectionString: postgres.url, times: leaseTimes(30), logger: silent };
    const [one, other] = [new Workers(database, settings), new Workers(database, settings)];
    await Promise.all([one.register(), other.register()]);
    const [mine, theirs] = [new Deliveries(database, one.self), new Deliveries(database, other.self)];
    for (const revision of ['a', 'b']) {
      const place = { repository: 'acme/models', branch: 'main', path: 'mlops-config.json' };
      await mine.accept({ source: 'git', deliveryId: revision, target: 'git:x@main', revision, place });
    }
    const claims = await Promise.all([mine.claim(), theirs.claim(), mine.claim(), theirs.claim()]);
    assert.equal(claims.filter(Boolean).length, 1);
    const [holder, heir, living] = claims[0] || claims[2] ? [one, theirs, other] : [other, mine, one];
    assert.equal(await heir.claim(), undefined);
    await holder.close();
    const taken = await heir.claim();
    assert.equal(taken?.revision, 'a');
    await heir.finish(taken, 'Provisioned', null);
    assert.equal((await heir.claim())?.revision, 'b');
    await living.close();
  });

  it('delivers a notification whose process stopped in the middle, and keeps the order of its pipeline', async () => {
    for (const subject of ['first', 'second']) {
      await addNotification(database, { kind: 'started', pipelineId: 'p', subject, message: subject });
    }
    const published: string[] = [];
    const never = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    const delivery = (publish: (subject: string) => Promise<unknown>) =>
      new NotificationDelivery(
        database,
        {
          topicArn: 'arn:aws:sns:us-east-1:111111111111:t',
          publisher: async () => ({
            publish: async ({ subject }) => void (await publish(subject)),
            close: () => undefined,
          }),
        },
        silent,
      );
    const stopped = delivery(async () => {
      reached.resolve(undefined);
      await never.promise;
    });
    const stoppedRun = stopped.deliverDue();
    await reached.promise;
    const other = delivery(async (subject) => published.push(subject));
    assert.equal(await other.deliverDue(), 0, 'the second one waits for the first, which is claimed');
    // The time of the claim is over.
    await database.query(`UPDATE mlops.notifications SET claimed_until = now() WHERE claim IS NOT NULL`);
    assert.equal(await other.deliverDue(), 2);
    assert.deepEqual(published, ['first', 'second']);
    never.resolve(undefined);
    await stoppedRun;
    const { rows } = await database.query('SELECT delivery, attempts FROM mlops.notifications ORDER BY id');
    assert.deepEqual(rows, Array(2).fill({ delivery: 'delivered', attempts: 0 }));
  });
});
