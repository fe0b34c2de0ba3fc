/**
 * Calls a service again and again while others keep it busy, as a process of its own: in that of the benchmark, what follows a
 * hundred event streams would be measured as well. Sends its parent the latencies once it is told to stop.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { realtimeRequest } from './request.ts';

/** In milliseconds. */
export interface Probed {
  reads: number[];
  accepts: number[];
}

const READ_EVERY_MS = 200;
/** Each is one more deployment: few enough to change little. */
const ACCEPT_EVERY_MS = 1_000;
const ACCEPTS = 30;

const [url = '', pipelineId = ''] = process.argv.slice(2);
const client = new OrchestratorClient(url);
const ending = new AbortController();
process.once('message', () => ending.abort());

/** How long each call takes, until the end. */
async function latencies(everyMs: number, most: number, call: (index: number) => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  while (found.length < most && !ending.signal.aborted) {
    const begun = performance.now();
    await call(found.length);
    found.push(performance.now() - begun);
    await delay(everyMs, undefined, { signal: ending.signal }).catch(() => undefined);
  }
  return found;
}

// The first call of a client loads its half of HTTP, which is no cost of the service: 0.1 s.
await client.call('GET', '/healthz');
const [reads, accepts] = await Promise.all([
  latencies(READ_EVERY_MS, Infinity, () => client.call('GET', `/pipelines/${pipelineId}`)),
  latencies(ACCEPT_EVERY_MS, ACCEPTS, async (index) => client.provision(await realtimeRequest(`probe-${index}`))),
]);
process.send?.({ reads, accepts } satisfies Probed, () => process.disconnect());
