import assert from 'node:assert/strict';
import pg from 'pg';
import type { Execution, Pipeline } from '../../automation/model.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import type { TestDatabase } from '../support/database.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { createdTwice } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { startSharedService } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('several services on one database', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: TestDatabase;
  let services: SandboxProcess[] = [];

  // Its tables are made by both of them at once.
  before(async () => {
    folder = await temporaryFolder();
    database = await createEmptyDatabase();
    const env = {
      DATABASE_URL: database.url,
      SANDBOX_HOME: folder.path,
      SANDBOX_SPEED: '0.1',
      WORKER_CONCURRENCY: '2',
    };
    services = await Promise.all([startSharedService(env), startSharedService(env)]);
  });

  after(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await database.drop();
    await folder.remove();
  });

  /** @returns the process of the service that an execution runs in */
  async function workerOn(execution: string): Promise<number> {
    const connection = new pg.Client(database.url);
    await connection.connect();
    try {
      const { rows } = await connection.query<{ pid: number }>(
        'SELECT pid FROM mlops.workers JOIN mlops.stack_leases ON worker_id = workers.id WHERE holder = $1',
        [execution],
      );
      return rows[0]?.pid ?? assert.fail(`nothing works on ${execution}`);
    } finally {
      await connection.end();
    }
  }

  it('the same requests at both make one execution each, and stacks are worked on one at a time', async () => {
    const [first, second] = services.map((service) => new OrchestratorClient(service.url));
    assert.ok(first && second);
    const bodies = await Promise.all(
      Array.from({ length: 4 }, (_, i) =>
        realtime('both', { data_capture_location: `bucket-both/capture-${Math.floor(i / 2)}` }),
      ),
    );
    const answers = await Promise.all(bodies.map((body, i) => (i % 2 ? first : second).provision(body)));
    const id = answers[0]?.pipeline_id ?? '';
    // Where the request was in progress already, its execution is answered again.
    const ids = new Set(answers.flatMap((answer) => answer.execution_id ?? []));
    for (const execution of ids) await first.finished(execution);
    const executions = await second.call<Execution[]>('GET', `/pipelines/${id}/executions`);
    assert.equal(executions.length, ids.size);
    assert.deepEqual(new Set(executions.map((execution) => execution.status)), new Set(['Succeeded']));
    const pipeline = await first.call<Pipeline>('GET', `/pipelines/${id}`);
    assert.equal(pipeline.revision, executions.length);
    const deployed = JSON.stringify(executions[0]?.stages.at(-1)?.outputs);
    assert.ok(deployed.includes(String(pipeline.request.data_capture_location)), 'the last revision is what runs');
    assert.deepEqual(await createdTwice(folder.path), []);
  });

  it('the living take over the work of a killed one without being restarted', async () => {
    const [first, second] = services.map((service) => new OrchestratorClient(service.url));
    assert.ok(first && second);
    const bodies = await Promise.all(['shared-0', 'shared-1'].map((model) => realtime(model)));
    const answers = await Promise.all(bodies.map((body) => first.provision(body)));
    const ids = answers.map((answer) => answer.execution_id ?? '');
    for await (const event of second.follow(ids[0] ?? '')) if (event.type === 'resource.creating') break;
    const pid = await workerOn(ids[0] ?? '');
    const [killed, living] = services[0]?.pid === pid ? services : services.toReversed();
    assert.equal(killed?.pid, pid);
    await killed.kill();
    const client = new OrchestratorClient(living?.url ?? '');
    const executions = await Promise.all(ids.map((id) => client.finished(id)));
    assert.deepEqual(
      executions.map((execution) => execution.status),
      ids.map(() => 'Succeeded'),
      JSON.stringify(executions.flatMap(({ stages }) => stages.map(({ error }) => error ?? []))),
    );
    assert.deepEqual(await createdTwice(folder.path), []);
  });
});
