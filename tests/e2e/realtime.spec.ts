/** The whole service, with a process for each operation and a database of its own; the other requests are in realtime-requests.spec.ts. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { GuideProvisionAnswer } from '../../api/guide-answers.ts';
import type {
  Execution,
  ExecutionEvent,
  HistoryEntry,
  Pipeline,
  PipelineOutputs,
  PipelineState,
} from '../../automation/model.ts';
import type { EnvironmentResources } from '../../automation/stacks/stack-state.ts';
import type { Sandbox } from '../../sandbox/start.ts';
import { startSandbox } from '../../sandbox/start.ts';
import type { UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { createdTwice } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('real-time pipelines through HTTP', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: Sandbox;
  let client: OrchestratorClient;

  before(async () => {
    folder = await temporaryFolder();
    // With processes that are kept ready, as it does by default.
    const { WARM_CHILDREN: _, ...env } = process.env;
    sandbox = await startSandbox({ ...env, SANDBOX_HOME: folder.path, PORT: '0', SANDBOX_SPEED: '0' });
    client = new OrchestratorClient(sandbox.url);
  });

  after(async () => {
    await sandbox.stop();
    await folder.remove();
  });

  async function provision(body: Record<string, unknown>): Promise<Execution> {
    const { execution_id: id } = await client.provision(body);
    assert.ok(id, 'an execution was started');
    return await client.finished(id);
  }

  for (const variant of ['builtin', 'custom'] as const) {
    it(`provisions a byom_realtime_${variant} and tells its status, outputs, events and history`, async () => {
      const answer = await client.provision(await realtime(`first-${variant}`, {}, variant));
      const id = `mlops-pipeline-first-${variant}-byompipelinerealtime${variant}`;
      assert.deepEqual(answer, {
        message: 'success: stack creation started',
        pipeline_id: id,
        execution_id: answer.execution_id,
      });
      const events: ExecutionEvent[] = [];
      for await (const event of client.follow(answer.execution_id ?? '')) events.push(event);
      assert.deepEqual(
        events.map((event) => event.sequence),
        events.map((_, index) => index + 1),
      );
      assert.equal(events[0]?.type, 'execution.queued');
      assert.equal(events.at(-1)?.type, 'execution.succeeded');
      assert.ok(
        events.some(
          (event) => event.type === 'resource.created' && event.data.resourceType === 'aws:sagemaker/endpoint:Endpoint',
        ),
      );

      const execution = await client.execution(answer.execution_id ?? '');
      assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
      assert.deepEqual(
        execution.stages.map((stage) => [stage.name, stage.status]),
        [
          ['Source', 'Succeeded'],
          ['Deploy', 'Succeeded'],
        ],
      );
      assert.equal(execution.stages[1]?.stack, `byom-realtime-${variant}/${id}.main`);

      const state = await client.call<PipelineState>('POST', '/pipelinestatus', { pipeline_id: id });
      assert.equal(state.pipelineName, id);
      const actions = state.stageStates.map((stage) => (stage.actionStates as { actionName: string }[])[0]?.actionName);
      assert.equal(actions[1], 'deploy_stack');

      const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${id}/outputs`);
      const url = String(environments[0]?.outputs.inferenceUrl);
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/111111111111\/us-east-1\/\w+\/prod\/inference$/);
      const body = JSON.stringify({ payload: '1,2,3\n4,5,6\n', content_type: 'text/csv' });
      const inference = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      assert.equal(inference.status, 200);
      assert.match(await inference.text(), /^0\.\d{3}\n0\.\d{3}\n$/);
      assert.ok(environments[0]?.outputs.endpointName);

      const [deployed] = await client.call<EnvironmentResources[]>('GET', `/pipelines/${id}/resources`);
      const byType = new Map(deployed?.resources.map((resource) => [resource.type, resource]));
      assert.equal(deployed?.environment, 'main');
      assert.equal(byType.get('aws:sagemaker/endpoint:Endpoint')?.id, environments[0]?.outputs.endpointName);
      assert.ok(
        byType
          .get('aws:sagemaker/endpoint:Endpoint')
          ?.dependencies.includes(byType.get('aws:sagemaker/endpointConfiguration:EndpointConfiguration')?.urn ?? '-'),
      );

      const history = await client.call<HistoryEntry[]>('GET', `/pipelines/${id}/history`);
      assert.equal(history.length, 1);
      assert.equal(history[0]?.result, 'succeeded');
      assert.match(history[0]?.message ?? '', new RegExp(answer.execution_id ?? ''));
      assert.equal(history[0]?.config['mlops:revision']?.value, '1');
    });
  }

  it('destroys a pipeline durably, forgets it, and can provision it again', async () => {
    const body = await realtime('gone');
    const { pipelineId } = await provision(body);
    const answer = await client.call<GuideProvisionAnswer>('DELETE', `/pipelines/${pipelineId}`);
    const execution = await client.finished(answer.execution_id ?? '');
    assert.equal(execution.kind, 'destroy');
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
    assert.equal((await client.call<Pipeline>('GET', `/pipelines/${pipelineId}`)).status, 'Deleted');
    const outputs = await client.call<PipelineOutputs>('GET', `/pipelines/${pipelineId}/outputs`);
    assert.deepEqual(outputs.environments, []);
    await assert.rejects(
      client.call('DELETE', `/pipelines/${pipelineId}`),
      (error: UnexpectedAnswer) => error.status === 404,
    );
    assert.equal((await client.provision(body)).message, 'success: stack creation started');
  });

  it('carries out 12 different pipelines posted at once', async () => {
    const bodies = await Promise.all(Array.from({ length: 12 }, (_, i) => realtime(`dozen-${i}`)));
    const answers = await Promise.all(bodies.map((body) => client.provision(body)));
    const executions = await Promise.all(answers.map((answer) => client.finished(answer.execution_id ?? '')));
    assert.deepEqual(
      executions.filter((execution) => execution.status !== 'Succeeded'),
      [],
    );
    assert.deepEqual(await createdTwice(folder.path), []);
  }).timeout(180_000);
});
