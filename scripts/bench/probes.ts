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
const ACCEPT_EVERY_MS = 250;

const [url = '', pipelineId = ''] = process.argv.slice(2);
const client = new OrchestratorClient(url);
const ending = new AbortController();

/**
 * How long each call takes, until the end.
 * @param after what is done with its answer, which is not measured
 */
async function latencies<T>(
  everyMs: number,
  call: (index: number) => Promise<T>,
  after?: (answer: T) => Promise<unknown>,
): Promise<number[]> {
  const found: number[] = [];
  while (!ending.signal.aborted) {
    const begun = performance.now();
    const answer = await call(found.length);
    found.push(performance.now() - begun);
    await after?.(answer);
    await delay(everyMs, undefined, { signal: ending.signal }).catch(() => undefined);
  }
  return found;
}

const body = await realtimeRequest('probe');
// The first calls of a client load its half of HTTP, which is no cost of the service: 0.1 s.
await client.call('GET', '/pipeline-types');
await client.call('POST', '/provisionpipeline?validate_only=true', body);
process.send?.('ready');
await once(process, 'message');
process.once('message', () => ending.abort());
const [reads, accepts] = await Promise.all([
  latencies(READ_EVERY_MS, () => client.call('GET', `/pipelines/${pipelineId}`)),
  latencies(
    ACCEPT_EVERY_MS,
    (index) => client.provision({ ...body, model_name: `probe-${index}` }),
    // Cancelled while it is queued: hundreds of further deployments would be another measurement.
    ({ execution_id: id }) => client.call('POST', `/executions/${id}/cancel`),
  ),
]);
process.send?.({ reads, accepts } satisfies Probed, () => process.disconnect());
