/**
 * `npm run demo`: the embedded default in a temporary home, two real-time pipelines provisioned through HTTP, one of them
 * updated; with `-- --all` one pipeline of each of the other types as well; with `-- --environments` one pipeline through
 * dev, staging and prod instead, with approvals; with `-- --engine auto|real|simulated` on another engine than `auto`. Exit code
 * 0 only if everything succeeded.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { GuidePreviewAnswer } from '../api/guide-answers.ts';
import type { Execution, HistoryEntry, PipelineOutputs, PipelineState } from '../automation/model.ts';
import type { Sandbox } from '../sandbox/start.ts';
import { buildConsole } from '../sandbox/console.ts';
import { startSandbox } from '../sandbox/start.ts';
import { demoEnvironments } from './demo-environments.ts';
import { TELLS, demoRequests } from './demo-requests.ts';
import { OrchestratorClient } from './orchestrator-client.ts';
import { makeProgress } from './progress.ts';

const { values: options } = parseArgs({
  options: { all: { type: 'boolean' }, environments: { type: 'boolean' }, engine: { type: 'string' } },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Previews, provisions and follows several requests at once. @throws if one of them does not succeed */
async function provisionAll(client: OrchestratorClient, bodies: Record<string, unknown>[]): Promise<string[]> {
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
  const progress = makeProgress(process.stdout);
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
): Promise<void> {
  say('\nOne pipeline of each of the other types:');
  for (const id of await provisionAll(client, bodies)) await show(client, id);
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

async function demo(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'mlops-demo-'));
  // PostgreSQL may run as another account, which has to get in.
  await chmod(home, 0o755);
  say(`Starting the embedded default in ${home} …`);
  const leaving = new AbortController();
  const building = buildConsole(leaving.signal);
  try {
    const { environments, engine } = options;
    const sandbox = await startSandbox({
      ...process.env,
      ...(engine ? { SANDBOX_ENGINE: engine } : {}),
      SANDBOX_HOME: home,
      PORT: '0',
      ...(environments ? { MULTI_ACCOUNT: 'Yes' } : {}),
    });
    try {
      say(`The service listens on ${sandbox.url} with the ${sandbox.engine}.`);
      say(`Watch it in the web console: ${sandbox.url}/console/`);
      if (environments) return await demoEnvironments(sandbox.url, say);
      const client = new OrchestratorClient(sandbox.url);
      const { builtin, custom, others } = await demoRequests(client);
      const ids = await provisionAll(client, [builtin, custom]);
      for (const id of ids) await show(client, id);

      say('\nThe same request again:');
      say(`  ${(await client.provision(builtin)).message}`);

      say('\nA larger instance for the first one:');
      const [updated = ''] = await provisionAll(client, [{ ...builtin, inference_instance: 'ml.m5.xlarge' }]);
      await show(client, updated);

      if (options.all) await provisionOthers(client, others, sandbox);
    } finally {
      say('\nStopping …');
      await sandbox.stop();
    }
  } finally {
    leaving.abort();
    await building;
    await rm(home, { recursive: true, force: true });
  }
}

try {
  await demo();
  say('Done.');
} catch (error) {
  process.stderr.write(`The demo failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
