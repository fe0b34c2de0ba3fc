import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  DEFAULT_TAKE_OVER_SECONDS,
  MINIMUM_TAKE_OVER_SECONDS,
  leaseTimes,
} from '../../../automation/platform/lease-times.ts';

/** Of the dead-man's switch in the child, whatever the setting. */
const CHILD_CHECK_MS = 100;

describe('the times of leases', () => {
  for (const seconds of [MINIMUM_TAKE_OVER_SECONDS, 10, DEFAULT_TAKE_OVER_SECONDS, 600]) {
    it(`hold their order with a take-over after ${seconds} s`, () => {
      const times = leaseTimes(seconds);
      const { heartbeatMs, restingHeartbeatMs, heartbeatTimeoutMs, validMs, checkMs, killMs, takeOverMs } = times;
      // The heartbeat after the one that is lost is sent once the lost one has failed.
      const next = heartbeatMs + heartbeatTimeoutMs;
      assert.ok(next + heartbeatTimeoutMs < validMs, 'one lost heartbeat ends nothing');
      assert.ok(restingHeartbeatMs + heartbeatTimeoutMs < validMs, 'at rest, too, an operation may begin at any time');
      const nextAtRest = restingHeartbeatMs + heartbeatTimeoutMs;
      assert.ok(nextAtRest + heartbeatTimeoutMs < takeOverMs, 'one lost heartbeat makes no worker at rest look dead');
      const ended = validMs + Math.max(checkMs, CHILD_CHECK_MS) + killMs;
      assert.ok(ended < takeOverMs, `operations end after ${ended} ms, and are taken over after ${takeOverMs} ms`);
      assert.ok(takeOverMs - ended >= takeOverMs / 4, 'a quarter of the time is left for clocks that run differently');
      assert.ok(checkMs < heartbeatMs && heartbeatMs < heartbeatTimeoutMs && heartbeatTimeoutMs < validMs);
    });
  }

  it('are those of docs/leases.md', async () => {
    const doc = await readFile(new URL('../../../docs/leases.md', import.meta.url), 'utf8');
    const documented = Object.fromEntries(
      [...doc.matchAll(/^\| `(\w+Ms)` +\|[^|]*\| *([\d.]+) s *\|/gm)].map(([, name = '', value]) => [
        name,
        Number(value) * 1_000,
      ]),
    );
    assert.deepEqual(documented, { ...leaseTimes(DEFAULT_TAKE_OVER_SECONDS) });
  });
});
