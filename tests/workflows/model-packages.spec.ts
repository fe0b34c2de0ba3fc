/** The model registry through HTTP: which packages are taken, and what follows a group. */
import assert from 'node:assert/strict';
import type { EventAnswer, Execution, Pipeline } from '../../automation/model.ts';
import type { OrchestratorClient, UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';

const versionOf = (group: string, version: number) =>
  `arn:aws:sagemaker:us-east-1:111111111111:model-package/${group}/${version}`;

function approved(group: string, version: number) {
  return {
    source: 'aws.sagemaker',
    'detail-type': 'SageMaker Model Package State Change',
    account: '111111111111',
    region: 'us-east-1',
    detail: {
      ModelPackageArn: versionOf(group, version),
      ModelApprovalStatus: 'Approved',
      ModelPackageStatus: 'Completed',
    },
  };
}

const request = (modelName: string, changes: Record<string, unknown> = {}) => ({
  pipeline_type: 'byom_realtime_custom',
  model_name: modelName,
  inference_instance: 'ml.m5.large',
  data_capture_location: 'my-bucket/capture',
  ...changes,
});

describe('the model registry through HTTP', () => {
  let sandbox: TestSandbox;
  let client: OrchestratorClient;

  before(async () => {
    sandbox = await startTestSandbox({
      USE_MODEL_REGISTRY: 'Yes',
      SANDBOX_PACKAGES: JSON.stringify({
        [versionOf('churn', 7)]: 'Rejected',
        [versionOf('churn', 8)]: 'PendingManualApproval',
      }),
    });
    client = sandbox.client;
  });
  after(async () => await sandbox?.stop());

  const take = (event: unknown) => client.call<EventAnswer>('POST', '/events', event);
  async function deployed(body: Record<string, unknown>): Promise<Execution> {
    const { execution_id: id = '' } = await client.provision(body);
    return await client.finished(id);
  }

  it('refuses packages that are not approved with 400 at their key', async () => {
    for (const version of [7, 8]) {
      const body = request('unapproved', { model_package_name: versionOf('churn', version) });
      await assert.rejects(client.provision(body), ({ status, body: answer }: UnexpectedAnswer) => {
        const { errors } = answer as { errors: { pointer: string; message: string }[] };
        assert.deepEqual([status, errors.map(({ pointer }) => pointer)], [400, ['/model_package_name']]);
        assert.match(errors[0]?.message ?? '', /is (Rejected|PendingManualApproval)/);
        return true;
      });
    }
    const names = (await client.call<{ modelName: string }[]>('GET', '/pipelines')).map(({ modelName }) => modelName);
    assert.ok(!names.includes('unapproved'), names.join());
  });

  it('provisions what follows a group with each version that is approved, once, and never with an older one', async () => {
    const follows = { model_package_name: versionOf('group', 2), follow_model_package_group: true };
    const first = await deployed(request('follower', follows));
    assert.equal(first.status, 'Succeeded');
    await deployed(request('by-itself', { model_package_name: versionOf('group', 2) }));
    await deployed(request('other', { ...follows, model_package_name: versionOf('group-of-others', 2) }));

    const { started } = await take(approved('group', 10));
    assert.deepEqual(
      started.map(({ pipelineId }) => pipelineId),
      [first.pipelineId],
    );
    const [begun] = started;
    const execution = await client.finished(begun?.executionId ?? '');
    assert.equal(execution.status, 'Succeeded');
    assert.equal(execution.requestedBy, `model-package:${versionOf('group', 10)}`);
    const pipeline = await client.call<Pipeline>('GET', `/pipelines/${first.pipelineId}`);
    assert.equal(pipeline.request.model_package_name, versionOf('group', 10));
    assert.equal(pipeline.request.follow_model_package_group, true);

    for (const version of [10, 9]) {
      const answer = await take(approved('group', version));
      assert.deepEqual([answer.started, answer.ignored.length], [[], 1]);
    }
  });

  it('starts one execution for an event that comes several times at once', async () => {
    const follows = { model_package_name: versionOf('busy', 1), follow_model_package_group: true };
    await deployed(request('busy', follows));
    const answers = await Promise.all(Array.from({ length: 5 }, () => take(approved('busy', 2))));
    const ids = answers.flatMap(({ started }) => started.map(({ executionId }) => executionId));
    assert.equal(ids.length, 1, JSON.stringify(answers));
    await client.finished(ids[0] ?? '');
  });

  it('reports a version that is not, or no longer, approved in the registry', async () => {
    const follows = { model_package_name: versionOf('churn', 1), follow_model_package_group: true };
    const first = await deployed(request('late', follows));
    const { started, failed } = await take(approved('churn', 7));
    assert.deepEqual([started, failed.map(({ pipelineId }) => pipelineId)], [[], [first.pipelineId]]);
    assert.match(failed[0]?.reason ?? '', /Rejected/);
  });

  it('forgets pipelines that are removed', async () => {
    const follows = { model_package_name: versionOf('gone', 1), follow_model_package_group: true };
    const { pipelineId } = await deployed(request('gone', follows));
    const { execution_id: id = '' } = await client.call<{ execution_id?: string }>(
      'DELETE',
      `/pipelines/${pipelineId}`,
      undefined,
    );
    const during = await take(approved('gone', 2));
    await client.finished(id);
    const afterwards = await take(approved('gone', 2));
    assert.deepEqual([during.started, afterwards.started], [[], []]);
  });

  it('refuses what is no event with 400', async () => {
    await assert.rejects(take({ source: 'aws.s3' }), (error: UnexpectedAnswer) => error.status === 400);
  });
});
