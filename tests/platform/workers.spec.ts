import assert from 'node:assert/strict';
import pino from 'pino';
import { openDatabase } from '../../automation/platform/database.ts';
import type { Database } from '../../automation/platform/database.ts';
import type { LeaseTimes } from '../../automation/platform/lease-times.ts';
import { leaseTimes } from '../../automation/platform/lease-times.ts';
import { Leases } from '../../automation/platform/leases.ts';
import { Workers } from '../../automation/platform/workers.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const logger = pino({ level: 'silent' });
const TIMES = leaseTimes(3);

describe('workers and their leases', function () {
  this.timeout(60_000);
  let own: TestDatabase;
  let database: Database;
  let proxy: TcpProxy;
  const open: Workers[] = [];

  before(async () => {
    own = await createDatabase();
    database = await openDatabase({ url: own.url, waitSeconds: 30 }, logger);
    proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(own.url).port) });
  });

  after(async () => {
    await proxy.close();
    await database.end();
    await own.drop();
  });

  afterEach(async () => {
    proxy.heal();
    await Promise.all(open.splice(0).map((workers) => workers.close()));
    await database.query('TRUNCATE mlops.workers, mlops.stack_leases, mlops.fencing_tokens');
  });

  async function start(
    options: { url?: string; space?: string; times?: LeaseTimes; onCloned?: () => void } = {},
  ): Promise<Workers> {
    const { url = own.url, space, times = TIMES, onCloned } = options;
    const workers = new Workers(database, {
      connectionString: url,
      times,
      logger,
      ...(onCloned ? { onCloned } : {}),
    });
    open.push(workers);
    await workers.register();
    if (space !== undefined) {
      workers.space = space;
      await database.query('UPDATE mlops.workers SET space = $2 WHERE id = $1', [workers.self.id, space]);
    }
    return workers;
  }

  function behindProxy(): string {
    const url = new URL(own.url);
    url.port = String(proxy.port);
    return url.href;
  }

  /** Resolves with how often the limit was lost so far, once that is `count`. */
  function losses(workers: Workers): { count: number } {
    const lost = { count: 0 };
    workers.subscribe((limit) => void (limit === undefined && lost.count++));
    return lost;
  }

  it('one that is cut off from the database gives up before another may take over, and goes on when it is back', async () => {
    const cutOff = await start({ url: behindProxy(), space: 'machine-a' });
    const observer = await start({ space: 'machine-b' });
    const lease = await new Leases(database, cutOff).acquire('p/s', 'execution-1', 0);
    const lost = losses(cutOff);
    let lostAt = 0;
    cutOff.subscribe((limit) => void (limit === undefined && (lostAt = performance.now())));
    proxy.cut();
    // The successor waits for as long as it takes.
    const successor = await new Leases(database, observer).acquire('p/s', 'execution-2', 30_000);
    const takenOver = performance.now();
    assert.equal(lost.count, 1, 'it gave up once');
    assert.ok(takenOver - lostAt > TIMES.killMs, `taken over ${takenOver - lostAt} ms after it gave up`);
    assert.deepEqual(
      [successor.afterDeath, successor.unfenced, successor.fencingToken],
      [true, [lease.fencingToken], 1],
    );
    assert.equal(await new Leases(database, cutOff).release(lease), false, 'what it did must not be recorded');
    proxy.heal();
    await until(async () => Number(cutOff.validUntil()) > 0, 'its heartbeats are confirmed again');
    assert.ok((await observer.sweep()).has(cutOff.self.id), 'it is among the living again');
  });

  it('one that was cut off takes no lease again before its heartbeats are confirmed', async () => {
    const workers = await start({ url: behindProxy() });
    const lost = losses(workers);
    proxy.cut();
    await until(async () => lost.count === 1, 'it gave up', 20_000);
    proxy.heal();
    // The database answers queries at once, and the next heartbeat comes later.
    await new Leases(database, workers).acquire('p/s', 'execution-1', 0);
    assert.ok(Number(workers.validUntil()) > 0, 'an operation under this lease would have been ended at once');
  });

  it('a living one of the same host name and an unknown process id in another PID namespace is not taken for dead', async () => {
    const other = await start({ space: 'boot-1/pid:[2]' });
    // In its own namespace it has an id that means nothing here.
    await database.query('UPDATE mlops.workers SET pid = 2147483 WHERE id = $1', [other.self.id]);
    const observer = await start({ space: 'boot-1/pid:[1]' });
    assert.equal(other.self.host, observer.self.host);
    await new Leases(database, other).acquire('p/s', 'execution-1', 0);
    assert.ok((await observer.sweep()).has(other.self.id));
    await assert.rejects(new Leases(database, observer).acquire('p/s', 'execution-2', 2 * TIMES.heartbeatMs), {
      code: 'PIPELINE_BUSY',
    });
  });

  it('the same execution in another process does not take the lease of the first', async () => {
    const first = await start({ space: 'machine-a' });
    const second = await start({ space: 'machine-b' });
    await new Leases(database, first).acquire('p/s', 'execution-1', 0);
    await assert.rejects(new Leases(database, second).acquire('p/s', 'execution-1', 2 * TIMES.heartbeatMs), {
      code: 'PIPELINE_BUSY',
    });
  });

  it('the same execution in the same process takes its lease once the former attempt has ended, released or not', async () => {
    let isAway = false;
    const query = async (text: string, values: unknown[]) => {
      if (isAway) throw new Error('the database is away');
      return await database.query(text, values);
    };
    const leases = new Leases({ query } as unknown as Database, await start());
    const first = await leases.acquire('p/s', 'execution-1', 0);
    await assert.rejects(leases.acquire('p/s', 'execution-1', 0), { code: 'PIPELINE_BUSY' });
    isAway = true;
    await assert.rejects(leases.release(first), /away/);
    isAway = false;
    const second = await leases.acquire('p/s', 'execution-1', 0);
    assert.equal(second.afterDeath, true);
    await assert.rejects(leases.acquire('p/s', 'execution-1', 0), { code: 'PIPELINE_BUSY' });
    await leases.abandon(second);
    assert.equal((await leases.acquire('p/s', 'execution-1', 0)).afterDeath, true);
  });

  it('the same execution in the same process does not take its lease while it is acquired or given back', async () => {
    let isOnTheWay = false;
    const query = async (text: string, values: unknown[]) => {
      const isChange = /^\s*(INSERT|WITH|UPDATE|DELETE)/.test(text) && !isOnTheWay;
      const isReturn = /DELETE|SET holder = ''/.test(text);
      const other = async () => {
        isOnTheWay = true;
        await assert.rejects(leases.acquire('p/s', 'execution-1', 0), { code: 'PIPELINE_BUSY' }, text);
        isOnTheWay = false;
      };
      if (isChange && isReturn) await other();
      const answer = await database.query(text, values);
      if (isChange && !isReturn && answer.rowCount === 1) await other();
      return answer;
    };
    const leases = new Leases({ query } as unknown as Database, await start());
    assert.equal(await leases.abandon(await leases.acquire('p/s', 'execution-1', 0)), true);
    assert.equal(await leases.release(await leases.acquire('p/s', 'execution-1', 0)), true);
  });

  it('a database whose clock jumps by an hour makes no worker look dead', async () => {
    const first = await start({ space: 'machine-a' });
    const second = await start({ space: 'machine-b' });
    await database.query(`UPDATE mlops.workers SET heartbeat = heartbeat - interval '1 hour'`);
    assert.deepEqual(await second.sweep(), new Set([first.self.id, second.self.id]));
  });

  it('an outage of the database makes no worker look dead', async () => {
    const first = await start({ url: behindProxy(), space: 'machine-a' });
    const second = await start({ url: behindProxy(), space: 'machine-b' });
    const lost = [losses(first), losses(second)];
    proxy.cut();
    await until(async () => lost.every(({ count }) => count === 1), 'both gave up', 20_000);
    proxy.heal();
    assert.deepEqual(await second.sweep(), new Set([first.self.id, second.self.id]));
  });

  it('one without work sends fewer heartbeats, until there is some', async () => {
    const times = leaseTimes(10);
    const workers = await start({ times });
    let before = Number(workers.validUntil());
    // Limits count from when the heartbeat was sent.
    const nextAfterMs = async () => {
      await until(async () => Number(workers.validUntil()) !== before, 'a heartbeat was confirmed', 20_000);
      const ms = Number(workers.validUntil()) - before;
      before += ms;
      return ms;
    };
    workers.attend(false);
    const atRest = await nextAfterMs();
    assert.ok(atRest >= times.restingHeartbeatMs - times.heartbeatMs / 2, `${atRest} ms at rest`);
    workers.attend(true);
    const working = await nextAfterMs();
    assert.ok(working < times.restingHeartbeatMs, `${working} ms with unfinished work`);
    workers.attend(false);
    workers.subscribe(() => undefined);
    const operating = await nextAfterMs();
    assert.ok(operating < times.restingHeartbeatMs, `${operating} ms with an operation`);
  });

  it('of two clones of one machine, one ends itself', async () => {
    let cloned = 0;
    const original = await start({ onCloned: () => void cloned++ });
    const lost = losses(original);
    // The clone has sent a heartbeat under the same id.
    await database.query('UPDATE mlops.workers SET beat = gen_random_uuid() WHERE id = $1', [original.self.id]);
    await until(async () => cloned > 0, 'the clone was noticed');
    assert.equal(lost.count, 1);
  });

  it('one that stopped in order is taken over at once, and needs no fence', async () => {
    const first = await start({ space: 'machine-a' });
    const second = await start({ space: 'machine-b' });
    await new Leases(database, first).acquire('p/s', 'execution-1', 0);
    await first.close();
    open.splice(open.indexOf(first), 1);
    const lease = await new Leases(database, second).acquire('p/s', 'execution-2', 0);
    assert.deepEqual([lease.afterDeath, lease.unfenced], [true, []]);
  });

  it('what one successor could not fence is left to the next', async () => {
    const workers = await start();
    const leases = new Leases(database, workers);
    const first = await leases.acquire('p/s', 'execution-1', 0);
    await database.query('UPDATE mlops.stack_leases SET unfenced = $2 WHERE stack = $1', ['p/s', [6]]);
    await leases.abandon(first);
    const second = await leases.acquire('p/s', 'execution-2', 0);
    assert.deepEqual(second.unfenced, [6]);
    await leases.recordFenced(second);
    await leases.abandon(second);
    assert.deepEqual((await leases.acquire('p/s', 'execution-3', 0)).unfenced, []);
  });

  it('what holders may have created is known to all that come after, until one has left the stack in order', async () => {
    const leases = new Leases(database, await start());
    const [model, role] = [{ urn: 'model' }, { urn: 'role' }];
    assert.ok(await leases.abandon(await leases.acquire('p/s', 'execution-1', 0), [model]));
    const second = await leases.acquire('p/s', 'execution-2', 0);
    assert.deepEqual(second.uncertain, [model]);
    assert.ok(await leases.abandon(second, [role]));
    const third = await leases.acquire('p/s', 'execution-3', 0);
    assert.deepEqual(third.uncertain, [model, role]);
    assert.ok(await leases.release(third));
    assert.deepEqual((await leases.acquire('p/s', 'execution-4', 0)).uncertain, []);
  });
});
