/** Rate limits hold for all processes of the API together: two apps, each with a pool of its own, on one database. */
import assert from 'node:assert/strict';
import pino from 'pino';
import request from 'supertest';
import type { Database } from '../../automation/platform/database.ts';
import { openDatabase } from '../../automation/platform/database.ts';
import { RequestCounts } from '../../automation/platform/request-counts.ts';
import { testApi } from '../support/api.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const LIMIT = 4;
const silent = pino({ level: 'silent' });

describe('rate limits of several API processes', () => {
  let database: TestDatabase;
  let pools: Database[];

  before(async () => {
    database = await createDatabase();
    pools = [];
    for (let index = 0; index < 2; index++) {
      pools.push(await openDatabase({ url: database.url, waitSeconds: 10 }, silent));
    }
  });
  after(async () => {
    await Promise.all(pools.map((pool) => pool.ended || pool.end()));
    await database.drop();
  });

  const appOf = (pool: Database) => testApi({ rateLimitPerMinute: LIMIT }, undefined, new RequestCounts(pool));

  it('count the requests that each has answered', async () => {
    const [one, other] = pools.map((pool) => appOf(pool).app);
    assert.ok(one && other);
    const statuses: number[] = [];
    for (let call = 0; call < LIMIT + 2; call++) {
      const { status, headers } = await request(call % 2 === 0 ? one : other).get('/pipelines');
      statuses.push(status);
      if (status === 429) assert.ok(Number(headers['retry-after']) > 0);
    }
    assert.deepEqual(statuses, [...Array<number>(LIMIT).fill(200), 429, 429]);
  });

  it('lose no request that is counted at the same time, and begin again with the next window', async () => {
    const counts = pools.map((pool) => new RequestCounts(pool));
    const hits = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => (await counts[index % 2]?.increment('same', 60_000))?.hits),
    );
    assert.deepEqual(
      hits.sort((a, b) => Number(a) - Number(b)),
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    await counts[0]?.increment('short', 50);
    await until(async () => (await counts[1]?.increment('short', 50))?.hits === 1, 'a new window has begun');
  });

  it('let requests pass while the database is away, and say so once', async () => {
    const [, pool] = pools;
    assert.ok(pool);
    const { app, log } = appOf(pool);
    await pool.end();
    for (let call = 0; call < 2 * LIMIT; call++) await request(app).get('/pipelines').expect(200);
    assert.equal(log.filter((line) => line.includes('rate limits do not apply')).length, 1);
  });
});
