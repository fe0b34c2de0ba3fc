import assert from 'node:assert/strict';
import pg from 'pg';
import pino from 'pino';
import type { Execution } from '../../automation/model.ts';
import type { Work } from '../../automation/executions/backlog-metrics.ts';
import { BacklogMetrics } from '../../automation/executions/backlog-metrics.ts';
import type { UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { realtime } from '../support/realtime.ts';
import { startSharedService } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

describe('a process that answers and one that works, on one database', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: TestDatabase;
  let client: pg.Client;
  const services: SandboxProcess[] = [];

  before(async () => {
    folder = await temporaryFolder();
    database = await createDatabase();
    client = new pg.Client(database.url);
    await client.connect();
  });

  after(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await client.end();
    await database.drop();
    await folder.remove();
  });

  const start = async (role: string): Promise<SandboxProcess> => {
    const service = await startSharedService({
      DATABASE_URL: database.url,
      SANDBOX_HOME: folder.path,
      SANDBOX_SPEED: '0.1',
      WORKER_CONCURRENCY: '2',
      SERVICE_ROLE: role,
    });
    services.push(service);
    return service;
  };

  /** Process id → executor id: DBOS writes down which executor took a workflow. */
  const workerOf = async (pid: number): Promise<string> => {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM mlops.workers WHERE pid = $1', [pid]);
    return rows[0]?.id ?? assert.fail(`no worker of process ${pid}`);
  };

  async function provision(api: OrchestratorClient, models: readonly string[]): Promise<(string | undefined)[]> {
    const bodies = await Promise.all(models.map((model) => realtime(model)));
    const answers = await Promise.all(bodies.map((body) => api.provision(body)));
    return answers.map((answer) => answer.execution_id);
  }

  it('the api process accepts and the worker process deploys, all of it', async () => {
    const api = new OrchestratorClient((await start('api')).url);
    const ids = await provision(api, ['roles-0', 'roles-1']);
    const queued = async () => {
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM dbos.workflow_status WHERE status = 'ENQUEUED' AND name = 'runExecution'`,
      );
      return rows[0]?.count;
    };
    await until(async () => (await queued()) === 2, 'both are queued for a worker');

    // A queue is polled every 25 ms: had the api process listened, it would have begun by the time the other is up.
    const worker = await start('worker');
    const executions = await Promise.all(ids.map((id) => api.finished(id ?? '')));
    assert.deepEqual(
      executions.map((execution: Execution) => execution.status),
      ids.map(() => 'Succeeded'),
    );
    const { rows } = await client.query<{ executor_id: string }>(
      `SELECT DISTINCT executor_id FROM dbos.workflow_status WHERE name = 'runExecution'`,
    );
    assert.deepEqual(rows, [{ executor_id: await workerOf(worker.pid) }]);
  });

  it('the worker process answers probes, and nothing else', async () => {
    const worker = new OrchestratorClient(services[1]?.url ?? '');
    assert.deepEqual(await worker.call('GET', '/healthz'), { status: 'ok' });
    assert.equal((await worker.call<{ ready: boolean }>('GET', '/readyz')).ready, true);
    for (const [method, path] of [
      ['GET', '/pipelines'],
      ['POST', '/provisionpipeline'],
      ['GET', '/openapi.json'],
    ] as const) {
      await assert.rejects(worker.call(method, path), (error: UnexpectedAnswer) => error.status === 404, path);
    }
  });

  it('counts the work as alarms and autoscaling need it', async () => {
    const lines: { work?: Work; msg: string }[] = [];
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) });
    const figures = new BacklogMetrics(pool, logger);
    const set = (id: string | undefined, status: string, created: string, updated: string) =>
      client.query(
        `UPDATE mlops.executions SET status = $2, created = now() - $3::interval, updated = now() - $4::interval
          WHERE id = $1`,
        [id, status, created, updated],
      );
    await services[1]?.stop();
    const api = new OrchestratorClient(services[0]?.url ?? '');
    const [old, stuck, failed, failedBefore] = await provision(api, ['old', 'stuck', 'failed', 'failed-before']);
    try {
      await set(old, 'Queued', '1 hour', '1 hour');
      await set(stuck, 'InProgress', '4 hours', '3 hours');
      await set(failed, 'Failed', '5 minutes', '10 seconds');
      await set(failedBefore, 'Failed', '5 minutes', '2 minutes');
      figures.start();
      await figures.stop();
    } finally {
      await pool.end();
    }
    const [line] = lines.filter(({ msg }) => msg === 'work');
    const { oldestQueuedSeconds, ...counts } = line?.work ?? assert.fail('no line on the work');
    assert.deepEqual(counts, { queued: 1, inProgress: 1, stuck: 1, failed: 1 });
    assert.ok(oldestQueuedSeconds >= 3600 && oldestQueuedSeconds < 3700, String(oldestQueuedSeconds));
  });
});
