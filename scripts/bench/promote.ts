/**
 * `npm run bench -- promote`: what a promotion through three environments adds. From POST to "execution succeeded", every
 * question approved at once, over three bare `up`s of the same component in fresh Node processes, one after the other; in
 * turn, medians of 5. Previews (the ones shown to approvers, and those that check a change before its deployment) are
 * no part of a bare `up`, and counted separately. Simulated creation times are switched off.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionEvent } from '../../automation/model.ts';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startSandboxProcess } from '../sandbox-process.ts';
import type { ChosenEngine } from '../../sandbox/engine-choice.ts';
import { throughScript } from './bare-script.ts';
import { realtimeRequest } from './request.ts';
import { ms, quantile, timed } from './statistics.ts';

const RUNS = 5;

export async function promote(home: string, engine: ChosenEngine): Promise<void> {
  const bareHome = join(home, 'bare');
  await mkdir(bareHome, { recursive: true });
  const sandbox = await startSandboxProcess({
    SANDBOX_HOME: join(home, 'service'),
    SANDBOX_SPEED: '0',
    MULTI_ACCOUNT: 'Yes',
    REQUESTER_MAY_APPROVE: 'Yes',
  });
  const client = new OrchestratorClient(sandbox.url);
  const promotions: number[] = [];
  const previews: number[] = [];
  const bare: number[] = [];
  try {
    // The first of each warms the compile caches and is not counted.
    for (let run = 0; run <= RUNS; run++) {
      let previewed = 0;
      const whole = await timed(async () => {
        previewed = await throughEnvironments(client, `promoted-${run}`);
      });
      const theirs = await timed(async () => {
        for (const environment of ['dev', 'staging', 'prod'])
          await throughScript(bareHome, `bare-${run}-${environment}`, engine);
      });
      if (run === 0) continue;
      promotions.push(whole - previewed);
      previews.push(previewed);
      bare.push(theirs);
    }
  } finally {
    await sandbox.stop();
  }
  const line = (name: string, values: number[]) =>
    console.log(
      `${name.padEnd(22)} median ${ms(quantile(values, 0.5))}  min ${ms(Math.min(...values))}  max ${ms(Math.max(...values))}`,
    );
  line('promotion', promotions);
  line('its previews (4)', previews);
  line('three bare ups', bare);
  console.log(
    `overhead ratio (promotion without previews / three bare ups, medians of ${RUNS}): ${(quantile(promotions, 0.5) / quantile(bare, 0.5)).toFixed(2)}`,
  );
}

/** @returns how long its previews took, in milliseconds */
async function throughEnvironments(client: OrchestratorClient, model: string): Promise<number> {
  const { execution_id: id = '' } = await client.provision(await realtimeRequest(model));
  const events: ExecutionEvent[] = [];
  let approving: Promise<unknown> = Promise.resolve();
  for await (const event of client.follow(id)) {
    events.push(event);
    if (event.type === 'approval.requested')
      approving = client.execution(id).then((waiting) => client.approve(waiting));
  }
  await approving;
  const { status } = await client.execution(id);
  if (status !== 'Succeeded') throw new Error(`${model} is ${status}`);
  return previewTime(events);
}

/** For approvers: from the beginning of the stage to the question. Before a deployment: as the event says. */
function previewTime(events: readonly ExecutionEvent[]): number {
  const at = (type: string, stage: string | undefined) =>
    Date.parse(events.find((event) => event.type === type && event.stage === stage)?.at ?? '');
  return events.reduce((sum, { type, stage, data }) => {
    if (type === 'approval.requested') return sum + at(type, stage) - at('stage.started', stage);
    return type === 'change.checked' ? sum + Number(data.milliseconds) : sum;
  }, 0);
}
