/** `npm run bench -- burst`: 100 different pipelines posted at once. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startSandboxProcess } from '../sandbox-process.ts';
import { realtimeRequest } from './request.ts';
import { ms, quantile } from './statistics.ts';

const PIPELINES = 100;
const SAMPLE_MS = 250;
const READ_EVERY_MS = 200;

export async function burst(home: string): Promise<void> {
  const sandbox = await startSandboxProcess({ SANDBOX_HOME: home });
  const client = new OrchestratorClient(sandbox.url);
  const peaks = new MemoryPeaks(sandbox.pid);
  const sampling = setInterval(() => void peaks.sample(), SAMPLE_MS);
  try {
    const bodies = await Promise.all(Array.from({ length: PIPELINES }, (_, i) => realtimeRequest(`burst-${i}`)));
    const start = performance.now();
    const accepted = await Promise.all(
      bodies.map(async (body) => {
        const posted = performance.now();
        const { execution_id: id = '' } = await client.provision(body);
        return { id, latency: performance.now() - posted };
      }),
    );
    const reads: number[] = [];
    const reading = new AbortController();
    const reader = read(client, reads, reading.signal);
    const executions = await Promise.all(accepted.map(({ id }) => client.finished(id)));
    reading.abort();
    await reader;
    const minutes = (performance.now() - start) / 60_000;
    const succeeded = executions.filter(({ status }) => status === 'Succeeded').length;
    const latencies = accepted.map(({ latency }) => latency);
    console.log(`succeeded        ${succeeded} of ${PIPELINES}`);
    console.log(`accept latency   p50 ${ms(quantile(latencies, 0.5))}  p99 ${ms(quantile(latencies, 0.99))}`);
    console.log(
      `read latency     p50 ${ms(quantile(reads, 0.5))}  p99 ${ms(quantile(reads, 0.99))} (${reads.length} reads)`,
    );
    console.log(
      `throughput       ${(succeeded / minutes).toFixed(1)} pipelines a minute (${(minutes * 60).toFixed(1)} s in all)`,
    );
    for (const [name, megabytes] of peaks.report()) console.log(`peak memory      ${name}: ${megabytes.toFixed(0)} MB`);
    if (succeeded < PIPELINES) process.exitCode = 1;
  } finally {
    clearInterval(sampling);
    await sandbox.stop();
  }
}

/** Reads a list for as long as the pipelines are being deployed. */
async function read(client: OrchestratorClient, latencies: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const begun = performance.now();
    await client.call('GET', '/pipelines/mlops-pipeline-burst-0-byompipelinerealtimebuiltin');
    latencies.push(performance.now() - begun);
    await delay(READ_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Largest resident memory of the service, of one of its children, and of all of them together. */
class MemoryPeaks {
  readonly #service: number;
  #peaks = { service: 0, 'largest child': 0, 'all children together': 0 };

  constructor(service: number) {
    this.#service = service;
  }

  async sample(): Promise<void> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const processes = await Promise.all(pids.map((pid) => memoryOf(pid)));
    const children = processes.filter((one) => one?.parent === this.#service).map((one) => one?.megabytes ?? 0);
    const service = processes.find((one) => one?.pid === this.#service)?.megabytes ?? 0;
    const all = children.reduce((sum, one) => sum + one, 0);
    this.#peaks = {
      service: Math.max(this.#peaks.service, service),
      'largest child': Math.max(this.#peaks['largest child'], ...children),
      'all children together': Math.max(this.#peaks['all children together'], all),
    };
  }

  report(): [string, number][] {
    return Object.entries(this.#peaks);
  }
}

async function memoryOf(pid: string): Promise<{ pid: number; parent: number; megabytes: number } | undefined> {
  const status = await readFile(join('/proc', pid, 'status'), 'utf8').catch(() => undefined);
  if (!status) return undefined;
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { pid: Number(pid), parent: field('PPid'), megabytes: field('VmRSS') / 1024 };
}
