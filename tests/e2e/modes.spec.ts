import assert from 'node:assert/strict';
import type { Execution, Pipeline } from '../../automation/model.ts';
import type { OrchestratorClient, UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import { journal } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';

const PACKAGE = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group/1';

describe('modes of an installation', () => {
  let sandbox: TestSandbox;

  afterEach(async () => await sandbox?.stop());

  async function start(env: Record<string, string>): Promise<OrchestratorClient> {
    sandbox = await startTestSandbox(env);
    return sandbox.client;
  }

  async function provision(client: OrchestratorClient, body: Record<string, unknown>): Promise<Execution> {
    const { execution_id: id = '' } = await client.provision(body);
    return await client.finished(id);
  }

  it('USE_MODEL_REGISTRY=Yes deploys a model package, and takes the other keys with a warning', async () => {
    const client = await start({ USE_MODEL_REGISTRY: 'Yes' });
    const body = await realtime('registered', { model_package_name: PACKAGE });
    const answer = await client.provision(body);
    assert.equal(answer.warnings?.length, 3);
    assert.equal((await client.finished(answer.execution_id ?? '')).status, 'Succeeded');
    const { request } = await client.call<Pipeline>('GET', `/pipelines/${answer.pipeline_id}`);
    assert.equal(request.model_package_name, PACKAGE);
    assert.equal(request.model_framework, undefined);
  });

  it('MULTI_ACCOUNT=Yes takes values per stage, and asks for a stage that is missing', async () => {
    const client = await start({ MULTI_ACCOUNT: 'Yes' });
    const stages = { dev: 'ml.t2.2xlarge', staging: 'ml.m5.large', prod: 'ml.m5.4xlarge' };
    const body = await realtime('staged', { inference_instance: stages });
    await client.call('POST', '/provisionpipeline?validate_only=true', body);
    const { prod: _, ...lacking } = stages;
    await assert.rejects(client.provision({ ...body, inference_instance: lacking }), (error: UnexpectedAnswer) => {
      const { errors } = error.body as { errors: { pointer: string }[] };
      assert.deepEqual(
        errors.map(({ pointer }) => pointer),
        ['/inference_instance/prod'],
      );
      return error.status === 400;
    });
  });

  it('ALLOW_DETAILED_ERROR_MESSAGE=No keeps the details to itself, and still names the faults', async () => {
    const client = await start({ ALLOW_DETAILED_ERROR_MESSAGE: 'No' });
    await assert.rejects(client.provision({ pipeline_type: 'byom_realtime_builtin' }), (error: UnexpectedAnswer) => {
      const body = error.body as Record<string, unknown>;
      assert.equal(body.message, 'A BadRequest exception occurred');
      assert.equal('detailedMessage' in body, false);
      return (body.errors as unknown[]).length > 3;
    });
  });

  it('tells the engine’s own error of a failed deployment, and the same request again continues it', async () => {
    const faults = [
      {
        type: 'aws:sagemaker/endpoint:Endpoint',
        operation: 'create',
        times: 1,
        code: 'ResourceLimitExceeded',
        message: 'The account-level service limit is 0 instances.',
      },
    ];
    const client = await start({ SANDBOX_FAULTS: JSON.stringify(faults) });
    const body = await realtime('limited');
    const failed = await provision(client, body);
    assert.equal(failed.status, 'Failed');
    const error = failed.stages[1]?.error;
    assert.match(error?.urn ?? '', /mlops-pipeline-limited-.*-endpoint$/);
    assert.equal(error?.providerCode, 'ResourceLimitExceeded');
    assert.match(error?.message ?? '', /service limit is 0 instances/);
    assert.match(error?.hint ?? '', /quota/);
    const made = (await journal(sandbox.home)).length;
    assert.equal((await provision(client, body)).status, 'Succeeded');
    const again = (await journal(sandbox.home)).slice(made).filter((entry) => entry.operation === 'create');
    assert.ok(!again.some((entry) => entry.type === 'aws:sagemaker/model:Model'), 'what was made is not made again');
  });

  it('sees through an update that SageMaker rolled back, and keeps the configuration that serves', async () => {
    const faults = [{ type: 'aws:sagemaker/endpoint:Endpoint', operation: 'update', times: 1, action: 'rollback' }];
    const client = await start({ SANDBOX_FAULTS: JSON.stringify(faults) });
    const body = await realtime('rolled-back');
    assert.equal((await provision(client, body)).status, 'Succeeded');
    const changed = { ...body, inference_instance: 'ml.m5.xlarge' };
    const failed = await provision(client, changed);
    assert.equal(failed.status, 'Failed');
    assert.equal(failed.stages[1]?.error?.code, 'ENDPOINT_NOT_UPDATED', JSON.stringify(failed.stages));
    const deleted = (await journal(sandbox.home)).filter((entry) => entry.operation === 'delete');
    assert.deepEqual(deleted, []);
    const retried = await provision(client, changed);
    assert.equal(retried.status, 'Succeeded', JSON.stringify(retried.stages));
    const configs = (await journal(sandbox.home)).filter((entry) => entry.type.endsWith(':EndpointConfiguration'));
    assert.deepEqual(
      configs.map((entry) => entry.operation),
      ['create', 'create', 'delete'],
    );
  });
});
