/** What is removed, in which order, and what stands in the way. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import type { Execution, Pipeline } from '../../automation/model.ts';
import { realtime } from '../support/realtime.ts';
import { until } from '../support/until.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';
import { stageStatuses } from './support.ts';

describe('removal', () => {
  let service: SimulatedService;

  before(async () => {
    service = await startSimulatedService({
      PROD_MINIMUM_APPROVERS: '1',
      STAGING_APPROVE_DESTROY: 'No',
      PROD_APPROVE_DESTROY: 'No',
    });
  });

  after(async () => {
    const { violations } = service.stacks;
    await service.stop();
    assert.deepEqual(violations, []);
  });

  interface Accepted {
    pipeline_id: string;
    execution_id: string;
    detailedMessage?: string;
    data?: { monitors?: string[] };
  }

  const provision = async (body: Record<string, unknown>) =>
    (await service.call<Accepted>('alice', 'POST', '/provisionpipeline', body)).body;
  const remove = (pipelineId: string, query = '') =>
    service.call<Accepted>('erin', 'DELETE', `/pipelines/${pipelineId}${query}`);
  const retry = (id: string) => service.call('erin', 'POST', `/executions/${id}/retry`);
  const cancel = (id: string) => service.call('erin', 'POST', `/executions/${id}/cancel`);
  const pipeline = async (id: string) => (await service.call<Pipeline>('erin', 'GET', `/pipelines/${id}`)).body;
  const stackOf = (pipelineId: string, environment: string, project = 'byom-realtime-builtin') =>
    `${project}/${pipelineId}.${environment}`;

  /** Approves until there is nothing to approve. */
  async function promoted(id: string): Promise<Execution> {
    for (;;) {
      const execution = await service.settled(id);
      const { approval } = execution;
      if (execution.status !== 'AwaitingApproval' || !approval) return execution;
      await service.call('bob', 'POST', `/executions/${id}/approvals/${approval.environment}`, {
        decision: 'Approved',
        changeHash: approval.changeHash,
      });
    }
  }

  async function monitor(modelName: string, endpoint: string): Promise<Record<string, unknown>> {
    const url = new URL('../../blueprints/model-monitor/example.data-quality.json', import.meta.url);
    const body = JSON.parse(await readFile(url, 'utf8')) as Record<string, unknown>;
    return { ...body, model_name: modelName, endpoint_name: endpoint };
  }

  it('a changed capture location of a monitored endpoint is answered with a warning that names the monitors left behind', async () => {
    const body = { ...(await realtime('captured')), data_capture_location: 'captured-data/first' };
    const { execution_id: deployed } = await provision(body);
    assert.equal((await promoted(deployed)).status, 'Succeeded');
    const watcher = await provision({
      ...(await monitor('left-behind', 'captured-endpoint')),
      data_capture_location: 'captured-data/first',
    });
    assert.equal((await promoted(watcher.execution_id)).status, 'Succeeded');
    const warningsOf = async (location: string) => {
      const query = '/provisionpipeline?validate_only=true';
      const sent = { ...body, data_capture_location: location };
      return (await service.call<{ warnings?: string[] }>('alice', 'POST', query, sent)).body.warnings;
    };

    assert.equal(await warningsOf('captured-data/first'), undefined);
    const [warning = '', ...further] = (await warningsOf('captured-data/second')) ?? [];
    assert.deepEqual(further, []);
    assert.match(warning, /"data_capture_location"/);
    assert.ok(warning.includes(watcher.pipeline_id), warning);
    assert.ok(warning.includes('captured-data/second'), warning);
  });

  it('an endpoint that monitors watch is not removed: 409 names them; with include=monitors they go first', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('watched'));
    assert.equal((await promoted(deployed)).status, 'Succeeded');
    const watcher = await provision(await monitor('watcher', 'watched-endpoint'));
    assert.ok(watcher.execution_id, JSON.stringify(watcher));
    assert.equal((await promoted(watcher.execution_id)).status, 'Succeeded');

    const refused = await remove(id);
    assert.equal(refused.status, 409);
    assert.deepEqual(refused.body.data?.monitors, [watcher.pipeline_id]);
    assert.deepEqual((await service.call('erin', 'GET', `/pipelines/${id}/monitors`)).body, [
      { pipelineId: watcher.pipeline_id, pipelineType: 'byom_data_quality_monitor' },
    ]);
    assert.deepEqual((await service.call('erin', 'GET', `/pipelines/${watcher.pipeline_id}/monitors`)).body, []);

    const begun = service.stacks.journal.length;
    const accepted = await remove(id, '?include=monitors');
    assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
    assert.equal((await service.settled(accepted.body.execution_id)).status, 'Succeeded');
    const order = service.stacks.journal
      .slice(begun)
      .map(({ pipelineId, environment }) => `${pipelineId} ${environment}`);
    assert.deepEqual(
      order,
      [watcher.pipeline_id, id].flatMap((one) =>
        ['prod', 'staging', 'dev'].map((environment) => `${one} ${environment}`),
      ),
    );
    assert.equal((await pipeline(id)).status, 'Deleted');
    assert.equal((await pipeline(watcher.pipeline_id)).status, 'Deleted');
    const { rows } = await service.database.query<{ pipeline_id: string; principal: string }>(
      `SELECT pipeline_id, principal FROM mlops.audit WHERE action = 'destroy' AND pipeline_id = ANY($1)`,
      [[id, watcher.pipeline_id]],
    );
    assert.deepEqual(new Set(rows.map((row) => row.pipeline_id)), new Set([id, watcher.pipeline_id]));
    assert.deepEqual(new Set(rows.map((row) => row.principal)), new Set(['erin']));
  });

  it('nothing of it begins where one of the monitors is protected', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('guarded'));
    assert.equal((await promoted(deployed)).status, 'Succeeded');
    const monitors: string[] = [];
    for (const name of ['guard-a', 'guard-b']) {
      const { pipeline_id: monitorId, execution_id } = await provision(await monitor(name, 'guarded-endpoint'));
      assert.equal((await promoted(execution_id)).status, 'Succeeded');
      monitors.push(monitorId);
    }
    assert.equal((await service.call('erin', 'POST', `/pipelines/${monitors[1]}/protection`)).status, 200);
    const refused = await remove(id, '?include=monitors');
    assert.equal(refused.status, 409);
    for (const one of [id, ...monitors]) {
      const { rows } = await service.database.query(
        `SELECT kind FROM mlops.executions WHERE pipeline_id = $1 AND kind = 'destroy'`,
        [one],
      );
      assert.deepEqual(rows, [], one);
    }
  });

  it('a monitor that cannot be removed keeps the endpoint, and a retry of both removes both', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('kept'));
    await promoted(deployed);
    const watcher = await provision(await monitor('keeper', 'kept-endpoint'));
    await promoted(watcher.execution_id);
    const project = 'byom-data-quality-monitor';
    service.stacks.arm(stackOf(watcher.pipeline_id, 'staging', project), 'destroy', 'fail');
    const { execution_id: removal } = (await remove(id, '?include=monitors')).body;
    const failed = await service.settled(removal);
    assert.equal(failed.status, 'Failed');
    assert.equal(failed.stages[0]?.error?.code, 'DEPENDENCY_FAILED');
    assert.notDeepEqual(service.stacks.deployed(stackOf(id, 'prod')), {});
    const [first = ''] = failed.waitsFor ?? [];
    await retry(first);
    assert.equal((await service.settled(first)).status, 'Succeeded');
    await retry(removal);
    assert.equal((await service.settled(removal)).status, 'Succeeded');
    assert.deepEqual(service.stacks.deployed(stackOf(id, 'prod')), {});
  });

  it('what is asked for while a removal waits for its monitors is carried out after it', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('patient'));
    await promoted(deployed);
    const watcher = await provision(await monitor('slow-one', 'patient-endpoint'));
    await promoted(watcher.execution_id);
    service.stacks.arm(stackOf(watcher.pipeline_id, 'prod', 'byom-data-quality-monitor'), 'destroy', 'slow');
    const { execution_id: removal } = (await remove(id, '?include=monitors')).body;
    const { execution_id: again } = await provision(await realtime('patient'));
    assert.ok(again);
    assert.equal((await promoted(again)).status, 'Succeeded');
    assert.equal((await service.settled(removal)).status, 'Succeeded');
    assert.notDeepEqual(service.stacks.deployed(stackOf(id, 'dev')), {});
    const ours = service.stacks.journal.filter(({ executionId }) => executionId === removal || executionId === again);
    const lastRemoval = ours.findLastIndex(({ executionId }) => executionId === removal);
    const firstDeployment = ours.findIndex(({ executionId }) => executionId === again);
    assert.ok(lastRemoval < firstDeployment, JSON.stringify(ours.map(({ action, stack }) => [action, stack])));
    assert.notEqual((await pipeline(id)).status, 'Deleted');
  });

  it('a pipeline whose blueprint is not there any more is removed from its state', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('orphan'));
    await promoted(deployed);
    await service.database.query(`UPDATE mlops.pipelines SET pipeline_type = 'byom_forgotten' WHERE id = $1`, [id]);
    const again = await service.call<{ detailedMessage: string }>('alice', 'POST', `/pipelines/${id}/rollback`, {
      revision: 1,
    });
    assert.equal(again.status, 501);
    const { status, body } = await remove(id);
    assert.equal(status, 202, JSON.stringify(body));
    assert.equal((await service.settled(body.execution_id)).status, 'Succeeded');
    const removed = service.stacks.journal.filter(({ executionId }) => executionId === body.execution_id);
    assert.deepEqual(
      removed.map(({ stack }) => stack),
      ['prod', 'staging', 'dev'].map((environment) => stackOf(id, environment, 'byom-forgotten')),
    );
  });

  it('a failed removal is retried from the environment that it came to', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('halfway'));
    await promoted(deployed);
    service.stacks.arm(stackOf(id, 'staging'), 'destroy', 'fail');
    const { execution_id: removal } = (await remove(id)).body;
    const failed = await service.settled(removal);
    assert.deepEqual(stageStatuses(failed), {
      DestroyProd: 'Succeeded',
      DestroyStaging: 'Failed',
      DestroyDev: 'Skipped',
    });
    assert.notEqual((await pipeline(id)).status, 'Deleted');
    await retry(removal);
    assert.equal((await service.settled(removal)).status, 'Succeeded');
    assert.equal((await pipeline(id)).status, 'Deleted');
    assert.equal((await remove(id)).status, 404);
  });

  it('a deployment that was cancelled before the removal and retried after it can be removed again', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('revived'));
    await promoted(deployed);
    service.stacks.arm(stackOf(id, 'prod'), 'destroy', 'slow');
    const { execution_id: removal } = (await remove(id)).body;
    const { execution_id: revived } = await provision(await realtime('revived'));
    await cancel(revived);
    assert.equal((await service.settled(removal)).status, 'Succeeded');
    assert.equal((await pipeline(id)).status, 'Deleted');
    assert.equal((await retry(revived)).status, 202);
    assert.equal((await promoted(revived)).status, 'Succeeded');
    assert.notEqual((await pipeline(id)).status, 'Deleted');
    const second = await remove(id);
    assert.equal(second.status, 202, JSON.stringify(second.body));
    assert.equal((await service.settled(second.body.execution_id)).status, 'Succeeded');
    assert.deepEqual(service.stacks.deployed(stackOf(id, 'prod')), {});
  });

  it('a removal that is being cancelled does not stand for a new one', async () => {
    const { pipeline_id: id, execution_id: deployed } = await provision(await realtime('undecided'));
    await promoted(deployed);
    service.stacks.arm(stackOf(id, 'prod'), 'destroy', 'hang');
    const { execution_id: first } = (await remove(id)).body;
    await until(
      async () =>
        stageStatuses((await service.call<Execution>('erin', 'GET', `/executions/${first}`)).body).DestroyProd ===
        'InProgress',
      'prod is being removed',
    );
    await cancel(first);
    const { execution_id: second } = (await remove(id)).body;
    assert.notEqual(second, first);
    assert.equal((await service.settled(first)).status, 'Cancelled');
    assert.equal((await service.settled(second)).status, 'Succeeded');
    assert.equal((await pipeline(id)).status, 'Deleted');
  });

  it('with one account there is one environment, without approval', async () => {
    const types = await service.call<{ pipelineType: string; example: Record<string, unknown> }[]>(
      'alice',
      'GET',
      '/pipeline-types',
    );
    const { example } = types.body.find(({ pipelineType }) => pipelineType === 'model_training_builtin') ?? {};
    const { pipeline_id: id, execution_id: trained } = await provision({ ...example, model_name: 'alone' });
    const done = await service.settled(trained);
    assert.deepEqual(stageStatuses(done), { Source: 'Succeeded', Deploy: 'Succeeded' });
    const { execution_id: removal } = (await remove(id)).body;
    assert.deepEqual(stageStatuses(await service.settled(removal)), { Destroy: 'Succeeded' });
  });
});
