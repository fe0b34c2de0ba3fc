/** An execution that people stop, or have go on. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Execution, ExecutionStage } from '../../automation/model.ts';
import { realtime } from '../support/realtime.ts';
import { until } from '../support/until.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';
import type { FaultMode } from './stack-simulation.ts';
import { stageStatuses } from './support.ts';

const PROJECT = 'byom-realtime-builtin';

describe('cancel and retry', () => {
  let service: SimulatedService;

  before(async () => {
    service = await startSimulatedService({ PROD_MINIMUM_APPROVERS: '1' });
  });

  after(async () => {
    const { violations } = service.stacks;
    await service.stop();
    assert.deepEqual(violations, []);
  });

  const pipelineOf = (modelName: string) => `mlops-pipeline-${modelName}-byompipelinerealtimebuiltin`;
  const stackOf = (modelName: string, environment: string) => `${PROJECT}/${pipelineOf(modelName)}.${environment}`;
  const arm = (modelName: string, environment: string, action: 'up' | 'preview' | 'destroy', mode: FaultMode) =>
    service.stacks.arm(stackOf(modelName, environment), action, mode);

  async function provision(modelName: string, changes: Record<string, unknown> = {}): Promise<string> {
    const answer = await service.call<{ execution_id?: string }>(
      'alice',
      'POST',
      '/provisionpipeline',
      await realtime(modelName, changes),
    );
    assert.ok(answer.body.execution_id, JSON.stringify(answer.body));
    return answer.body.execution_id;
  }

  const get = async (id: string) => (await service.call<Execution>('bob', 'GET', `/executions/${id}`)).body;
  const cancel = (id: string) => service.call('dave', 'POST', `/executions/${id}/cancel`);
  const retry = (id: string) => service.call<{ detailedMessage: string }>('dave', 'POST', `/executions/${id}/retry`);

  async function approve(id: string): Promise<Execution> {
    const { approval } = await service.settled(id);
    assert.ok(approval);
    const { environment, changeHash } = approval;
    const answer = await service.call('bob', 'POST', `/executions/${id}/approvals/${environment}`, {
      decision: 'Approved',
      changeHash,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return await service.settled(id);
  }

  const stage = (execution: Execution, name: string): ExecutionStage => {
    const found = execution.stages.find((one) => one.name === name);
    assert.ok(found);
    return found;
  };
  const ups = (modelName: string, environment: string) =>
    service.stacks.journal.filter(({ stack, action }) => stack === stackOf(modelName, environment) && action === 'up');

  it('cancelled while it deploys: the operation is stopped, and a retry recovers the stack and goes on', async () => {
    arm('deploying', 'dev', 'up', 'hang');
    const id = await provision('deploying');
    await until(async () => stage(await get(id), 'DeployDev').status === 'InProgress', 'dev is being deployed');
    assert.equal((await cancel(id)).status, 202);
    assert.equal((await get(id)).cancelledBy, 'dave');
    const ended = await service.settled(id);
    assert.equal(ended.status, 'Cancelled');
    assert.equal(stage(ended, 'DeployDev').error?.code, 'CANCELLED');
    assert.equal((await cancel(id)).status, 409, 'there is nothing to cancel any more');

    assert.equal((await retry(id)).status, 202);
    assert.equal((await service.settled(id)).status, 'AwaitingApproval');
    assert.equal((await get(id)).cancelledBy, undefined);
  });

  it('cancelled in the queue: it never begins', async () => {
    arm('queued', 'dev', 'up', 'hang');
    const first = await provision('queued');
    const second = await provision('queued', { inference_instance: 'ml.m5.xlarge' });
    assert.equal((await cancel(second)).status, 202);
    assert.equal((await get(second)).status, 'Cancelled');
    await cancel(first);
    assert.equal((await service.settled(first)).status, 'Cancelled');
    assert.deepEqual(
      service.stacks.journal.filter(({ executionId }) => executionId === second),
      [],
    );
  });

  it('cancelled while it waits for approval: the request is withdrawn, and a retry creates a new one', async () => {
    const id = await provision('waiting');
    const waiting = await service.settled(id);
    assert.equal((await cancel(id)).status, 202);
    const ended = await get(id);
    assert.equal(ended.status, 'Cancelled');
    assert.equal(ended.approval, undefined);
    const { environment, changeHash } = waiting.approval ?? {};
    const late = await service.call('bob', 'POST', `/executions/${id}/approvals/${environment}`, {
      decision: 'Approved',
      changeHash,
    });
    assert.equal(late.status, 409);
    await retry(id);
    assert.equal((await service.settled(id)).approval?.environment, 'staging');
    assert.deepEqual(ups('waiting', 'staging'), []);
  });

  it('retried from the stage that failed: what succeeded is not done again, and what was approved stays so', async () => {
    arm('failing', 'staging', 'up', 'fail');
    const id = await provision('failing');
    const failed = await approve(id);
    assert.equal(failed.status, 'Failed');
    assert.deepEqual(stageStatuses(failed), {
      Source: 'Succeeded',
      DeployDev: 'Succeeded',
      ApproveStaging: 'Succeeded',
      DeployStaging: 'Failed',
      ApproveProd: 'Skipped',
      DeployProd: 'Skipped',
    });
    assert.equal((await retry(id)).status, 202);
    const forProd = await service.settled(id);
    assert.equal(forProd.approval?.environment, 'prod', 'staging needed no second approval');
    assert.equal(ups('failing', 'dev').length, 1);
    assert.equal(ups('failing', 'staging').length, 2);
    assert.equal((await approve(id)).status, 'Succeeded');
    const refused = await retry(id);
    assert.equal(refused.status, 409);
    assert.match(refused.body.detailedMessage, /it is Succeeded/);
  });

  it('retried after the change has become another one: it is asked for again, with the change as it is now', async () => {
    const change = { inference_instance: 'ml.m5.2xlarge' };
    await approve(await provision('moved'));
    const first = (await service.call<Execution[]>('bob', 'GET', `/pipelines/${pipelineOf('moved')}/executions`))
      .body[0];
    assert.equal((await approve(first?.executionId ?? '')).status, 'Succeeded');

    arm('moved', 'staging', 'up', 'fail');
    const id = await provision('moved', change);
    const failed = await approve(id);
    assert.equal(failed.status, 'Failed');
    const [approved] = failed.decisions ?? [];
    // Half of the approved change is done; now something outside of it changes.
    assert.ok(service.stacks.drift(stackOf('moved', 'staging')));
    await retry(id);
    const asked = await service.settled(id);
    assert.equal(asked.status, 'AwaitingApproval');
    assert.equal(asked.approval?.environment, 'staging');
    assert.notEqual(asked.approval?.changeHash, approved?.changeHash);
    assert.deepEqual(
      asked.approval?.changes.map(({ name, operation }) => [name, operation]),
      [['role', 'update']],
    );
    assert.equal(stage(asked, 'DeployStaging').status, 'Pending');
    assert.equal(ups('moved', 'staging').at(-1)?.outcome, 'refused');
    assert.equal((await approve(id)).approval?.environment, 'prod');
  });

  it('a preview that follows a failure leaves the recovery of the stack to the deployment', async () => {
    for (let attempt = 0; attempt < 3; attempt++) arm('previewed', 'staging', 'up', 'killed');
    const id = await provision('previewed');
    assert.equal((await approve(id)).status, 'Failed');
    const newer = await provision('previewed', { inference_instance: 'ml.m5.xlarge' });
    assert.equal((await approve(newer)).approval?.environment, 'prod');
    assert.deepEqual(service.stacks.violations, []);
  });

  it('the preview of a caller leaves it too', async () => {
    for (let attempt = 0; attempt < 3; attempt++) arm('looked-at', 'dev', 'up', 'killed');
    const id = await provision('looked-at');
    assert.equal((await service.settled(id)).status, 'Failed');
    const preview = await service.call('bob', 'POST', `/pipelines/${pipelineOf('looked-at')}/preview`, {});
    assert.equal(preview.status, 200, JSON.stringify(preview.body));
    await retry(id);
    assert.equal((await service.settled(id)).status, 'AwaitingApproval');
    assert.deepEqual(service.stacks.violations, []);
  });

  it('a retry takes the place of an older execution that waits', async () => {
    arm('replaced', 'dev', 'up', 'slow');
    const older = await provision('replaced');
    const newer = await provision('replaced', { inference_instance: 'ml.m5.xlarge' });
    await cancel(newer);
    assert.equal((await service.settled(older)).status, 'AwaitingApproval', 'a cancelled execution supersedes none');
    assert.equal((await retry(newer)).status, 202);
    assert.equal((await get(older)).status, 'Superseded');
    assert.equal((await service.settled(newer)).status, 'AwaitingApproval');
  });

  it('an older execution is not retried over what a later one has begun, cancelled or not', async () => {
    arm('begun', 'dev', 'up', 'fail');
    const older = await provision('begun');
    assert.equal((await service.settled(older)).status, 'Failed');
    const newer = await provision('begun', { inference_instance: 'ml.m5.xlarge' });
    await service.settled(newer);
    await cancel(newer);
    const refused = await retry(older);
    assert.equal(refused.status, 409);
    assert.match(refused.body.detailedMessage, new RegExp(newer));
  });

  it('the same request during a cancellation starts a new execution', async () => {
    arm('again', 'dev', 'up', 'hang');
    const first = await provision('again');
    await until(async () => stage(await get(first), 'DeployDev').status === 'InProgress', 'dev is being deployed');
    await cancel(first);
    const second = await provision('again');
    assert.equal((await service.settled(first)).status, 'Cancelled');
    assert.equal((await service.settled(second)).status, 'AwaitingApproval');
  });

  it('the same request, sent again because its answer was lost, is answered with the execution in progress', async () => {
    arm('answered', 'dev', 'up', 'hang');
    const id = await provision('answered');
    await until(async () => stage(await get(id), 'DeployDev').status === 'InProgress', 'dev is being deployed');
    assert.equal(await provision('answered'), id, 'while it deploys');
    await cancel(id);
    await service.settled(id);
    await retry(id);
    assert.equal((await service.settled(id)).status, 'AwaitingApproval');
    assert.equal(await provision('answered'), id, 'while it waits for approval');
  });

  it('a request is answered although its execution cannot be queued yet, which happens once it can', async () => {
    const locking = await service.database.connect();
    let id: string;
    try {
      await locking.query('BEGIN');
      // DBOS' queue: the transaction that stores the execution does not need it.
      await locking.query('LOCK TABLE dbos.workflow_status IN ACCESS EXCLUSIVE MODE');
      id = await provision('unqueued');
      assert.equal((await get(id)).status, 'Queued');
    } finally {
      await locking.query('ROLLBACK');
      locking.release();
    }
    assert.equal((await service.settled(id)).status, 'AwaitingApproval');
  });

  it('handed to the queue twice, an execution runs once', async () => {
    arm('twice', 'staging', 'preview', 'slow');
    const id = await provision('twice');
    await until(
      async () => stage(await get(id), 'ApproveStaging').status === 'InProgress',
      'staging is being previewed',
    );
    // As a process leaves it that dies after it has queued the execution and before it could say so.
    await service.database.query('UPDATE mlops.executions SET dispatched = NULL WHERE id = $1', [id]);
    await provision('twice', { inference_instance: 'ml.m5.xlarge' });
    assert.equal((await service.settled(id)).status, 'Superseded');
    const { rows } = await service.database.query<{ workflow_uuid: string }>(
      `SELECT workflow_uuid FROM dbos.workflow_status WHERE workflow_uuid LIKE $1`,
      [`${id}%`],
    );
    assert.equal(rows.length, 1, JSON.stringify(rows));
  });
});
