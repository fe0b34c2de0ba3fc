/**
 * `npm run bench -- start`: what it takes until the process of a stack operation is ready, from the bundle and, as a custom
 * blueprint has it, from the sources: processor time, elapsed time and memory; in turn, medians of 10.
 */
import { readFileSync } from 'node:fs';
import pino from 'pino';
import { TICKS_PER_SECOND, processStatSync } from '../../automation/platform/process-stat.ts';
import { UNBUNDLED_CHILD, childBundle } from '../../automation/stacks/bundle/child-bundle.ts';
import type { PooledChild } from '../../automation/stacks/child-pool.ts';
import { ChildPool } from '../../automation/stacks/child-pool.ts';
import type { ChosenEngine } from '../../sandbox/engine-choice.ts';
import { quantile, timed } from './statistics.ts';

const RUNS = 10;

interface Start {
  cpuSeconds: number;
  seconds: number;
  megabytes: number;
}

export async function childStart(_home: string, engine: ChosenEngine): Promise<void> {
  const entries = { 'from the bundle': await childBundle(engine.module), 'from the sources': UNBUNDLED_CHILD };
  const starts = Object.fromEntries(Object.keys(entries).map((name) => [name, [] as Start[]]));
  // The first of each warms the compile caches and is not counted.
  for (let run = 0; run <= RUNS; run++) {
    for (const [name, entry] of Object.entries(entries)) {
      const start = await startOf(entry);
      if (run > 0) starts[name]?.push(start);
    }
  }
  for (const [name, measured] of Object.entries(starts)) {
    const median = (field: keyof Start) =>
      quantile(
        measured.map((start) => start[field]),
        0.5,
      );
    console.log(
      `${name}  CPU ${median('cpuSeconds').toFixed(2)} s  ready after ${median('seconds').toFixed(2)} s  ` +
        `resident ${median('megabytes').toFixed(0)} MB`,
    );
  }
}

async function startOf(entry: URL): Promise<Start> {
  const pool = new ChildPool({ entry, warm: 0, niceness: 0, env: process.env, logger: pino({ level: 'warn' }) });
  let child: PooledChild | undefined;
  const elapsed = await timed(async () => {
    child = await pool.take();
  });
  if (!child) throw new Error('The child did not start.');
  try {
    return { ...usageOf(child.pid), seconds: elapsed / 1000 };
  } finally {
    await pool.release(child);
  }
}

function usageOf(pid: number): Pick<Start, 'cpuSeconds' | 'megabytes'> {
  const resident = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpuSeconds: (processStatSync(pid)?.ownTicks ?? 0) / TICKS_PER_SECOND,
    megabytes: Number(resident) / 1024,
  };
}
