import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { GuidePreviewAnswer, GuideProvisionAnswer } from '../../api/guide-answers.ts';
import type {
  Execution,
  ExecutionEvent,
  HistoryEntry,
  Pipeline,
  PipelineOutputs,
  PipelineState,
  PreviewAnswer,
} from '../../automation/model.ts';
import type { EnvironmentResources } from '../../automation/stacks/stack-state.ts';
import type { Sandbox } from '../../sandbox/start.ts';
import { startSandbox } from '../../sandbox/start.ts';
import type { UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { createdTwice, journal } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('real-time pipelines through HTTP', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: Sandbox;
  let client: OrchestratorClient;

  before(async () => {
    folder = await temporaryFolder();
    sandbox = await startSandbox({ ...process.env, SANDBOX_HOME: folder.path, PORT: '0', SANDBOX_SPEED: '0' });
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
      assert.match(
        String(environments[0]?.outputs.inferenceUrl),
        /^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/prod\/inference$/,
      );
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

  it('does nothing for the same request again, and says so', async () => {
    const body = await realtime('again');
    const { pipelineId } = await provision(body);
    const before = (await journal(folder.path, pipelineId)).length;
    const answer = await client.provision(body);
    assert.deepEqual(answer, {
      message: `Pipeline ${answer.pipeline_id} is already provisioned. No updates are to be performed.`,
      pipeline_id: answer.pipeline_id,
    });
    assert.equal((await journal(folder.path, pipelineId)).length, before);
  });

  it('makes one execution of the same request twice at once', async () => {
    const body = await realtime('twice');
    const answers = await Promise.all([client.provision(body), client.provision(body)]);
    assert.equal(answers.filter((answer) => answer.execution_id).length, 1);
    const id = answers[0]?.pipeline_id ?? '';
    assert.equal((await client.call<Execution[]>('GET', `/pipelines/${id}/executions`)).length, 1);
  });

  it('updates an endpoint without taking it down: new configuration first, the old one deleted last', async () => {
    const body = await realtime('update');
    const { pipelineId } = await provision(body);
    const from = (await journal(folder.path, pipelineId)).length;
    const changed = { ...body, inference_instance: 'ml.m5.xlarge' };
    const preview = await client.call<GuidePreviewAnswer>('POST', '/provisionpipeline?preview=true', changed);
    assert.equal((await journal(folder.path, pipelineId)).length, from, 'a preview changes nothing');
    const kinds = (preview.environments[0]?.changes ?? []).map((change) => `${change.operation} ${change.type}`);
    assert.deepEqual(kinds.sort(), [
      'replace aws:sagemaker/endpointConfiguration:EndpointConfiguration',
      'update aws:sagemaker/endpoint:Endpoint',
    ]);
    const execution = await provision(changed);
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
    const calls = (await journal(folder.path, pipelineId))
      .slice(from)
      .map((entry) => `${entry.operation} ${entry.type.split(':').at(-1)}`);
    assert.deepEqual(calls, ['create EndpointConfiguration', 'update Endpoint', 'delete EndpointConfiguration']);
  });

  it('previews a stored pipeline with some keys changed', async () => {
    const body = await realtime('stored');
    const { pipelineId } = await provision(body);
    const same = await client.call<PreviewAnswer>('POST', `/pipelines/${pipelineId}/preview`, {});
    assert.deepEqual(same.environments[0]?.changes, []);
    const changed = await client.call<PreviewAnswer>('POST', `/pipelines/${pipelineId}/preview`, {
      inference_instance: 'ml.c5.large',
    });
    assert.equal(changed.environments[0]?.summary.replace, 1);
  });

  it('runs ten changed requests for one pipeline one after the other, and the last one wins', async () => {
    const bodies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => realtime('ten', { data_capture_location: `bucket-ten/capture-${i}` })),
    );
    const answers = await Promise.all(bodies.map((body) => client.provision(body)));
    const executions = await Promise.all(answers.map((answer) => client.finished(answer.execution_id ?? '')));
    assert.deepEqual(new Set(executions.map((execution) => execution.status)), new Set(['Succeeded']));
    const pipeline = await client.call<Pipeline>('GET', `/pipelines/${answers[0]?.pipeline_id}`);
    assert.equal(pipeline.revision, 10);
    const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${pipeline.pipelineId}/outputs`);
    assert.match(
      String(environments[0]?.outputs.dataCaptureLocation),
      new RegExp(String(pipeline.request.data_capture_location)),
    );
    const history = await client.call<HistoryEntry[]>('GET', `/pipelines/${pipeline.pipelineId}/history`);
    assert.deepEqual(
      history.map((entry) => entry.config['mlops:revision']?.value),
      ['10', '9', '8', '7', '6', '5', '4', '3', '2', '1'],
    );
    assert.deepEqual(await createdTwice(folder.path), []);
  });

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

  it('refuses an unknown framework before anything is created', async () => {
    await assert.rejects(
      client.provision(await realtime('bad', { model_framework: 'xgbost' })),
      (error: UnexpectedAnswer) => {
        const { errors } = error.body as { errors: { pointer: string; message: string }[] };
        return error.status === 400 && errors[0]?.pointer === '/model_framework' && /xgboost/.test(errors[0].message);
      },
    );
    assert.deepEqual(await journal(folder.path, 'mlops-pipeline-bad-'), []);
  });

  it('validates without provisioning', async () => {
    const answer = await client.call<{ pipeline_id: string }>(
      'POST',
      '/provisionpipeline?validate_only=true',
      await realtime('only-valid'),
    );
    await assert.rejects(
      client.call('GET', `/pipelines/${answer.pipeline_id}`),
      (error: UnexpectedAnswer) => error.status === 404,
    );
  });

  it('previews a new pipeline without leaving anything', async () => {
    const preview = await client.call<GuidePreviewAnswer>(
      'POST',
      '/provisionpipeline?preview=true',
      await realtime('only-seen'),
    );
    assert.ok((preview.environments[0]?.summary.create ?? 0) > 10);
    await assert.rejects(
      client.call('GET', `/pipelines/${preview.pipeline_id}`),
      (error: UnexpectedAnswer) => error.status === 404,
    );
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
