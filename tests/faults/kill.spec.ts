import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionEvent } from '../../automation/model.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import { startSandboxProcess as startFromSources } from '../../scripts/sandbox-process.ts';
import { createdTwice } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { startSandboxProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

/**
 * Where an execution is when the service dies: the first event of which this holds. The fault matrix kills it while an endpoint
 * is created or deleted.
 */
const MOMENTS: Record<string, (event: ExecutionEvent) => boolean> = {
  'before the operation has begun': (event) => event.type === 'execution.queued',
  'before the lock is taken': (event) => event.type === 'stage.started',
  'while a role is being created': (event) =>
    event.type === 'resource.creating' && event.data.resourceType === 'aws:iam/role:Role',
};

/** Every way in which a creation is found again: by name, by parent and name, by parent and key. */
const ADOPTED = [
  'aws:iam/role:Role',
  'aws:iam/rolePolicy:RolePolicy',
  'aws:cloudwatch/logGroup:LogGroup',
  'aws:sagemaker/model:Model',
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration',
  'aws:sagemaker/endpoint:Endpoint',
  'aws:lambda/function:Function',
  'aws:lambda/permission:Permission',
  'aws:apigatewayv2/api:Api',
  'aws:apigatewayv2/integration:Integration',
  'aws:apigatewayv2/route:Route',
  'aws:apigatewayv2/stage:Stage',
];
/** One deployment each is struck by both, an early and a late one. A third interruption would be its last. */
const ADOPTED_TOGETHER = ADOPTED.slice(0, ADOPTED.length / 2).map((type, index) => [
  type,
  ADOPTED[index + ADOPTED.length / 2] ?? '',
]);
/** Of those, some that people notice. */
const UNANSWERED = ['aws:iam/role:Role', 'aws:sagemaker/model:Model', 'aws:sagemaker/endpoint:Endpoint'];

const adoptedModel = (index: number) => `adopted-${index}`;
const unansweredModel = (index: number) => `unanswered-${index}`;

/** Strikes after a resource of this type was created, before that was recorded. */
function afterCreation(type: string, model: string, action: 'crash' | 'lost'): object {
  return { type, match: `:mlops-pipeline-${model}-`, operation: 'create', when: 'after', action, times: 1 };
}

describe('SIGKILL', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: SandboxProcess | undefined;

  async function makeHome(): Promise<void> {
    folder = await temporaryFolder();
  }

  async function removeHome(): Promise<void> {
    await sandbox?.stop();
    await folder.remove();
  }

  async function start(env: Record<string, string> = {}): Promise<OrchestratorClient> {
    sandbox = await startSandboxProcess({ SANDBOX_HOME: folder.path, SANDBOX_SPEED: '0.2', ...env });
    return new OrchestratorClient(sandbox.url);
  }

  async function reach(
    client: OrchestratorClient,
    id: string,
    moment: (event: ExecutionEvent) => boolean,
  ): Promise<void> {
    for await (const event of client.follow(id)) if (moment(event)) return;
    assert.fail('the execution ended before the moment came');
  }

  async function mustBeWhole(client: OrchestratorClient, id: string): Promise<void> {
    const execution = await client.finished(id);
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
    assert.deepEqual(await createdTwice(folder.path), []);
    const executions = await client.call<unknown[]>('GET', `/pipelines/${execution.pipelineId}/executions`);
    assert.equal(executions.length, 1);
  }

  describe('of the service', () => {
    let client: OrchestratorClient;

    // One home for all: each kill hits the service that the one before left.
    before(async () => {
      await makeHome();
      client = await start();
    });

    after(removeHome);

    for (const [name, moment] of Object.entries(MOMENTS)) {
      it(`${name}: a restart finishes the execution`, async () => {
        const { execution_id: id = '' } = await client.provision(await realtime(`killed-${name.replaceAll(' ', '-')}`));
        await reach(client, id, moment);
        await sandbox?.kill();
        client = await start();
        await mustBeWhole(client, id);
      });
    }

    it('and of PostgreSQL: requests get 503, and after a restart the execution is finished', async () => {
      const { execution_id: id = '' } = await client.provision(await realtime('databaseless'));
      await reach(client, id, (event) => event.type === 'resource.creating');
      const pid = Number((await readFile(await postmasterPid(folder.path), 'utf8')).split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      await until(async () => (await fetch(`${sandbox?.url}/pipelines`)).status === 503, 'requests are answered 503');
      const refused = await fetch(`${sandbox?.url}/pipelines`);
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      await sandbox?.kill();
      await mustBeWhole((client = await start()), id);
    });
  });

  describe('of parts of an operation', () => {
    let client: OrchestratorClient;

    before(async () => {
      await makeHome();
      const faults = [
        ...ADOPTED_TOGETHER.flatMap((types, index) =>
          types.map((type) => afterCreation(type, adoptedModel(index), 'crash')),
        ),
        ...UNANSWERED.map((type, index) => afterCreation(type, unansweredModel(index), 'lost')),
      ];
      client = await start({ SANDBOX_FAULTS: JSON.stringify(faults), SANDBOX_SPEED: '0' });
    });

    after(removeHome);

    async function adoptedBy(id: string): Promise<string[]> {
      const events: ExecutionEvent[] = [];
      for await (const event of client.follow(id)) events.push(event);
      return events
        .filter(({ type }) => type === 'operation.recovered')
        .flatMap(({ data }) => data.adopted as string[])
        .map((urn) => urn.split('::')[2]?.split('$').at(-1) ?? '');
    }

    it('all of it between a creation and its record: what was created is adopted, not created again', async () => {
      await Promise.all(
        ADOPTED_TOGETHER.map(async (types, index) => {
          const { execution_id: id = '' } = await client.provision(await realtime(adoptedModel(index)));
          await mustBeWhole(client, id);
          const adopted = await adoptedBy(id);
          for (const type of types) assert.ok(adopted.includes(type), `${type} is not in ${adopted.join(', ')}`);
        }),
      );
    });

    it('the provider alone, before it has answered: the deployment fails, and a retry adopts what was created', async () => {
      await Promise.all(
        UNANSWERED.map(async (type, index) => {
          const { execution_id: id = '' } = await client.provision(await realtime(unansweredModel(index)));
          const failed = await client.finished(id);
          assert.equal(failed.status, 'Failed', JSON.stringify(failed));
          await client.call('POST', `/executions/${id}/retry`);
          await mustBeWhole(client, id);
          assert.deepEqual(await adoptedBy(id), [type]);
        }),
      );
    });
  });

  describe('of nothing', () => {
    before(makeHome);
    after(removeHome);

    it('SIGTERM stops everything within 10 s, and a second start on a running home says so', async () => {
      // From the sources, as `npm run sandbox` does.
      sandbox = await startFromSources({ SANDBOX_HOME: folder.path, WARM_CHILDREN: '2' });
      await assert.rejects(startFromSources({ SANDBOX_HOME: folder.path }), /already runs on .* \(process \d+\)/);
      const began = performance.now();
      assert.equal(await sandbox?.stop(), 143);
      assert.ok(performance.now() - began < 10_000);
      const { stdout } = await run('ps', ['-eo', 'args']);
      assert.ok(!stdout.includes(folder.path), 'no process is left on this home');
    });
  });
});

async function postmasterPid(home: string): Promise<string> {
  return join(home, 'postgres', 'data', 'postmaster.pid');
}
