/**
 * `npm run bench -- overhead`: what the service adds. POST to "execution succeeded", over a bare Automation API script
 * that brings up the same component with the same engine in a fresh Node process; in turn, medians of 10.
 * Simulated creation times are switched off, so that only our own time is left.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChosenEngine } from '../../sandbox/engine-choice.ts';
import { throughScript } from './bare-script.ts';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startSandboxProcess } from '../sandbox-process.ts';
import { realtimeRequest } from './request.ts';
import { ms, quantile, timed } from './statistics.ts';

const RUNS = 10;

export async function overhead(home: string, engine: ChosenEngine): Promise<void> {
  const bareHome = join(home, 'bare');
  await mkdir(bareHome, { recursive: true });
  const sandbox = await startSandboxProcess({ SANDBOX_HOME: join(home, 'service'), SANDBOX_SPEED: '0' });
  const client = new OrchestratorClient(sandbox.url);
  const service: number[] = [];
  const bare: number[] = [];
  try {
    // The first of each warms the compile caches and is not counted.
    for (let run = 0; run <= RUNS; run++) {
      const ours = await timed(() => throughService(client, `service-${run}`));
      const theirs = await timed(() => throughScript(bareHome, `bare-${run}`, engine));
      if (run > 0) {
        service.push(ours);
        bare.push(theirs);
      }
    }
  } finally {
    await sandbox.stop();
  }
  console.log(
    `service  median ${ms(quantile(service, 0.5))}  min ${ms(Math.min(...service))}  max ${ms(Math.max(...service))}`,
  );
  console.log(`bare     median ${ms(quantile(bare, 0.5))}  min ${ms(Math.min(...bare))}  max ${ms(Math.max(...bare))}`);
  console.log(
    `overhead ratio (service / bare, medians of ${RUNS}): ${(quantile(service, 0.5) / quantile(bare, 0.5)).toFixed(2)}`,
  );
}

async function throughService(client: OrchestratorClient, model: string): Promise<void> {
  const { execution_id: id = '' } = await client.provision(await realtimeRequest(model));
  const { status } = await client.finished(id);
  if (status !== 'Succeeded') throw new Error(`${model} is ${status}`);
}
