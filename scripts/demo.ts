/** The story of `mlops demo` (`npm run demo`), from an empty folder back to none. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { GuidePreviewAnswer } from '../api/guide-answers.ts';
import type { Execution, HistoryEntry, PipelineOutputs, PipelineState } from '../automation/model.ts';
import { environment } from '../automation/config/process-environment.ts';
import { buildConsole } from '../sandbox/console.ts';
import { unlessInterrupted } from '../sandbox/interruptible.ts';
import type { Sandbox } from '../sandbox/start.ts';
import { startSandbox } from '../sandbox/start.ts';
import { demoEnvironments } from './demo-environments.ts';
import { TELLS, demoRequests } from './demo-requests.ts';
import { OrchestratorClient } from './orchestrator-client.ts';
import { makeProgress } from './progress.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Previews, provisions and follows several requests at once. @throws if one of them does not succeed */
async function provisionAll(
  client: OrchestratorClient,
  bodies: Record<string, unknown>[],
  signal: AbortSignal,
): Promise<string[]> {
  const planned = await Promise.all(
    bodies.map(async (body) => ({
      body,
      preview: await client.call<GuidePreviewAnswer>('POST', '/provisionpipeline?preview=true', body),
    })),
  );
  for (const { preview } of planned) {
    say(`\nPreview of ${preview.pipeline_id}:`);
    for (const change of preview.environments[0]?.changes ?? []) {
      const properties = change.properties ? ` (${change.properties.join(', ')})` : '';
      say(`  ${change.operation.padEnd(8)}${change.type} ${change.name}${properties}`);
    }
  }
  say('');
  signal.throwIfAborted();
  const progress = makeProgress(process.stdout);
  // Gives the terminal its cursor back.
  signal.addEventListener('abort', progress.stop);
  try {
    return await Promise.all(
      planned.map(async ({ body, preview }) => {
        const { create = 0, update = 0, replace = 0, delete: removed = 0 } = preview.environments[0]?.summary ?? {};
        const answer = await client.provision(body);
        if (!answer.execution_id) throw new Error(`${answer.pipeline_id}: ${answer.message}`);
        // A replacement is a creation and a deletion.
        const bar = progress.add(answer.pipeline_id, create + update + 2 * replace + removed);
        for await (const event of client.follow(answer.execution_id)) bar.on(event);
        mustHaveSucceeded(await client.execution(answer.execution_id));
        return answer.pipeline_id;
      }),
    );
  } finally {
    signal.removeEventListener('abort', progress.stop);
    progress.stop();
  }
}

function mustHaveSucceeded(execution: Execution): void {
  if (execution.status === 'Succeeded') return;
  const error = execution.stages.find((stage) => stage.error)?.error;
  throw new Error(
    `${execution.pipelineId} is ${execution.status}: ${error?.message ?? 'no reason was given'}${error?.hint ? `\n${error.hint}` : ''}`,
  );
}

async function show(client: OrchestratorClient, pipelineId: string): Promise<void> {
  const state = await client.call<PipelineState>('POST', '/pipelinestatus', { pipeline_id: pipelineId });
  const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${pipelineId}/outputs`);
  const history = await client.call<HistoryEntry[]>('GET', `/pipelines/${pipelineId}/history`);
  say(`\n${pipelineId}`);
  for (const stage of state.stageStates) {
    say(`  stage   ${String(stage.stageName)}: ${JSON.stringify(stage.latestExecution ?? 'not started')}`);
  }
  for (const [name, value] of Object.entries(environments[0]?.outputs ?? {}))
    say(`  output  ${name}: ${String(value)}`);
  for (const entry of history) {
    say(
      `  history ${entry.version}. ${entry.kind} ${entry.result} ${entry.startTime} ${JSON.stringify(entry.resourceChanges)} “${entry.message}”`,
    );
  }
}

/** The types that make jobs, builds and monitors; monitors watch the endpoint that is there by now. */
async function provisionOthers(
  client: OrchestratorClient,
  bodies: Record<string, unknown>[],
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<void> {
  say('\nOne pipeline of each of the other types:');
  for (const id of await provisionAll(client, bodies, signal)) await show(client, id);
  say('\nCompletion notifications of jobs:');
  const expected = bodies.filter((body) => TELLS.test(String(body.pipeline_type))).length;
  for (const { message } of await notifications(sandbox, expected)) say(`  ${message}`);
}

/** Jobs of the sandbox end within seconds. @throws if so many notifications do not come */
async function notifications(sandbox: Sandbox, count: number): Promise<{ message: string }[]> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await setTimeout(200)) {
    const sent = (await sandbox.notifications()).filter(({ rule }) => rule);
    if (sent.length >= count) return sent;
  }
  throw new Error(`the notifications topic did not get ${count} completion notifications within a minute`);
}

export interface DemoOptions {
  /** One pipeline of each of the other types as well. */
  all?: boolean;
  /** One pipeline through dev, staging and prod instead, with approvals. */
  environments?: boolean;
  engine?: string;
}

/**
 * The embedded default in a temporary home, two real-time pipelines provisioned through HTTP, one of them updated.
 * @param signal ends it; the database and the folder are removed in any case
 * @throws if something does not succeed; the signal's reason
 */
export async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'mlops-demo-'));
  // PostgreSQL may run as another account, which has to get in.
  await chmod(home, 0o755);
  say(`The home is ${home} (removed at the end).`);
  const leaving = new AbortController();
  const building = buildConsole(AbortSignal.any([signal, leaving.signal]));
  try {
    const { environments, engine } = options;
    const settings = {
      ...environment(),
      ...(engine ? { SANDBOX_ENGINE: engine } : {}),
      SANDBOX_HOME: home,
      PORT: '0',
      ...(environments ? { MULTI_ACCOUNT: 'Yes' } : {}),
    };
    const progress = (step: string) => say(`Starting ${step} …`);
    const sandbox = await startSandbox(settings, { signal, progress, temporary: true });
    try {
      await unlessInterrupted(signal, story(sandbox, options, signal));
    } finally {
      say('\nStopping …');
      await sandbox.stop();
    }
    say('Done.');
  } finally {
    leaving.abort();
    await building;
    await rm(home, { recursive: true, force: true });
  }
}

async function story(sandbox: Sandbox, { all, environments }: DemoOptions, signal: AbortSignal): Promise<void> {
  say(`The service listens on ${sandbox.url} with the ${sandbox.engine}.`);
  say(`Watch it in the web console: ${sandbox.url}/console/`);
  if (environments) return await demoEnvironments(sandbox.url, say);
  const client = new OrchestratorClient(sandbox.url);
  const { builtin, custom, others } = await demoRequests(client);
  const ids = await provisionAll(client, [builtin, custom], signal);
  for (const id of ids) await show(client, id);

  say('\nThe same request again:');
  say(`  ${(await client.provision(builtin)).message}`);

  say('\nA larger instance for the first one:');
  const larger = { ...builtin, inference_instance: 'ml.m5.xlarge' };
  const [updated = ''] = await provisionAll(client, [larger], signal);
  await show(client, updated);

  if (all) await provisionOthers(client, others, sandbox, signal);
}
