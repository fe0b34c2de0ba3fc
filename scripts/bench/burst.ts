/**
 * `npm run bench -- burst`: 100 different pipelines posted at once, and what other callers notice of it. Linux only. The service
 * runs as `npm start` runs it, on a database of its own: in the process of a sandbox, what stands for AWS would answer late, and
 * keep callers waiting, together with it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { startServiceProcess } from '../sandbox-process.ts';
import type { Probed } from './probes.ts';
import { cpuSeconds } from './processor-time.ts';
import { realtimeRequest } from './request.ts';
import { postmaster } from './sandbox-database.ts';
import { ms, quantile } from './statistics.ts';

const PIPELINES = 100;
const SAMPLE_MS = 250;

export async function burst(home: string): Promise<void> {
  const database = await startPostgres(join(home, 'postgres'));
  const service = await startServiceProcess(new URL('bare-service.ts', import.meta.url), {
    SANDBOX_HOME: home,
    DATABASE_URL: database.url,
  });
  const client = new OrchestratorClient(service.url);
  const peaks = new MemoryPeaks(service.pid);
  const sampling = setInterval(() => void peaks.sample(), SAMPLE_MS);
  try {
    // What the first deployment of a service loads, and schemas that it builds after its start, would be measured otherwise.
    const { execution_id: first = '' } = await client.provision(await realtimeRequest('first'));
    await client.finished(first);
    const bodies = await Promise.all(Array.from({ length: PIPELINES }, (_, i) => realtimeRequest(`burst-${i}`)));
    const probes = await startProbes(service.url, 'mlops-pipeline-burst-0-byompipelinerealtimebuiltin');
    const roots = [service.pid, (await postmaster(home)).pid];
    const spent = cpuSeconds(roots);
    const start = performance.now();
    const accepted = await Promise.all(
      bodies.map(async (body) => {
        const posted = performance.now();
        const { execution_id: id = '' } = await client.provision(body);
        return { id, latency: performance.now() - posted };
      }),
    );
    probes.begin();
    const executions = await Promise.all(accepted.map(({ id }) => client.finished(id)));
    const minutes = (performance.now() - start) / 60_000;
    const cpu = cpuSeconds(roots) - spent;
    const { reads, accepts } = await probes.stop();
    const succeeded = executions.filter(({ status }) => status === 'Succeeded').length;
    const latencies = accepted.map(({ latency }) => latency);
    console.log(`succeeded        ${succeeded} of ${PIPELINES}`);
    console.log(`accept, at once  ${line(latencies)}: ${PIPELINES} requests in the same instant`);
    console.log(`accept, during   ${line(accepts)}: ${accepts.length}, four a second while they are deployed`);
    console.log(`read, during     ${line(reads)}: ${reads.length}, five a second`);
    console.log(
      `throughput       ${(succeeded / minutes).toFixed(1)} pipelines a minute (${(minutes * 60).toFixed(1)} s in all)`,
    );
    console.log(`processor time   ${(cpu / PIPELINES).toFixed(2)} s a pipeline: service, children and database`);
    for (const [name, megabytes] of peaks.report()) console.log(`peak memory      ${name}: ${megabytes.toFixed(0)} MB`);
    if (succeeded < PIPELINES) process.exitCode = 1;
  } finally {
    clearInterval(sampling);
    await service.stop();
    await database.stop();
  }
}

/** Calls of other callers meanwhile, in a process of their own, which is ready beforehand: its start would be measured otherwise. */
async function startProbes(url: string, pipelineId: string): Promise<{ begin(): void; stop(): Promise<Probed> }> {
  const probes = fork(new URL('probes.ts', import.meta.url), [url, pipelineId]);
  const ended = once(probes, 'exit').then(() => Promise.reject<[Probed]>(new Error('The probes ended early.')));
  // Reported when it is waited for.
  ended.catch(() => undefined);
  const message = () => Promise.race([once(probes, 'message') as Promise<[Probed]>, ended]);
  await message();
  return {
    begin: () => void probes.send('begin'),
    stop: async () => {
      const probed = message();
      if (probes.connected) probes.send('stop');
      return (await probed)[0];
    },
  };
}

function line(latencies: readonly number[]): string {
  return `p50 ${ms(quantile(latencies, 0.5))}  p99 ${ms(quantile(latencies, 0.99))}  longest ${ms(Math.max(...latencies))}`;
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
