/** How drift checks are stored: once, one at a time per stack, with notifications about news. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Database } from '../../automation/platform/database.ts';
import { Drift } from '../../automation/drift/drift.ts';
import { DriftChecks } from '../../automation/drift/drift-checks.ts';
import type { DriftFinding } from '../../automation/model.ts';
import type { EmptyDatabase } from '../support/empty-database.ts';
import { emptyDatabase } from '../support/empty-database.ts';

const PIPELINE = 'mlops-pipeline-shop-byompipelinerealtimebuiltin';
const STACK = `byom-realtime-builtin/${PIPELINE}.main`;
const NEW = { pipelineId: PIPELINE, environment: 'main' as const, stack: STACK };

function finding(after: string): DriftFinding {
  const urn = `urn:pulumi:${PIPELINE}.main::byom-realtime-builtin::aws:iam/role:Role::role`;
  const differences = [{ property: 'tags.team', before: 'ours', after }];
  return { urn, type: 'aws:iam/role:Role', name: 'role', kind: 'changed', differences };
}

describe('drift checks', () => {
  let empty: EmptyDatabase;
  let database: Database;
  let checks: DriftChecks;

  before(async () => {
    empty = await emptyDatabase();
    ({ database } = empty);
    checks = new DriftChecks(database, 'https://mlops.example.com');
  });

  beforeEach(async () => {
    await database.query('TRUNCATE mlops.pipelines, mlops.notifications, mlops.audit CASCADE');
    await database.query(
      `INSERT INTO mlops.pipelines (id, pipeline_type, model_name) VALUES ($1, 'byom_realtime_builtin', 'shop')`,
      [PIPELINE],
    );
  });

  after(async () => {
    await empty.stop();
  });

  async function execution(status: string, stageStatus: string, ended?: string): Promise<void> {
    const stages = [
      {
        name: 'Deploy',
        kind: 'deploy',
        environment: 'main',
        status: stageStatus,
        stack: STACK,
        ...(ended ? { ended } : {}),
      },
    ];
    await database.query(
      `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages)
       VALUES ($1, $2, 'provision', 1, $3, 'somebody', $4)`,
      [randomUUID(), PIPELINE, status, JSON.stringify(stages)],
    );
  }

  /** Runs a check to its end. */
  async function checked(outcome: Parameters<DriftChecks['finish']>[1]): Promise<string> {
    const [{ checkId } = { checkId: '' }] = await checks.add([NEW]);
    await checks.begin(checkId);
    await checks.finish(checkId, outcome);
    return checkId;
  }

  async function published(): Promise<{ kind: string; subject: string; message: string }[]> {
    const { rows } = await database.query<{ kind: string; subject: string; message: string }>(
      'SELECT kind, subject, message FROM mlops.notifications ORDER BY id',
    );
    return rows;
  }

  function drift(stages = [{ environment: 'main' as const, stack: STACK }]): Drift {
    return new Drift({
      checks: new DriftChecks(database, ''),
      mustExist: async () => undefined,
      deployed: async () => stages,
      enqueue: async () => undefined,
      startReconcile: async (pipelineId, environments) => ({
        message: environments.join(' '),
        pipelineId,
      }),
    });
  }

  it('are one at a time for each stack: who asks meanwhile gets the one that waits', async () => {
    const asked = await Promise.all(Array.from({ length: 5 }, () => checks.add([NEW], 'somebody')));
    assert.equal(new Set(asked.flat().map(({ checkId }) => checkId)).size, 1);
    const [{ checkId } = { checkId: '' }] = asked[0] ?? [];
    await checks.begin(checkId);
    assert.equal((await checks.add([NEW]))[0]?.checkId, checkId);
    await checks.finish(checkId, { findings: [] });
    assert.notEqual((await checks.add([NEW]))[0]?.checkId, checkId);
  });

  it('are in the audit where a person asked', async () => {
    await checks.add([NEW]);
    const [{ checkId } = { checkId: '' }] = await checks.add([NEW], 'arn:aws:iam::111111111111:user/ann');
    const { rows } = await database.query('SELECT principal, action, pipeline_id, detail FROM mlops.audit');
    assert.deepEqual(rows, [
      {
        principal: 'arn:aws:iam::111111111111:user/ann',
        action: 'drift-check',
        pipeline_id: PIPELINE,
        detail: { checks: [{ checkId, environment: 'main' }] },
      },
    ]);
  });

  it('go from Queued to what was found, once', async () => {
    const [{ checkId } = { checkId: '' }] = await checks.add([NEW], 'somebody');
    assert.equal((await checks.get(checkId)).status, 'Queued');
    const begun = await checks.begin(checkId);
    assert.equal(begun?.status, 'InProgress');
    assert.equal(
      (await checks.begin(checkId))?.started,
      begun.started,
      'a step that runs again does not restart the check',
    );
    await checks.finish(checkId, { findings: [finding('theirs')] });
    await checks.finish(checkId, { findings: [] });
    const ended = await checks.get(checkId);
    assert.deepEqual([ended.status, ended.findings], ['Drifted', [finding('theirs')]]);
    assert.equal(await checks.begin(checkId), undefined);
    assert.equal((await published()).length, 1);
  });

  it('tell people of drift when it is new or another, and not every night', async () => {
    await checked({ findings: [finding('theirs')] });
    const [first] = await published();
    assert.equal(first?.kind, 'drift');
    assert.ok((first?.subject.length ?? 999) <= 100);
    assert.match(first?.message ?? '', /aws:iam\/role:Role role: tags\.team/);
    assert.match(first?.message ?? '', /GET https:\/\/mlops\.example\.com\/pipelines\/[\w-]+\/drift\n/);
    assert.match(first?.message ?? '', /POST https:.*\/drift\/reconcile$/);

    await checked({ findings: [finding('theirs')] });
    await checked({ error: { code: 'PIPELINE_BUSY', message: 'busy' } });
    await checked({ findings: [finding('theirs')] });
    assert.equal((await published()).length, 1, 'the same again, and a failure between, are no news');
    await checked({ findings: [finding('others')] });
    assert.equal((await published()).length, 2, 'other drift is news');
    await checked({ findings: [] });
    assert.equal((await published()).length, 2, 'its end needs no answer');
    await checked({ findings: [finding('others')] });
    assert.equal((await published()).length, 3, 'that it is back is news');
  });

  it('notify of the same drift again after a deployment, which has reverted the former', async () => {
    await checked({ findings: [finding('theirs')] });
    await execution('Succeeded', 'Succeeded', new Date(Date.now() + 1_000).toISOString());
    const [{ checkId } = { checkId: '' }] = await checks.add([NEW]);
    await checks.begin(checkId);
    await checks.finish(checkId, { findings: [finding('theirs')] });
    assert.equal((await published()).length, 2);
  });

  it('are outdated once something was deployed since, and then nothing is reconciled by them', async () => {
    await execution('Succeeded', 'Succeeded', new Date(Date.now() - 60_000).toISOString());
    await checked({ findings: [finding('theirs')] });
    assert.deepEqual(
      (await checks.newest(PIPELINE)).map(({ status, outdated }) => [status, outdated]),
      [['Drifted', false]],
    );
    assert.equal((await drift().reconcile(PIPELINE, 'somebody')).message, 'main');
    await execution('Succeeded', 'Skipped', new Date(Date.now() + 1_000).toISOString());
    assert.equal((await checks.newest(PIPELINE))[0]?.outdated, false, 'what was skipped has changed nothing');
    await execution('Failed', 'Failed', new Date(Date.now() + 1_000).toISOString());
    assert.equal((await checks.newest(PIPELINE))[0]?.outdated, true);
    await assert.rejects(drift().reconcile(PIPELINE, 'somebody'), {
      code: 'NOTHING_DRIFTED',
      message: /main: outdated/,
    });
  });

  it('are not made of what is being worked on, or was never deployed', async () => {
    await assert.rejects(drift([]).check(PIPELINE, 'somebody'), { code: 'NOTHING_DEPLOYED' });
    await execution('AwaitingApproval', 'Succeeded');
    assert.equal((await drift().check(PIPELINE, 'somebody')).checks.length, 1, 'what waits for people is at rest');
    await execution('InProgress', 'InProgress');
    await assert.rejects(drift().check(PIPELINE, 'somebody'), { code: 'PIPELINE_BUSY', retryAfterSeconds: 30 });
  });

  const history = async () => (await checks.history(PIPELINE, { limit: 100 })).entries;

  it('of the schedule are made once for each time, however many processes ask, and not of the busy or the deleted', async () => {
    const night = '2026-01-02T03:00:00.000Z';
    await Promise.all([drift().checkAll(night), drift().checkAll(night), drift().checkAll(night)]);
    const [first] = await history();
    assert.equal(first?.requestedBy, 'schedule');
    await checks.begin(first.checkId);
    await checks.finish(first.checkId, { findings: [] });
    await drift().checkAll(night);
    assert.equal((await history()).length, 1);
    await drift().checkAll('2026-01-03T03:00:00.000Z');
    assert.equal((await history()).length, 2);
    await checks.finish((await checks.newest(PIPELINE))[0]?.checkId ?? '', { findings: [] });

    await execution('InProgress', 'InProgress');
    await drift().checkAll('2026-01-04T03:00:00.000Z');
    await database.query(`UPDATE mlops.executions SET status = 'Succeeded'`);
    await database.query('UPDATE mlops.pipelines SET deleted = true');
    await drift().checkAll('2026-01-05T03:00:00.000Z');
    assert.equal((await history()).length, 2);
  });

  it('are handed to the queue although the process that was asked died before it could', async () => {
    const [{ checkId } = { checkId: '' }] = await checks.add([NEW], 'somebody');
    assert.deepEqual(await checks.undispatched(), [checkId]);
    await drift().dispatchForgotten();
    assert.deepEqual(await checks.undispatched(), []);
  });
});
