import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ExecutionEvent } from '../../automation/model.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import { startSandboxProcess as startFromSources } from '../../scripts/sandbox-process.ts';
import { createdTwice } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { postmaster } from '../support/sandbox-database.ts';
import { startSandboxProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TIMEOUT_SCALE, until } from '../support/until.ts';

const run = promisify(execFile);

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
/** Of those, some that people notice, each of which needs the one before it. */
const UNANSWERED = ['aws:iam/role:Role', 'aws:sagemaker/model:Model', 'aws:sagemaker/endpoint:Endpoint'];

/**
 * What is created at the same time is created when the first of it kills the operation: what a fault has struck is not struck
 * again, and would otherwise be created later, without a kill.
 */
const AFTER_CREATION = { operation: 'create', when: 'after', latencyMs: 100 };
/** Longer than the two next executions take to be accepted and to begin. */
const IN_CREATION = { type: ADOPTED[0], operation: 'create', action: 'delay', latencyMs: 5_000 * TIMEOUT_SCALE };

const FAULTS = [
  ...ADOPTED.map((type) => ({ ...AFTER_CREATION, type, match: ':mlops-pipeline-adopted-', action: 'crash' })),
  ...UNANSWERED.map((type) => ({ ...AFTER_CREATION, type, match: ':mlops-pipeline-unanswered-', action: 'lost' })),
  { ...IN_CREATION, match: ':mlops-pipeline-in-creation-' },
  { ...IN_CREATION, match: ':mlops-pipeline-without-database-' },
];

/** One home for all: each kill hits the service that the one before left. */
describe('SIGKILL', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: SandboxProcess | undefined;
  let client: OrchestratorClient;

  before(async () => {
    folder = await temporaryFolder();
    await start(startSandboxProcess);
  });

  after(async () => {
    await sandbox?.stop();
    await folder.remove();
  });

  async function start(from: typeof startSandboxProcess, env: Record<string, string> = {}): Promise<void> {
    sandbox = await from({
      SANDBOX_HOME: folder.path,
      SANDBOX_SPEED: '0',
      SANDBOX_FAULTS: JSON.stringify(FAULTS),
      WORKER_CONCURRENCY: '2',
      ...env,
    });
    client = new OrchestratorClient(sandbox.url);
  }

  async function provision(model: string): Promise<string> {
    const { execution_id: id = '' } = await client.provision(await realtime(model));
    return id;
  }

  async function reach(id: string, moment: ExecutionEvent['type']): Promise<void> {
    for await (const event of client.follow(id)) if (event.type === moment) return;
    assert.fail(`the execution ended before ${moment}`);
  }

  async function mustBeWhole(id: string): Promise<void> {
    const execution = await client.finished(id);
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
    assert.deepEqual(await createdTwice(folder.path), []);
    const executions = await client.call<unknown[]>('GET', `/pipelines/${execution.pipelineId}/executions`);
    assert.equal(executions.length, 1);
  }

  async function adoptedBy(id: string): Promise<string[]> {
    const events: ExecutionEvent[] = [];
    for await (const event of client.follow(id)) events.push(event);
    return events
      .filter(({ type }) => type === 'operation.recovered')
      .flatMap(({ data }) => data.adopted as string[])
      .map((urn) => urn.split('::')[2]?.split('$').at(-1) ?? '');
  }

  /** Retries what has failed, once for each time that it does. @returns how often */
  async function retryUntilDone(id: string): Promise<number> {
    for (let retries = 0; ; retries++) {
      const { status } = await client.finished(id);
      if (status !== 'Failed') return retries;
      await client.call('POST', `/executions/${id}/retry`);
    }
  }

  it('of an operation between a creation and its record: what was created is adopted, not created again', async () => {
    const id = await provision('adopted');
    // The third kill of an operation is its last: a retry goes on from there.
    assert.ok((await retryUntilDone(id)) > 0);
    await mustBeWhole(id);
    const adopted = await adoptedBy(id);
    for (const type of ADOPTED) assert.ok(adopted.includes(type), `${type} is not in ${adopted.join(', ')}`);
  });

  it('of the provider alone, before it has answered: the deployment fails, and a retry adopts what was created', async () => {
    const id = await provision('unanswered');
    assert.equal(await retryUntilDone(id), UNANSWERED.length);
    await mustBeWhole(id);
    assert.deepEqual(await adoptedBy(id), UNANSWERED);
  });

  it('of the service, with executions queued, begun, and in the middle of their creations: a restart finishes them', async () => {
    const inCreation = await provision('in-creation');
    await reach(inCreation, 'resource.creating');
    const begun = await provision('begun');
    await reach(begun, 'stage.started');
    // Two at a time: this one waits.
    const queued = await provision('queued');
    assert.equal((await client.execution(queued)).status, 'Queued');
    await sandbox?.kill();
    await start(startSandboxProcess);
    await Promise.all([inCreation, begun, queued].map(mustBeWhole));
  });

  it('of PostgreSQL and the service: requests get 503 in between, and a restart finishes the execution', async () => {
    const id = await provision('without-database');
    await reach(id, 'resource.creating');
    const { pid } = await postmaster(folder.path);
    process.kill(pid, 'SIGKILL');
    await until(async () => (await fetch(`${sandbox?.url}/pipelines`)).status === 503, 'requests are answered 503');
    const refused = await fetch(`${sandbox?.url}/pipelines`);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    await sandbox?.kill();
    // From the sources, as `npm run sandbox` does.
    await start(startFromSources, { WARM_CHILDREN: '2' });
    await mustBeWhole(id);
  });

  it('is not needed: SIGTERM stops everything within 10 s, and a second start on a running home says so', async () => {
    await assert.rejects(startSandboxProcess({ SANDBOX_HOME: folder.path }), /already runs on .* \(process \d+\)/);
    const began = performance.now();
    assert.equal(await sandbox?.stop(), 143);
    assert.ok(performance.now() - began < 10_000);
    const { stdout } = await run('ps', ['-eo', 'args']);
    assert.ok(!stdout.includes(folder.path), 'no process is left on this home');
  });
});
