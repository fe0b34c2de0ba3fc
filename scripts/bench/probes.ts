/**
 * Calls a service again and again while others keep it busy, as a process of its own: in that of the benchmark, what follows a
 * hundred event streams would be measured as well. Tells its parent when it is ready, begins at its parent's first message, and
 * sends the latencies after the second.
 */
import { once } from 'node:events';
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

const bodies = await Promise.all(Array.from({ length: ACCEPTS }, (_, index) => realtimeRequest(`probe-${index}`)));
// The first calls of a client load its half of HTTP, which is no cost of the service: 0.1 s.
await client.call('GET', '/pipeline-types');
await client.call('POST', '/provisionpipeline?validate_only=true', bodies[0]);
process.send?.('ready');
await once(process, 'message');
process.once('message', () => ending.abort());
const [reads, accepts] = await Promise.all([
  latencies(READ_EVERY_MS, Infinity, () => client.call('GET', `/pipelines/${pipelineId}`)),
  latencies(ACCEPT_EVERY_MS, ACCEPTS, (index) => client.provision(bodies[index])),
]);
process.send?.({ reads, accepts } satisfies Probed, () => process.disconnect());
