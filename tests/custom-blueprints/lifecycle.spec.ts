/** A pipeline of a custom blueprint through HTTP, in a service that also has to live with broken ones. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { GuideProvisionAnswer } from '../../api/guide-answers.ts';
import type { Execution, PipelineOutputs, PreviewAnswer, Readiness } from '../../automation/model.ts';
import { PIPELINE_TYPES } from '../../blueprints/blueprint.ts';
import { MODEL_CARD_TYPES } from '../../blueprints/model-cards/schema.ts';
import type { PipelineTypeDescription } from '../../blueprints/registry.ts';
import { OrchestratorClient, UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import { startSandboxProcess } from '../../scripts/sandbox-process.ts';
import { createdTwice, journal } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { folderOf, generated, handwritten } from './support.ts';

const EXAMPLE = {
  pipeline_type: 'feature_report',
  model_name: 'Churn',
  model_artifact_location: 'churn/model.tar.gz',
};
const PIPELINE = 'mlops-pipeline-churn-featurereport';

interface Answered {
  errors: { pointer: string; message: string; allowed?: string[] }[];
  detailedMessage: string;
}

describe('a pipeline of a custom blueprint', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let home: string;
  let sources: string[];
  let sandbox: SandboxProcess | undefined;
  let client: OrchestratorClient;

  before(async function () {
    this.timeout(180_000);
    folder = await temporaryFolder();
    home = join(folder.path, 'home');
    sources = [
      await folderOf(join(folder.path, 'throws'), { 'index.js': `throw new Error('I am broken');` }),
      generated('feature-report', folder.path),
      await folderOf(join(folder.path, 'exits'), { 'index.js': 'process.exit(1);' }),
      await folderOf(join(folder.path, 'invalid'), { 'index.js': handwritten({ example: '{}' }) }),
    ];
    await start(sources.join(', '));
  });

  after(async () => {
    await sandbox?.stop();
    await folder?.remove();
  });

  async function start(customBlueprints: string): Promise<void> {
    sandbox = await startSandboxProcess({
      SANDBOX_HOME: home,
      SANDBOX_SPEED: '0',
      CUSTOM_BLUEPRINTS: customBlueprints,
    });
    client = new OrchestratorClient(sandbox.url);
  }

  async function deployed(body: Record<string, unknown>): Promise<Execution> {
    const answer = await client.provision(body);
    assert.equal(answer.pipeline_id, PIPELINE);
    return await ended(answer);
  }

  async function ended({ execution_id: id }: GuideProvisionAnswer): Promise<Execution> {
    assert.ok(id, 'an execution was started');
    const execution = await client.finished(id);
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution.stages));
    return execution;
  }

  async function refusal(call: Promise<unknown>, status: number): Promise<Answered> {
    const error = await call.then(
      () => assert.fail('it was answered'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UnexpectedAnswer, String(error));
    assert.equal(error.status, status, error.message);
    return error.body as Answered;
  }

  it('is among the pipeline types, behind the twelve, with schema, example and version', async () => {
    const types = await client.call<PipelineTypeDescription[]>('GET', '/pipeline-types');
    assert.deepEqual(
      types.map(({ pipelineType }) => pipelineType),
      [...PIPELINE_TYPES, 'feature_report'],
    );
    const own = await client.call<PipelineTypeDescription>('GET', '/pipeline-types/feature_report');
    assert.deepEqual(own, types.at(-1));
    assert.deepEqual([own.version, own.custom, own.provisionable], ['0.1.0', true, true]);
    assert.ok(types.slice(0, -1).every(({ custom, version }) => !custom && /^\d+\.\d+\.\d+$/.test(version)));
    const { components } = await client.call<{ components: { schemas: Record<string, Record<string, unknown>> } }>(
      'GET',
      '/openapi.json',
    );
    assert.deepEqual(components.schemas.feature_report, { ...own.requestSchema, examples: [own.example] });
    // Requests for model cards go to the same route.
    assert.deepEqual(
      components.schemas.PipelineRequest?.oneOf,
      [...PIPELINE_TYPES, 'feature_report', ...MODEL_CARD_TYPES].map((type) => ({
        $ref: `#/components/schemas/${type}`,
      })),
    );
  });

  it('has its requests validated, every fault at once', async () => {
    const { errors } = await refusal(
      client.provision({ pipeline_type: 'feature_report', model_name: 'a b', memory_sise: 1, training_data: 'x' }),
      400,
    );
    assert.deepEqual(errors.map(({ pointer }) => pointer).sort(), [
      '/memory_sise',
      '/model_artifact_location',
      '/model_name',
    ]);
    assert.match(errors.find(({ pointer }) => pointer === '/memory_sise')?.message ?? '', /did you mean "memory_size"/);
  });

  it('is suggested for a type that is nearly its own', async () => {
    const { errors } = await refusal(client.provision({ ...EXAMPLE, pipeline_type: 'feature_reprot' }), 400);
    assert.match(errors[0]?.message ?? '', /did you mean "feature_report"/);
    assert.deepEqual(errors[0]?.allowed, [...PIPELINE_TYPES, 'feature_report']);
  });

  it('is provisioned, and what runs in it is bundled from its folder', async () => {
    const { stages } = await deployed(EXAMPLE);
    assert.equal(stages.at(-1)?.stack, `feature-report/${PIPELINE}.main`);
    assert.deepEqual(stages.at(-1)?.changes, { create: 7 });
    const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${PIPELINE}/outputs`);
    assert.match(String(environments[0]?.outputs.functionName), /^mlops-pipeline-churn-featurereport-function-/);
  });

  it('changes nothing for the same request', async () => {
    const { execution_id: id, message } = await client.provision(EXAMPLE);
    assert.equal(id, undefined);
    assert.match(message, /No updates are to be performed/);
    const preview = await client.call<PreviewAnswer>('POST', `/pipelines/${PIPELINE}/preview`, {});
    assert.deepEqual(preview.environments[0]?.changes, []);
  });

  it('is updated where the request changes, and nowhere else', async () => {
    const { stages } = await deployed({ ...EXAMPLE, memory_size: 512 });
    assert.deepEqual(stages.at(-1)?.changes, { same: 6, update: 1 });
    assert.deepEqual(await createdTwice(home), []);
  });

  describe('along with broken ones', () => {
    it('are listed with their reasons, and do not affect readiness', async () => {
      const all = await client.call<{ source: string; status: string; reasons: string[]; pipelineTypes: string[] }[]>(
        'GET',
        '/custom-blueprints',
      );
      assert.deepEqual(
        all.map(({ source, status, pipelineTypes }) => [source, status, pipelineTypes.join()]),
        [
          [sources[0], 'refused', ''],
          [sources[1], 'loaded', 'feature_report'],
          [sources[2], 'refused', ''],
          [sources[3], 'refused', ''],
        ],
      );
      assert.deepEqual(all[0]?.reasons, ['it cannot be imported: I am broken']);
      assert.deepEqual(all[1]?.reasons, []);
      assert.match(all[2]?.reasons[0] ?? '', /ended \(exit code 1\)/);
      assert.match(all[3]?.reasons[0] ?? '', /^"example" is not valid: "pipeline_type" is required/);
      const { ready, checks } = await client.call<Readiness>('GET', '/readyz');
      assert.ok(ready);
      assert.match(
        checks.customBlueprints?.detail ?? '',
        /^1 loaded, 3 refused\. .*throws: it cannot be imported: I am broken/,
      );
    });

    it('leave the built-in types as they are', async () => {
      const { execution_id: id } = await client.provision(await realtime('beside'));
      assert.equal((await client.finished(id ?? assert.fail())).status, 'Succeeded');
    });
  });

  it('fails alone, with the reason, where its code is broken after the start', async () => {
    const program = join(sources[1] ?? '', 'program.ts');
    const text = await readFile(program, 'utf8');
    await writeFile(program, `throw new Error('edited by hand');`);
    try {
      const { execution_id: id } = await client.provision({ ...EXAMPLE, memory_size: 1024 });
      const { status, stages } = await client.finished(id ?? assert.fail());
      assert.equal(status, 'Failed');
      assert.match(stages.at(-1)?.error?.message ?? '', /edited by hand/);
      assert.ok((await client.call<Readiness>('GET', '/readyz')).ready);
    } finally {
      await writeFile(program, text);
    }
    await deployed(EXAMPLE);
  });

  describe('at its end', () => {
    it('is destroyed, with everything that was made', async () => {
      await ended(await client.call<GuideProvisionAnswer>('DELETE', `/pipelines/${PIPELINE}`));
      const entries = await journal(home, PIPELINE);
      const count = (operation: string) => entries.filter((entry) => entry.operation === operation).length;
      assert.ok(count('create') > 0);
      assert.equal(count('delete'), count('create'));
    });

    it('can be inspected and destroyed after its blueprint has been removed from the configuration', async () => {
      await deployed(EXAMPLE);
      await sandbox?.stop();
      await start('');
      assert.equal(
        (await client.call<{ pipelineType: string }>('GET', `/pipelines/${PIPELINE}`)).pipelineType,
        'feature_report',
      );
      assert.ok((await client.call<unknown[]>('GET', `/pipelines/${PIPELINE}/history`)).length > 0);
      const { errors } = await refusal(client.provision(EXAMPLE), 400);
      assert.equal(errors[0]?.pointer, '/pipeline_type');
      await ended(await client.call<GuideProvisionAnswer>('DELETE', `/pipelines/${PIPELINE}`));
      const left = await journal(home, PIPELINE);
      const count = (operation: string) => left.filter((entry) => entry.operation === operation).length;
      assert.equal(count('delete'), count('create'));
    }).timeout(120_000);
  });
});
