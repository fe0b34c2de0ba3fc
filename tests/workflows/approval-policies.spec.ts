/** Who may approve, how many have to, and until when. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Execution } from '../../automation/model.ts';
import { realtime } from '../support/realtime.ts';
import type { Answer } from './callers.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';
import { APPROVAL_SECONDS } from './simulated-settings.ts';

interface Refusal {
  detailedMessage: string;
  data?: Record<string, unknown>;
}

describe('approval policies', () => {
  let service: SimulatedService;

  before(async () => {
    service = await startSimulatedService();
  });

  after(async () => await service.stop());

  async function waiting(modelName: string): Promise<Execution> {
    const { body } = await service.call<{ execution_id: string }>(
      'alice',
      'POST',
      '/provisionpipeline',
      await realtime(modelName),
    );
    return await service.settled(body.execution_id);
  }

  async function decide(caller: string, execution: Execution, decision = 'Approved'): Promise<Answer<Refusal>> {
    const { environment, changeHash } = execution.approval ?? {};
    return await service.call(caller, 'POST', `/executions/${execution.executionId}/approvals/${environment}`, {
      decision,
      changeHash,
      comment: 'Reviewed.',
    });
  }

  const get = async (id: string) => (await service.call<Execution>('bob', 'GET', `/executions/${id}`)).body;

  it('who asked for the change may not approve it, but may reject it', async () => {
    const execution = await waiting('own');
    const refused = await decide('alice', execution);
    assert.equal(refused.status, 403);
    assert.match(refused.body.detailedMessage, /alice requested this change.*REQUESTER_MAY_APPROVE/);
    assert.equal((await get(execution.executionId)).status, 'AwaitingApproval');
    assert.equal((await decide('alice', execution, 'Rejected')).status, 200);
    assert.equal((await get(execution.executionId)).status, 'Rejected');
  });

  it('two different people have to approve where the setting says two', async () => {
    const execution = await waiting('two');
    assert.equal(execution.approval?.minimumApprovers, 1);
    await decide('bob', execution);
    const forProd = await service.settled(execution.executionId);
    assert.equal(forProd.approval?.environment, 'prod');
    assert.equal(forProd.approval?.minimumApprovers, 2);

    assert.equal((await decide('bob', forProd)).status, 200);
    const half = await get(execution.executionId);
    assert.equal(half.status, 'AwaitingApproval', 'one is not enough');
    assert.deepEqual(half.approval?.approvedBy, ['bob']);
    const again = await decide('bob', forProd);
    assert.equal(again.status, 403);
    assert.match(again.body.detailedMessage, /2 different people.*PROD_MINIMUM_APPROVERS/);
    assert.deepEqual(service.stacks.deployed(`byom-realtime-builtin/${execution.pipelineId}.prod`), {});

    assert.equal((await decide('carol', forProd)).status, 200);
    assert.equal((await service.settled(execution.executionId)).status, 'Succeeded');
    assert.notDeepEqual(service.stacks.deployed(`byom-realtime-builtin/${execution.pipelineId}.prod`), {});
  });

  it('the rejection of one outweighs the approval of another', async () => {
    const execution = await waiting('outweighed');
    await decide('bob', execution);
    const forProd = await service.settled(execution.executionId);
    await decide('bob', forProd);
    await decide('carol', forProd, 'Rejected');
    const ended = await get(execution.executionId);
    assert.equal(ended.status, 'Rejected');
    assert.deepEqual(
      ended.decisions?.map(({ by, decision }) => [by, decision]),
      [
        ['bob', 'Approved'],
        ['bob', 'Approved'],
        ['carol', 'Rejected'],
      ],
    );
  });

  it('an approval request without a decision in time expires: 410, and a retry creates a new one', async () => {
    const execution = await waiting('expired');
    service.advance(APPROVAL_SECONDS - 60);
    assert.equal((await get(execution.executionId)).status, 'AwaitingApproval');
    service.advance(120);
    const late = await decide('bob', execution);
    assert.equal(late.status, 410);
    assert.match(late.body.detailedMessage, /retry creates a new one/);
    const ended = await get(execution.executionId);
    assert.equal(ended.status, 'Failed');
    assert.equal(ended.stages.find(({ name }) => name === 'ApproveStaging')?.error?.code, 'APPROVAL_EXPIRED');
    assert.equal((await decide('bob', execution)).status, 410, 'it stays gone');

    const retried = await service.call('bob', 'POST', `/executions/${execution.executionId}/retry`);
    assert.equal(retried.status, 202, JSON.stringify(retried.body));
    const again = await service.settled(execution.executionId);
    assert.equal(again.status, 'AwaitingApproval');
    assert.equal(again.stages.find(({ name }) => name === 'ApproveStaging')?.error, undefined);
    assert.equal((await decide('bob', again)).status, 200);
    assert.equal((await service.settled(execution.executionId)).approval?.environment, 'prod');
  });

  it('an approval request expires without any call', async () => {
    const execution = await waiting('forgotten');
    service.advance(APPROVAL_SECONDS + 1);
    let ended = await get(execution.executionId);
    // The sweep runs periodically.
    for (const deadline = Date.now() + 30_000; ended.status === 'AwaitingApproval' && Date.now() < deadline;) {
      ended = await get(execution.executionId);
    }
    assert.equal(ended.status, 'Failed');
    const { rows } = await service.database.query<{ kind: string }>(
      `SELECT kind FROM mlops.notifications WHERE execution_id = $1 ORDER BY id`,
      [execution.executionId],
    );
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['started', 'approval-needed', 'approval-expired'],
    );
  });
});
