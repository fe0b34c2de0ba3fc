/** An image builder in the sandbox AWS: nothing for an unchanged request, and only what must for a changed one. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { NAME_LIMIT } from '../../blueprints/image-builder/component.ts';
import { imageBuilder } from '../../blueprints/image-builder/index.ts';
import type { PipelineOutputs, PreviewAnswer } from '../../automation/model.ts';
import type { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { journal } from '../support/journal.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { assertInOrder, callsSince } from './update-calls.ts';

describe('an update of an image builder', () => {
  let sandbox: TestSandbox;
  let client: OrchestratorClient;

  before(async () => {
    sandbox = await startTestSandbox();
    client = sandbox.client;
  });

  after(async () => await sandbox?.stop());

  const body = (tag: string, changes: Record<string, unknown> = {}) => ({
    ...imageBuilder.example,
    image_tag: tag,
    ...changes,
  });

  async function provision(request: Record<string, unknown>): Promise<string> {
    const { execution_id: id } = await client.provision(request);
    assert.ok(id, 'an execution was started');
    const execution = await client.finished(id);
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution.stages));
    return execution.pipelineId;
  }

  const outputsOf = async (pipelineId: string) =>
    (await client.call<PipelineOutputs>('GET', `/pipelines/${pipelineId}/outputs`)).environments[0]?.outputs ?? {};

  /** @returns what the sandbox AWS was asked for by the second request, in order: operation and logical name */
  async function callsOfUpdate(tag: string, changes: Record<string, unknown>): Promise<string[]> {
    const pipelineId = await provision(body(tag));
    const known = (await journal(sandbox.home, pipelineId)).length;
    await provision(body(tag, changes));
    return await callsSince(sandbox.home, pipelineId, known, NAME_LIMIT);
  }

  it('to the same request runs nothing, and a preview finds nothing', async () => {
    const pipelineId = await provision(body('same'));
    const known = await journal(sandbox.home, pipelineId);
    assert.ok(known.some(({ type }) => type === 'aws:codepipeline/pipeline:Pipeline'));
    assert.equal((await client.provision(body('same'))).execution_id, undefined);
    const { environments } = await client.call<PreviewAnswer>('POST', `/pipelines/${pipelineId}/preview`, {});
    assert.deepEqual(environments[0]?.changes, []);
    assert.deepEqual(await journal(sandbox.home, pipelineId), known);
  });

  it('closes the bucket before the first build writes to it, and lets nothing start before it may', async () => {
    const pipelineId = await provision(body('first'));
    const calls = await callsSince(sandbox.home, pipelineId, 0, NAME_LIMIT);
    assertInOrder(calls, ['create artifacts', 'create artifacts-access', 'create artifacts-policy', 'create pipeline']);
    assertInOrder(calls, ['create artifacts-encryption', 'create pipeline']);
    assertInOrder(calls, ['create build-policy', 'create build', 'create pipeline-policy', 'create pipeline']);
    assertInOrder(calls, ['create pipeline', 'create start-policy', 'create source-start']);
  });

  it('to another zip makes a new pipeline that may read it, and moves the rule before the old one goes', async () => {
    const calls = await callsOfUpdate('zip', { custom_algorithm_docker: 'path/to/other.zip' });
    assert.deepEqual([...calls].sort(), [
      'create pipeline',
      'create pipeline-policy',
      'create start-policy',
      'delete pipeline',
      'delete pipeline-policy',
      'delete start-policy',
      'update pipeline-change',
      'update source',
      'update source-start',
    ]);
    assertInOrder(calls, ['create pipeline-policy', 'create pipeline', 'create start-policy', 'update source-start']);
    assertInOrder(calls, ['update source-start', 'delete pipeline', 'delete pipeline-policy']);
  });

  it('to another repository lets the build push there and nowhere else', async () => {
    const calls = await callsOfUpdate('repository', { ecr_repo_name: 'others' });
    assert.deepEqual([...calls].sort(), [
      'create build-policy',
      'create pipeline',
      'create start-policy',
      'delete build-policy',
      'delete pipeline',
      'delete start-policy',
      'update build',
      'update pipeline-change',
      'update source-start',
    ]);
    assertInOrder(calls, ['create build-policy', 'create pipeline', 'delete pipeline']);
  });

  it('names the new pipeline in its outputs, and the bucket of artifacts stays', async () => {
    const pipelineId = await provision(body('outputs'));
    const before = await outputsOf(pipelineId);
    await provision(body('outputs', { custom_algorithm_docker: 'path/to/other.zip' }));
    const now = await outputsOf(pipelineId);
    assert.notEqual(now.pipelineName, before.pipelineName);
    assert.match(String(now.pipelineName), /^mlops-pipeline-outputs-.*-pipeline-[0-9a-f]{7}$/);
    const differs = Object.keys(now).filter((key) => now[key] !== before[key]);
    assert.deepEqual(differs.sort(), ['Pipelines', 'pipelineName', 'pipelineUrl']);
  });

  it('leaves nothing behind when it is deleted', async () => {
    const pipelineId = await provision(body('gone'));
    const { execution_id: id } = await client.call<{ execution_id: string }>('DELETE', `/pipelines/${pipelineId}`);
    assert.equal((await client.finished(id)).status, 'Succeeded');
    const calls = await journal(sandbox.home, pipelineId);
    const urns = (operation: string) => calls.filter((call) => call.operation === operation).map(({ urn }) => urn);
    assert.ok(urns('create').length > 10);
    assert.deepEqual(urns('delete').sort(), urns('create').sort());
  });
});
