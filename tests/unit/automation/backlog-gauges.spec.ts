import assert from 'node:assert/strict';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { BacklogGauges } from '../../../automation/executions/backlog-gauges.ts';
import type { Database } from '../../../automation/platform/database.ts';

describe('gauges of the backlog', () => {
  it('are left out while the database cannot be reached, and the other metrics are returned', async () => {
    const log: string[] = [];
    const away = () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    const logger = pino({}, { write: (line: string) => void log.push(line) });
    const gauges = new BacklogGauges({ query: away } as unknown as Database, { read: away }, logger);
    const registry = new Registry();
    for (const gauge of gauges.all) registry.registerMetric(gauge);
    const text = await registry.metrics();
    assert.match(text, /^# TYPE mlops_stack_operations gauge$/m);
    assert.deepEqual(
      text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
      [],
    );
    assert.equal(log.length, 1, 'counted once for all gauges of a scrape');
  });
});
