/** Dev → staging → prod, with approvals that are bound to the change. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { GuidePreviewAnswer, GuideProvisionAnswer } from '../../api/guide-answers.ts';
import type { Execution, ExecutionAnswer, PipelineOutputs, PipelineState } from '../../automation/model.ts';
import type { UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import type { Promotion } from './support.ts';
import { ACCOUNTS, promoted, provisioned, stagedRealtime, stageStatuses, startPromotion } from './support.ts';

describe('promotion through environments', () => {
  let promotion: Promotion;

  before(async () => {
    promotion = await startPromotion({ PROD_APPROVE_DESTROY: 'Yes' });
  });

  after(async () => await promotion.stop());

  it('deploys to dev, then waits for each of the others with the change that it would make', async () => {
    const { client } = promotion;
    const waiting = await provisioned(client, await stagedRealtime('promoted'));
    assert.equal(waiting.status, 'AwaitingApproval', JSON.stringify(waiting.stages));
    assert.deepEqual(stageStatuses(waiting), {
      Source: 'Succeeded',
      DeployDev: 'Succeeded',
      ApproveStaging: 'InProgress',
      DeployStaging: 'Pending',
      ApproveProd: 'Pending',
      DeployProd: 'Pending',
    });
    const { approval } = waiting;
    assert.equal(approval?.environment, 'staging');
    assert.match(approval?.changeHash ?? '', /^[0-9a-f]{64}$/);
    assert.equal(approval?.changes.length, approval?.summary.create);
    const created = (type: string) => approval?.changes.find((change) => change.type === type)?.inputs;
    assert.ok(created('aws:sagemaker/endpoint:Endpoint'));
    // What an approver has to see: which instances, and what the roles may do.
    assert.match(JSON.stringify(created('aws:sagemaker/endpointConfiguration:EndpointConfiguration')), /ml\.m5\.large/);
    assert.match(JSON.stringify(created('aws:iam/rolePolicy:RolePolicy')), /"Action/);
    const days = (Date.parse(approval?.expiresAt ?? '') - Date.parse(approval?.requestedAt ?? '')) / 86_400_000;
    assert.equal(days, 7);

    await client.approve(waiting, 'looks good');
    const forProd = await client.settled(waiting.executionId);
    assert.equal(forProd.approval?.environment, 'prod');
    assert.notEqual(forProd.approval?.changeHash, approval?.changeHash);
    await client.approve(forProd);
    const done = await client.finished(waiting.executionId);
    assert.equal(done.status, 'Succeeded', JSON.stringify(done.stages));
    assert.equal(done.approval, undefined);
    assert.deepEqual(
      done.decisions?.map(({ environment, decision, by, comment }) => [environment, decision, by, comment]),
      [
        ['staging', 'Approved', 'sandbox-user', 'looks good'],
        ['prod', 'Approved', 'sandbox-user', undefined],
      ],
    );
    const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${done.pipelineId}/outputs`);
    for (const { environment, outputs } of environments) {
      const account = ACCOUNTS[environment as keyof typeof ACCOUNTS];
      assert.ok(JSON.stringify(outputs).includes(account), `${environment} in ${account}: ${JSON.stringify(outputs)}`);
    }
    assert.equal(environments.length, 3);
  });

  it('tells the status in CodePipeline’s shape', async () => {
    const { client } = promotion;
    const waiting = await provisioned(client, await stagedRealtime('notified'));
    const state = await client.call<PipelineState>('POST', '/pipelinestatus', { pipeline_id: waiting.pipelineId });
    const actions = state.stageStates.map(({ stageName, actionStates }) => {
      const [action] = actionStates as { actionName: string; latestExecution?: Record<string, unknown> }[];
      return [stageName, action?.actionName, action?.latestExecution?.status];
    });
    assert.deepEqual(actions, [
      ['Source', 'Request', 'Succeeded'],
      ['DeployDev', 'deploy_stack', 'Succeeded'],
      ['ApproveStaging', 'approve_change', 'InProgress'],
      ['DeployStaging', 'deploy_stack', undefined],
      ['ApproveProd', 'approve_change', undefined],
      ['DeployProd', 'deploy_stack', undefined],
    ]);
    const approve = (state.stageStates[2]?.actionStates as { latestExecution: Record<string, unknown> }[])[0];
    assert.equal(approve?.latestExecution.token, waiting.approval?.changeHash);
    const dev = (state.stageStates[1]?.actionStates as { latestExecution: Record<string, unknown> }[])[0];
    assert.equal(dev?.latestExecution.externalExecutionId, `byom-realtime-builtin/${waiting.pipelineId}.dev`);
    assert.ok(dev?.latestExecution.externalExecutionUrl);
  });

  it('shows the differences of an update, and warns of what a replacement destroys', async () => {
    const { client } = promotion;
    await promoted(client, await provisioned(client, await stagedRealtime('changed')));
    const waiting = await provisioned(
      client,
      await stagedRealtime('changed', {
        inference_instance: { dev: 'ml.t2.2xlarge', staging: 'ml.m5.xlarge', prod: 'ml.m5.4xlarge' },
      }),
    );
    const changes = waiting.approval?.changes ?? [];
    const config = changes.find(({ type }) => type === 'aws:sagemaker/endpointConfiguration:EndpointConfiguration');
    assert.equal(config?.operation, 'replace');
    assert.match(config?.warning ?? '', /^Destroys /);
    const instance = config?.differences?.find(({ property }) => property.includes('productionVariants'));
    assert.match(JSON.stringify(instance?.before), /ml\.m5\.large/);
    assert.match(JSON.stringify(instance?.after), /ml\.m5\.xlarge/);
    const endpoint = changes.find(({ type }) => type === 'aws:sagemaker/endpoint:Endpoint');
    assert.equal(endpoint?.operation, 'update');
    const done = await promoted(client, waiting);
    assert.equal(done.status, 'Succeeded', JSON.stringify(done));
    const byName = Object.fromEntries(done.stages.map((stage) => [stage.name, stage.changes]));
    assert.equal(byName.DeployDev?.update ?? 0, 0, 'dev was not touched');
    assert.equal(byName.DeployProd?.update ?? 0, 0, 'prod was not touched');
    assert.equal(byName.DeployStaging?.update, 1);
  });

  it('previews every environment at once', async () => {
    const answer = await promotion.client.call<GuidePreviewAnswer>(
      'POST',
      '/provisionpipeline?preview=true',
      await stagedRealtime('previewed'),
    );
    assert.deepEqual(
      answer.environments.map(({ environment }) => environment),
      ['dev', 'staging', 'prod'],
    );
    for (const { changes } of answer.environments) assert.ok(changes.every(({ operation }) => operation === 'create'));
  });

  it('keeps training in the orchestrator’s own account', async () => {
    const types = await promotion.client.call<{ pipelineType: string; example: Record<string, unknown> }[]>(
      'GET',
      '/pipeline-types',
    );
    const { example } = types.find(({ pipelineType }) => pipelineType === 'model_training_builtin') ?? {};
    const done = await provisioned(promotion.client, { ...example, model_name: 'trained' });
    assert.deepEqual(stageStatuses(done), { Source: 'Succeeded', Deploy: 'Succeeded' });
  });

  it('runs the job of an unchanged request again, under a new name, on request', async () => {
    const { client } = promotion;
    const types = await client.call<{ pipelineType: string; example: Record<string, unknown> }[]>(
      'GET',
      '/pipeline-types',
    );
    const { example } = types.find(({ pipelineType }) => pipelineType === 'model_training_builtin') ?? {};
    const body = { ...example, model_name: 'again', job_name: 'again-by-name' };
    const { pipelineId } = await provisioned(client, body);
    const jobName = async () => {
      const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${pipelineId}/outputs`);
      return String(environments[0]?.outputs.jobName);
    };
    const names = [await jobName()];
    const unchanged = await client.call<{ execution_id?: string }>('POST', '/provisionpipeline', body);
    assert.equal(unchanged.execution_id, undefined);

    for (const [path, sent] of [
      [`/pipelines/${pipelineId}/run`, undefined],
      ['/provisionpipeline', { ...body, rerun: true }],
    ] as const) {
      const started = await client.call<ExecutionAnswer & GuideProvisionAnswer>('POST', path, sent);
      const done = await client.finished(started.executionId ?? started.execution_id ?? '');
      assert.equal(done.status, 'Succeeded', JSON.stringify(done.stages));
      assert.deepEqual([done.kind, done.revision], ['run', 1]);
      names.push(await jobName());
    }
    assert.equal(new Set(names).size, 3, names.join());
    // The result of a rerun stays unchanged afterwards.
    const again = await client.call<{ execution_id?: string }>('POST', '/provisionpipeline', body);
    assert.equal(again.execution_id, undefined);
    const other = { ...body, encrypt_inner_traffic: false, job_name: 'again-changed' };
    assert.equal((await provisioned(client, other)).revision, 2);
  });

  it('cannot rerun a type without a job', async () => {
    const { client } = promotion;
    const { pipelineId } = await provisioned(client, await stagedRealtime('no-job'));
    await assert.rejects(
      client.call('POST', `/pipelines/${pipelineId}/run`),
      (error: UnexpectedAnswer) =>
        error.status === 409 && JSON.stringify(error.body).includes('have no job to run again'),
    );
    await assert.rejects(
      client.call('POST', '/pipelines/mlops-pipeline-none-modeltraining/run'),
      (error: UnexpectedAnswer) => error.status === 404,
    );
  });

  describe('a decision', () => {
    let waiting: Execution;

    before(async () => {
      waiting = await provisioned(promotion.client, await stagedRealtime('decided'));
    });

    const decide = (body: unknown, environment = 'staging') =>
      promotion.client.call<Execution>('POST', `/executions/${waiting.executionId}/approvals/${environment}`, body);
    const refused = async (answer: Promise<unknown>, status: number) => {
      const error = (await answer.then(
        () => assert.fail('it was taken'),
        (thrown: unknown) => thrown,
      )) as UnexpectedAnswer;
      assert.equal(error.status, status, JSON.stringify(error.body));
      return error.body as { errors?: { pointer: string }[]; data?: Record<string, unknown>; detailedMessage: string };
    };

    it('names everything that is wrong with it', async () => {
      const { errors } = await refused(decide({ decision: 'perhaps', remark: 'x' }), 400);
      assert.deepEqual(errors?.map(({ pointer }) => pointer).toSorted(), ['/changeHash', '/decision', '/remark']);
    });

    it('applies to the current change only', async () => {
      const { data } = await refused(decide({ decision: 'Approved', changeHash: '0'.repeat(64) }), 409);
      assert.equal(data?.changeHash, waiting.approval?.changeHash);
      await refused(decide({ decision: 'Approved', changeHash: waiting.approval?.changeHash }, 'prod'), 409);
      await refused(decide({ decision: 'Approved', changeHash: waiting.approval?.changeHash }, 'moon'), 404);
    });

    it('that rejects ends the execution, says why, and leaves nothing to approve', async () => {
      const body = { decision: 'Rejected', changeHash: waiting.approval?.changeHash, comment: 'too expensive' };
      const rejected = await decide(body);
      assert.equal(rejected.status, 'Rejected');
      assert.equal(stageStatuses(rejected).DeployStaging, 'Skipped');
      assert.match(rejected.stages[2]?.error?.message ?? '', /too expensive/);
      await refused(decide({ ...body, decision: 'Approved' }), 409);
    });

    it('that rejected can be asked for again with the same request', async () => {
      const again = await provisioned(promotion.client, await stagedRealtime('decided'));
      assert.equal(again.status, 'AwaitingApproval');
      assert.equal(again.revision, 2);
    });
  });

  it('a newer revision supersedes an execution that waits, whose change cannot be approved any more', async () => {
    const { client } = promotion;
    const older = await provisioned(client, await stagedRealtime('superseded'));
    const newer = await provisioned(client, await stagedRealtime('superseded', { inference_instance: 'ml.m5.large' }));
    assert.equal((await client.execution(older.executionId)).status, 'Superseded');
    await assert.rejects(client.approve(older), (error: UnexpectedAnswer) => error.status === 409);
    assert.equal((await promoted(client, newer)).status, 'Succeeded');
  });

  it('rolls back to an older revision through the same approvals', async () => {
    const { client } = promotion;
    const first = await promoted(client, await provisioned(client, await stagedRealtime('rolled')));
    const { pipelineId } = first;
    const change = { inference_instance: 'ml.m5.2xlarge' };
    await promoted(client, await provisioned(client, await stagedRealtime('rolled', change)));
    const path = `/pipelines/${pipelineId}/rollback`;
    const { executionId: id = '' } = await client.call<ExecutionAnswer>('POST', path, { revision: 1 });
    const waiting = await client.settled(id);
    assert.equal(waiting.kind, 'rollback');
    assert.equal(waiting.revision, 1);
    assert.equal(waiting.status, 'AwaitingApproval');
    assert.equal((await promoted(client, waiting)).status, 'Succeeded');
    const { request } = await client.call<{ request: Record<string, unknown> }>('GET', `/pipelines/${pipelineId}`);
    assert.deepEqual(request.inference_instance, (await stagedRealtime('rolled')).inference_instance);
    await assert.rejects(
      client.call('POST', `/pipelines/${pipelineId}/rollback`, { revision: 9 }),
      (error: UnexpectedAnswer) => error.status === 404,
    );
    const third = await provisioned(client, await stagedRealtime('rolled', { inference_instance: 'ml.m5.large' }));
    assert.equal(third.revision, 3, 'a new request is a new revision');
  });

  it('destroys from the last environment to the first, prod once its deletions are approved', async () => {
    const { client } = promotion;
    const { pipelineId } = await promoted(client, await provisioned(client, await stagedRealtime('destroyed')));
    const { execution_id: id = '' } = await client.call<{ execution_id?: string }>(
      'DELETE',
      `/pipelines/${pipelineId}`,
    );
    const waiting = await client.settled(id);
    const { changes = [], summary } = waiting.approval ?? {};
    assert.ok(changes.length > 0 && changes.every(({ operation }) => operation === 'delete'), JSON.stringify(waiting));
    assert.equal(summary?.delete, changes.length);
    const endpoint = changes.find(({ type }) => type === 'aws:sagemaker/endpoint:Endpoint');
    assert.match(endpoint?.warning ?? '', /^Destroys /);
    await client.approve(waiting);
    const destroyed = await client.finished(id);
    assert.equal(destroyed.status, 'Succeeded', JSON.stringify(destroyed));
    assert.deepEqual(
      destroyed.stages.map(({ name }) => name),
      ['ApproveProd', 'DestroyProd', 'DestroyStaging', 'DestroyDev'],
    );
    const ends = destroyed.stages.map(({ started, ended }) => [started, ended]).flat() as string[];
    assert.deepEqual(ends, ends.toSorted(), 'one after the other');
  });
});
