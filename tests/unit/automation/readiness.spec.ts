import assert from 'node:assert/strict';
import { BacklogGauges } from '../../../automation/executions/backlog-gauges.ts';
import { Registry } from 'prom-client';
import { pino } from 'pino';
import type { Database } from '../../../automation/platform/database.ts';
import type { ReadinessParts } from '../../../automation/readiness.ts';
import { ReadinessChecks } from '../../../automation/readiness.ts';

const NEVER = new Promise<never>(() => undefined);

function checksOf(query: () => Promise<unknown>): ReadinessChecks {
  const database = { query } as unknown as ReadinessParts['database'];
  return new ReadinessChecks({
    config: { engine: {} },
    database,
    engine: { state: async () => ({ ok: true, detail: 'cli' }) },
    log: () => ({ ok: true }),
  });
}

describe('probes while the database hangs', () => {
  it('are told soon that the service is not ready, all by one check', async () => {
    let queries = 0;
    const checks = checksOf(() => {
      queries++;
      return NEVER;
    });
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 50 }, () => checks.check()));
    assert.ok(performance.now() - begun < 4_500, 'before a load balancer gives up');
    for (const { ready, checks: found } of answers) {
      assert.equal(ready, false);
      assert.match(found.database?.detail ?? '', /did not answer within/);
    }
    assert.equal(queries, 1);
  });

  it('get the metrics that need no database before a scraper gives up', async () => {
    let queries = 0;
    const query = () => {
      queries++;
      return NEVER;
    };
    const gauges = new BacklogGauges({ query } as unknown as Database, { read: query }, pino({ level: 'silent' }));
    const registry = new Registry();
    for (const gauge of gauges.all) registry.registerMetric(gauge);
    const begun = performance.now();
    await Promise.all([registry.metrics(), registry.metrics()]);
    assert.ok(performance.now() - begun < 9_000);
    const asked = queries;
    await registry.metrics();
    assert.equal(queries, asked, 'no further queries pile up behind the first ones');
  }).timeout(20_000);

  it('are told that it is ready as soon as it is', async () => {
    let away = true;
    const checks = checksOf(() => (away ? Promise.reject(new Error('away')) : Promise.resolve()));
    assert.equal((await checks.check()).ready, false);
    away = false;
    assert.equal((await checks.check()).ready, true);
  });
});
