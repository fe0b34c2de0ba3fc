/** Drift: detected on demand and by schedule, notified once, and reverted with approval. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DriftCheck, DriftCheckAnswer, ExecutionAnswer, HistoryEntry } from '../../automation/model.ts';
import { byHand } from '../../sandbox/aws/by-hand.ts';
import type { UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import { until } from '../support/until.ts';
import type { Promotion } from './support.ts';
import { promoted, provisioned, stagedRealtime, startPromotion } from './support.ts';

describe('drift of a pipeline', function () {
  this.timeout(180_000);
  let promotion: Promotion;

  before(async () => {
    promotion = await startPromotion();
  });

  after(async () => await promotion.stop());

  /** Has a pipeline checked, and waits for the end of all its checks. */
  async function checked(pipelineId: string): Promise<DriftCheck[]> {
    const { client } = promotion;
    const { checks } = await client.call<DriftCheckAnswer>('POST', `/pipelines/${pipelineId}/drift`);
    const asked = checks.map(({ checkId }) => checkId);
    let found: DriftCheck[] = [];
    await until(
      async () => {
        found = await client.call<DriftCheck[]>('GET', `/pipelines/${pipelineId}/drift`);
        return found.every(({ checkId, ended }) => asked.includes(checkId) && ended !== undefined);
      },
      'the checks end',
      60_000,
    );
    return found;
  }

  async function deployed(modelName: string): Promise<string> {
    const execution = await promoted(
      promotion.client,
      await provisioned(promotion.client, await stagedRealtime(modelName)),
    );
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution.stages));
    return execution.pipelineId;
  }

  const inAws = (pipelineId: string, environment: string, resource: string) =>
    byHand(join(promotion.home, 'aws'), `${pipelineId}.${environment}::*${resource}`);

  const refusal = (status: number, pattern: RegExp) => (error: UnexpectedAnswer) => {
    assert.equal(error.status, status, error.message);
    assert.match(error.message, pattern);
    return true;
  };

  it('is found in the environment that has it, and put back after approval', async () => {
    const { client } = promotion;
    const pipelineId = await deployed('drifting');
    const drift = `/pipelines/${pipelineId}/drift`;
    assert.deepEqual(await client.call('GET', drift), []);
    await assert.rejects(client.call('POST', `${drift}/reconcile`), refusal(409, /never checked/));
    assert.deepEqual(
      (await checked(pipelineId)).map(({ environment, status, findings }) => [environment, status, findings]),
      [
        ['dev', 'InSync', []],
        ['prod', 'InSync', []],
        ['staging', 'InSync', []],
      ],
    );
    await assert.rejects(client.call('POST', `${drift}/reconcile`), refusal(409, /dev: InSync, prod: InSync/));

    const changed = await inAws(pipelineId, 'prod', 'aws:lambda/function:Function');
    await changed.change({ memorySize: 4096, 'environment.variables.LOG_LEVEL': 'trace' });
    await (await inAws(pipelineId, 'prod', 'aws:lambda/permission:Permission')).remove();
    const kinds = async () => {
      const history = await client.call<HistoryEntry[]>('GET', `/pipelines/${pipelineId}/history`);
      return history.map(({ environment, kind, version }) => [environment, kind, version]);
    };
    const before = await kinds();
    const [dev, prod, staging] = await checked(pipelineId);
    assert.deepEqual([dev?.status, prod?.status, staging?.status], ['InSync', 'Drifted', 'InSync']);
    assert.deepEqual(await kinds(), before, 'a look is no update of the stack');
    const { findings = [] } = prod ?? {};
    assert.deepEqual(
      findings.map(({ type, kind }) => [type, kind]),
      [
        ['aws:lambda/function:Function', 'changed'],
        ['aws:lambda/permission:Permission', 'missing'],
      ],
    );
    const differences = findings[0]?.differences ?? [];
    assert.deepEqual(
      differences.map(({ property, after }) => [property, after]),
      [
        ['environment.variables.LOG_LEVEL', 'trace'],
        ['memorySize', 4096],
      ],
    );
    assert.equal((await client.call<DriftCheck[]>('GET', `${drift}/history`)).length, 6);

    const { executionId: id = '' } = await client.call<ExecutionAnswer>('POST', `${drift}/reconcile`);
    const waiting = await client.settled(id);
    assert.equal(waiting.status, 'AwaitingApproval', JSON.stringify(waiting));
    assert.equal(waiting.approval?.environment, 'prod');
    assert.deepEqual(waiting.approval.changes.map(({ operation, type }) => [operation, type]).toSorted(), [
      ['create', 'aws:lambda/permission:Permission'],
      ['update', 'aws:lambda/function:Function'],
    ]);
    assert.equal((await promoted(client, waiting)).status, 'Succeeded');
    const [, again] = await client.call<DriftCheck[]>('GET', drift);
    assert.deepEqual([again?.status, again?.outdated], ['Drifted', true]);
    await assert.rejects(client.call('POST', `${drift}/reconcile`), refusal(409, /prod: outdated/));
    assert.equal((await checked(pipelineId))[1]?.status, 'InSync');
  });
});
