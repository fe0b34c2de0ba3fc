/** Lists are read to their very end, page by page, by what the `Link` header says. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { until } from '../support/until.ts';
import { GATEWAY_SECRET } from './callers.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';

describe('long lists', function () {
  this.timeout(120_000);
  let service: SimulatedService;
  const get = (path: string) =>
    fetch(`${service.url}${path}`, {
      headers: { 'x-mlops-caller': 'kim', 'x-mlops-gateway-secret': GATEWAY_SECRET },
    });

  before(async () => {
    service = await startSimulatedService();
    const stage = JSON.stringify([{ name: 'Deploy', kind: 'deploy', environment: 'main', status: 'Succeeded' }]);
    await service.database.query(
      `INSERT INTO mlops.pipelines (id, pipeline_type, model_name, revision, created)
       SELECT 'p' || n, CASE WHEN n % 2 = 0 THEN 'even' ELSE 'odd' END, 'm', 1, now() - n / 10 * interval '1 minute'
         FROM generate_series(1, 250) n`,
    );
    await service.database.query(
      `INSERT INTO mlops.revisions (pipeline_id, number, digest, request, requested_by)
       SELECT id, 1, 'd', '{}', 'kim' FROM mlops.pipelines`,
    );
    const add = `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages)`;
    await service.database.query(
      `${add} SELECT gen_random_uuid(), id, 'provision', 1, 'Succeeded', 'kim', $1 FROM mlops.pipelines`,
      [stage],
    );
    await service.database.query(
      `${add} SELECT gen_random_uuid(), 'p1', 'provision', 1, 'Failed', 'kim', $1 FROM generate_series(1, 249)`,
      [stage],
    );
    await service.database.query(
      `INSERT INTO mlops.drift_checks (id, pipeline_id, environment, stack, status, requested_by)
       SELECT gen_random_uuid(), 'p1', 'main', 's', 'InSync', 'kim' FROM generate_series(1, 250)`,
    );
  });

  before('revisions, approvals and deliveries', async () => {
    const { database } = service;
    await database.query(
      `INSERT INTO mlops.revisions (pipeline_id, number, digest, request, requested_by)
       SELECT 'p2', n, 'd' || n, jsonb_build_object('model_name', 'm', 'inference_instance', 'ml.m' || n), 'lee'
         FROM generate_series(2, 250) n`,
    );
    await database.query(`UPDATE mlops.pipelines SET revision = 250 WHERE id = 'p2'`);
    await database.query(`UPDATE mlops.pipelines SET deleted = true WHERE id = 'p250'`);
    await database.query(
      `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages, approval, origin)
       SELECT gen_random_uuid(), 'p3', 'rollback', 1, 'AwaitingApproval', 'lee', '[]',
              jsonb_build_object('environment', environment, 'expiresAt', '9999-01-01T00:00:00Z'),
              '{"repository": "github:owner/repo", "commit": "9f3c2a1"}'
         FROM unnest(array['staging', 'prod', 'prod']) environment`,
    );
    await database.query(
      `INSERT INTO mlops.config_deliveries (source, delivery_id, target, revision, place, status, detail)
       SELECT 'github', n, 'github:owner/repo@main', 'c' || n, '{}', CASE WHEN n % 2 = 0 THEN 'Invalid' ELSE 'Provisioned' END, 'why'
         FROM generate_series(1, 250) n`,
    );
  });

  after(async () => {
    await service.stop();
  });

  /** Follows the links from a first address. */
  async function all(first: string): Promise<Record<string, unknown>[]> {
    const entries: Record<string, unknown>[] = [];
    for (let path: string | undefined = first; path !== undefined;) {
      const response = await get(path);
      assert.equal(response.status, 200);
      entries.push(...((await response.json()) as Record<string, unknown>[]));
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    return entries;
  }

  for (const [path, id] of [
    ['/pipelines?include=deleted', 'pipelineId'],
    ['/pipelines/p1/executions', 'executionId'],
    ['/pipelines/p1/drift/history', 'checkId'],
    ['/pipelines/p2/revisions', 'revision'],
    ['/deliveries', 'id'],
    ['/deliveries?since=2000-01-01T12:00:00Z', 'id'],
  ] as const) {
    it(`${path} gives each entry once, whatever the size of a page`, async () => {
      for (const query of ['', 'limit=7', 'limit=250', 'limit=1000']) {
        const entries = await all(`${path}${path.includes('?') ? '&' : '?'}${query}`);
        assert.deepEqual([entries.length, new Set(entries.map((entry) => entry[id])).size], [250, 250], query);
      }
    });

    it(`${path} refuses what is no page`, async () => {
      for (const query of ['limit=0', 'limit=1001', 'limit=x', 'after=', `after=${'x'.repeat(300)}`, 'page=2']) {
        const response = await get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
        assert.equal(response.status, 400, query);
        const { errors } = (await response.json()) as { errors: { pointer: string }[] };
        assert.deepEqual(
          errors.map(({ pointer }) => pointer),
          [`?${query.split('=')[0]}`],
        );
      }
    });
  }

  it('/pipelines can be asked for one status or type, and pages keep to it', async () => {
    assert.deepEqual(
      (await all('/pipelines?status=Failed')).map(({ pipelineId }) => pipelineId),
      ['p1'],
    );
    assert.equal((await all('/pipelines?pipelineType=even&include=deleted&limit=10')).length, 125);
    assert.equal((await all('/pipelines?pipelineType=even&status=Failed')).length, 0);
    assert.equal((await all(`/pipelines/p1/executions?after=${randomUUID()}`)).length, 0);
  });

  it('/pipelines leaves out deleted ones unless they are asked for, and searches ids and model names', async () => {
    const ids = async (query: string) => (await all(`/pipelines${query}`)).map(({ pipelineId }) => pipelineId);
    assert.equal((await ids('')).length, 249);
    assert.deepEqual(await ids('?status=Deleted'), ['p250']);
    assert.deepEqual(await ids('?search=P25'), ['p25']);
    assert.deepEqual((await ids('?search=P25&include=deleted')).toSorted(), ['p25', 'p250']);
  });

  it('/pipelines says what each has where: the revision, how the latest deployment ended, the latest drift check', async () => {
    const { database } = service;
    const stage = (environment: string, status: string, ended: string, more = {}) => ({
      name: `Deploy ${environment}`,
      kind: 'deploy',
      environment,
      status,
      ended,
      ...more,
    });
    const add = (revision: number, kind: string, status: string, stages: object[]) =>
      database.query(
        `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages)
         VALUES (gen_random_uuid(), 'p5', $2, $1, $3, 'kim', $4)`,
        [revision, kind, status, JSON.stringify(stages)],
      );
    const environments = async () => {
      const listed = (await all('/pipelines?search=p5')) as { pipelineId: string; environments: object[] }[];
      const inList = listed.find(({ pipelineId }) => pipelineId === 'p5');
      const one = (await (await get('/pipelines/p5')).json()) as { environments: object[] };
      assert.deepEqual(one.environments, inList?.environments);
      return one.environments;
    };
    await add(1, 'provision', 'Succeeded', [
      stage('prod', 'Succeeded', '2026-01-01T00:00:02Z'),
      stage('dev', 'Succeeded', '2026-01-01T00:00:01Z'),
    ]);
    await database.query(
      `INSERT INTO mlops.drift_checks (id, pipeline_id, environment, stack, status, requested_by, created)
       VALUES (gen_random_uuid(), 'p5', 'dev', 's5', 'InSync', 'kim', '2026-01-01T12:00:00Z'),
              (gen_random_uuid(), 'p5', 'dev', 's5', 'Drifted', 'kim', '2026-01-02T12:00:00Z')`,
    );
    await add(2, 'provision', 'Failed', [
      stage('dev', 'Failed', '2026-01-03T00:00:00Z'),
      stage('prod', 'Pending', '2026-01-03T00:00:00Z'),
    ]);
    const main = { environment: 'main', revision: 1, lastStage: 'Succeeded' };
    const drift = { status: 'Drifted', created: '2026-01-02T12:00:00.000Z', outdated: true };
    assert.deepEqual(await environments(), [
      main,
      { environment: 'dev', revision: 1, deployed: '2026-01-01T00:00:01Z', lastStage: 'Failed', drift },
      { environment: 'prod', revision: 1, deployed: '2026-01-01T00:00:02Z', lastStage: 'Succeeded' },
    ]);
    // A removal that got as far as prod.
    await add(2, 'destroy', 'Failed', [{ ...stage('prod', 'Succeeded', '2026-01-04T00:00:00Z'), kind: 'destroy' }]);
    assert.deepEqual((await environments())[2], { environment: 'prod', lastStage: 'Succeeded' });
    await add(2, 'destroy', 'Succeeded', []);
    assert.deepEqual(await environments(), []);
  });

  it('/executions has those of all pipelines, newest first, and filters', async () => {
    assert.equal((await all('/executions?limit=100')).length, 506);
    assert.equal((await all('/executions?status=Failed')).length, 251);
    assert.equal((await all('/executions?kind=rollback&requestedBy=lee&pipelineId=p3')).length, 3);
    assert.equal((await all('/executions?since=2999-01-01')).length, 0);
    assert.equal((await get('/executions?pipelineId=unknown')).status, 404);
    const [newest, older] = (await all('/executions?limit=500')) as { created: string }[];
    assert.ok(newest!.created >= older!.created);
  });

  it('/approvals is what waits, in one environment or in all; an execution has its request and its commit', async () => {
    const prod = await all('/approvals?environment=prod&limit=1');
    assert.deepEqual(
      prod.map(({ pipelineId, approval }) => [pipelineId, (approval as { environment: string }).environment]),
      [
        ['p3', 'prod'],
        ['p3', 'prod'],
      ],
    );
    assert.equal((await all('/approvals')).length, 3);
    const answered = await get(`/executions/${String(prod[0]!.executionId)}`);
    const execution = (await answered.json()) as { request: unknown; origin: unknown };
    assert.deepEqual(execution.request, {});
    assert.deepEqual(execution.origin, { repository: 'github:owner/repo', commit: '9f3c2a1' });
  });

  it('a revision says whether it is current and where it is deployed, and two can be compared', async () => {
    const [revision] = await all('/pipelines/p1/revisions');
    assert.deepEqual([revision!.current, revision!.environments, revision!.requestedBy], [true, ['main'], 'kim']);
    const one = (await (await get('/pipelines/p2/revisions/2')).json()) as Record<string, unknown>;
    assert.deepEqual(
      [one.current, one.environments, one.request],
      [false, [], { model_name: 'm', inference_instance: 'ml.m2' }],
    );
    const diff = await (await get('/pipelines/p2/revisions/2/diff')).json();
    assert.deepEqual(diff, {
      pipelineId: 'p2',
      from: 2,
      to: 250,
      differences: [{ property: 'inference_instance', before: 'ml.m2', after: 'ml.m250' }],
    });
    const back = (await (await get('/pipelines/p2/revisions/2/diff?to=1')).json()) as { differences: object[] };
    assert.deepEqual(back.differences, [
      { property: 'inference_instance', before: 'ml.m2' },
      { property: 'model_name', before: 'm' },
    ]);
    const same = (await (await get('/pipelines/p2/revisions/2/diff?to=2')).json()) as { differences: object[] };
    assert.deepEqual(same.differences, []);
    for (const path of [
      'p2/revisions/251',
      'p2/revisions/1/diff?to=251',
      'p2/revisions/251/diff',
      'unknown/revisions',
      'unknown/revisions?after=2',
      'unknown/revisions/1/diff',
    ]) {
      assert.equal((await get(`/pipelines/${path}`)).status, 404, path);
    }
  });

  it('/deliveries can be asked for one status', async () => {
    assert.equal((await all('/deliveries?status=Invalid&target=github:owner/repo@main')).length, 125);
    assert.equal((await all('/deliveries?source=gitlab')).length, 0);
  });

  it('a delivery that has ended is processed again, once, and the audit log says who asked for it', async () => {
    const [ended] = await all('/deliveries?status=Provisioned&limit=1000');
    const id = Number(ended!.id);
    const redeliver = () =>
      fetch(`${service.url}/deliveries/${id}/redeliver`, {
        method: 'POST',
        headers: { 'x-mlops-caller': 'kim', 'x-mlops-gateway-secret': GATEWAY_SECRET },
      });
    // No source is set up here, so it stays to be processed.
    const answers = await Promise.all([redeliver(), redeliver()]);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [202, 409]);
    const [delivery] = await all(`/deliveries?status=Pending`);
    assert.deepEqual([delivery!.id, delivery!.results], [id, []]);
    const audit = (await (await get('/audit?action=redeliver')).json()) as { entries: Record<string, unknown>[] };
    assert.deepEqual(
      audit.entries.map(({ principal, detail }) => [principal, (detail as { deliveryId: number }).deliveryId]),
      [['kim', id]],
    );
  });

  it('pages of executions, approvals and deliveries are read through their indexes', async () => {
    const { database } = service;
    await database.query('ANALYZE mlops.executions, mlops.config_deliveries');
    const scans = async () => {
      const { rows } = await database.query<{ name: string; scans: string }>(
        `SELECT indexrelname AS name, idx_scan AS scans FROM pg_stat_user_indexes
          WHERE indexrelname = ANY($1)`,
        [['executions_by_ordinal', 'executions_awaiting_approval', 'config_deliveries_by_status']],
      );
      return new Map(rows.map(({ name, scans }) => [name, Number(scans)]));
    };
    const before = await scans();
    assert.equal(before.size, 3);
    // PostgreSQL publishes its counts with a delay.
    await until(async () => {
      for (const path of ['/executions?limit=1', '/approvals?limit=1', '/deliveries?status=Failed&limit=1']) {
        assert.equal((await get(path)).status, 200);
      }
      return [...(await scans())].every(([name, count]) => count > before.get(name)!);
    }, 'each index was used');
  });

  it('/metrics has the counts of the database', async () => {
    const text = await (await get('/metrics')).text();
    for (const [status, count] of Object.entries({ Succeeded: 247, Failed: 1, AwaitingApproval: 1, Deleted: 1 })) {
      assert.ok(text.includes(`mlops_executions{status="${status}"} ${count}\n`), status);
    }
  });
});
