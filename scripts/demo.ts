/**
 * `npm run demo`: the embedded default in a temporary home, two real-time pipelines provisioned through HTTP, one of them
 * updated. Exit code 0 only if everything succeeded.
 */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Execution,
  HistoryEntry,
  PipelineOutputs,
  PipelineState,
  PreviewAnswer,
} from '../automation/orchestrator.ts';
import { startSandbox } from '../sandbox/start.ts';
import { OrchestratorClient } from './orchestrator-client.ts';
import { makeProgress } from './progress.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

async function example(file: string): Promise<Record<string, unknown>> {
  const url = new URL(`../blueprints/realtime-inference/${file}`, import.meta.url);
  return JSON.parse(await readFile(url, 'utf8')) as Record<string, unknown>;
}

/** Previews, provisions and follows several requests at once. @throws if one of them does not succeed */
async function provisionAll(client: OrchestratorClient, bodies: Record<string, unknown>[]): Promise<string[]> {
  const planned = await Promise.all(
    bodies.map(async (body) => ({
      body,
      preview: await client.call<PreviewAnswer>('POST', '/provisionpipeline?preview=true', body),
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

async function demo(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'mlops-demo-'));
  // PostgreSQL may run as another account, which has to get in.
  await chmod(home, 0o755);
  say(`Starting the embedded default in ${home} …`);
  try {
    const sandbox = await startSandbox({ ...process.env, SANDBOX_HOME: home, PORT: '0' });
    try {
      say(`The service listens on ${sandbox.url} with the ${sandbox.engine}.`);
      const client = new OrchestratorClient(sandbox.url);
      const builtin = await example('example.builtin.json');
      const custom = await example('example.custom.json');
      const ids = await provisionAll(client, [builtin, custom]);
      for (const id of ids) await show(client, id);

      say('\nThe same request again:');
      say(`  ${(await client.provision(builtin)).message}`);

      say('\nA larger instance for the first one:');
      const [updated = ''] = await provisionAll(client, [{ ...builtin, inference_instance: 'ml.m5.xlarge' }]);
      await show(client, updated);
    } finally {
      say('\nStopping …');
      await sandbox.stop();
    }
  } finally {
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
