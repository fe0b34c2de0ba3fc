/** What requests for a real-time pipeline do, in a service whose operations share processes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { GuidePreviewAnswer } from '../../api/guide-answers.ts';
import type { Execution, HistoryEntry, Pipeline, PipelineOutputs, PreviewAnswer } from '../../automation/model.ts';
import type { OrchestratorClient, UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import { createdTwice, journal } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';

describe('requests for real-time pipelines', () => {
  let sandbox: TestSandbox;
  let client: OrchestratorClient;

  before(async () => {
    sandbox = await startTestSandbox();
    client = sandbox.client;
  });

  after(async () => await sandbox?.stop());

  async function provision(body: Record<string, unknown>): Promise<Execution> {
    const { execution_id: id } = await client.provision(body);
    assert.ok(id, 'an execution was started');
    return await client.finished(id);
  }

  it('does nothing for the same request again, and says so', async () => {
    const body = await realtime('again');
    const { pipelineId } = await provision(body);
    const before = (await journal(sandbox.home, pipelineId)).length;
    const answer = await client.provision(body);
    assert.deepEqual(answer, {
      message: `Pipeline ${answer.pipeline_id} is already provisioned. No updates are to be performed.`,
      pipeline_id: answer.pipeline_id,
    });
    assert.equal((await journal(sandbox.home, pipelineId)).length, before);
  });

  it('makes one execution of the same request twice at once', async () => {
    const body = await realtime('twice');
    const answers = await Promise.all([client.provision(body), client.provision(body)]);
    assert.ok(answers[0]?.execution_id);
    assert.equal(answers[1]?.execution_id, answers[0].execution_id);
    const id = answers[0]?.pipeline_id ?? '';
    assert.equal((await client.call<Execution[]>('GET', `/pipelines/${id}/executions`)).length, 1);
  });

  it('updates an endpoint without taking it down: new configuration first, the old one deleted last', async () => {
    const body = await realtime('update');
    const { pipelineId } = await provision(body);
    const from = (await journal(sandbox.home, pipelineId)).length;
    const changed = { ...body, inference_instance: 'ml.m5.xlarge' };
    const preview = await client.call<GuidePreviewAnswer>('POST', '/provisionpipeline?preview=true', changed);
    assert.equal((await journal(sandbox.home, pipelineId)).length, from, 'a preview changes nothing');
    const kinds = (preview.environments[0]?.changes ?? []).map((change) => `${change.operation} ${change.type}`);
    assert.deepEqual(kinds.sort(), [
      'replace aws:sagemaker/endpointConfiguration:EndpointConfiguration',
      'update aws:sagemaker/endpoint:Endpoint',
    ]);
    const execution = await provision(changed);
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
    const calls = (await journal(sandbox.home, pipelineId))
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
    assert.deepEqual(await createdTwice(sandbox.home), []);
  });

  it('refuses an unknown framework before anything is created', async () => {
    await assert.rejects(
      client.provision(await realtime('bad', { model_framework: 'xgbost' })),
      (error: UnexpectedAnswer) => {
        const { errors } = error.body as { errors: { pointer: string; message: string }[] };
        return error.status === 400 && errors[0]?.pointer === '/model_framework' && /xgboost/.test(errors[0].message);
      },
    );
    assert.deepEqual(await journal(sandbox.home, 'mlops-pipeline-bad-'), []);
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
});
