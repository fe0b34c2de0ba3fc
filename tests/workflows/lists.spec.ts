/** Lists are read to their very end, page by page, by what the `Link` header says. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
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
    ['/pipelines', 'pipelineId'],
    ['/pipelines/p1/executions', 'executionId'],
    ['/pipelines/p1/drift/history', 'checkId'],
  ] as const) {
    it(`${path} gives each entry once, whatever the size of a page`, async () => {
      for (const query of ['', '?limit=7', '?limit=250', '?limit=1000']) {
        const entries = await all(`${path}${query}`);
        assert.deepEqual([entries.length, new Set(entries.map((entry) => entry[id])).size], [250, 250], query);
      }
    });

    it(`${path} refuses what is no page`, async () => {
      for (const query of ['limit=0', 'limit=1001', 'limit=x', 'after=', `after=${'x'.repeat(300)}`, 'page=2']) {
        assert.equal((await get(`${path}?${query}`)).status, 400, query);
      }
    });
  }

  it('/pipelines can be asked for one status or type, and pages keep to it', async () => {
    assert.deepEqual(
      (await all('/pipelines?status=Failed')).map(({ pipelineId }) => pipelineId),
      ['p1'],
    );
    assert.equal((await all('/pipelines?pipelineType=even&limit=10')).length, 125);
    assert.equal((await all('/pipelines?pipelineType=even&status=Failed')).length, 0);
    assert.equal((await all(`/pipelines/p1/executions?after=${randomUUID()}`)).length, 0);
  });

  it('/metrics has the counts of the database', async () => {
    const text = await (await get('/metrics')).text();
    assert.match(text, /mlops_executions\{status="Succeeded"\} 249/);
    assert.match(text, /mlops_executions\{status="Failed"\} 1/);
  });
});
