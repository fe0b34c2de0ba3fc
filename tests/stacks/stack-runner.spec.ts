import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import type { StackOperation } from '../../automation/stacks/operation.ts';
import { ChildPool } from '../../automation/stacks/child-pool.ts';
import type { RunnerLimits } from '../../automation/stacks/stack-runner.ts';
import { StackRunner } from '../../automation/stacks/stack-runner.ts';
import { monotonicMs } from '../../automation/platform/monotonic-clock.ts';
import type { Liveness } from '../../automation/platform/workers.ts';
import { isAlive } from '../../automation/platform/process-identity.ts';
import { MISBEHAVING_ENGINE, misbehavingChild } from '../support/misbehaving-children.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const logger = pino({ level: 'silent' });
const run = promisify(execFile);

/** Process ids of the plugins that `blocks-with-a-plugin` has started below a child. */
async function pluginsOf(child: number): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,sess=,stat=,args=']);
  return stdout.split('\n').filter((line) => {
    const [, session, state = '', ...args] = line.trim().split(/\s+/);
    return session === String(child) && !state.startsWith('Z') && args.join(' ') === 'sleep 6543';
  });
}

class TestLiveness implements Liveness {
  readonly #listeners = new Set<(validUntil: number | undefined) => void>();
  #validUntil: number;

  constructor(validUntil = monotonicMs() + 600_000) {
    this.#validUntil = validUntil;
  }

  validUntil(): number {
    return this.#validUntil;
  }

  subscribe(listener: (validUntil: number | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  confirm(validUntil: number): void {
    this.#validUntil = validUntil;
    for (const listener of this.#listeners) listener(validUntil);
  }

  lose(): void {
    this.#validUntil = 0;
    for (const listener of this.#listeners) listener(undefined);
  }
}

describe('stack runner', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let pool: ChildPool;

  before(async () => {
    folder = await temporaryFolder();
    pool = new ChildPool({ entry: misbehavingChild, warm: 1, niceness: 10, env: process.env, logger });
  });

  after(async () => {
    await pool.close();
    await folder.remove();
  });

  /** Of the stack with this name: one that was killed leaves it locked, so each test has stacks of its own. */
  function operation(behaviour: string, action: StackOperation['action'] = 'up'): StackOperation {
    return {
      action,
      project: 'byom-realtime-custom',
      stack: `${behaviour}.main`,
      pipelineId: behaviour,
      pipelineType: 'byom_realtime_custom',
      revision: 1,
      run: 1,
      environment: {
        name: 'main',
        accountId: '111111111111',
        region: 'us-east-1',
        deploymentRoleArn: '',
        externalId: 'mlops',
        permissionsBoundaryArn: '',
        organizationalUnitId: '',
        assetsBucket: 'assets',
      },
      request: { pipeline_type: 'byom_realtime_custom', model_name: behaviour },
      message: 'test',
      tags: {},
      allowDetailedErrorMessage: true,
      blueprintVersion: '1.0.0',
      notificationsTopicArn: '',
      engine: {
        kind: 'sandbox',
        module: MISBEHAVING_ENGINE,
        backendUrl: pathToFileURL(folder.path).href,
        options: { SANDBOX_HOME: folder.path, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'x' },
      },
      recover: false,
    };
  }

  function runner(limits: Partial<RunnerLimits> = {}, liveness?: Liveness) {
    const all = { timeoutSeconds: 60, silenceSeconds: 60, graceSeconds: 1, ...limits };
    return new StackRunner(pool, all, logger, liveness);
  }

  it('brings a stack up, tells its events and gives its outputs', async () => {
    const events: string[] = [];
    const result = await runner().run(operation('well'), {
      onEngineEvent: (event) => void (event.resOutputsEvent && events.push(event.resOutputsEvent.metadata.type)),
    });
    assert.ok(result.ok, JSON.stringify(result));
    assert.match(String(result.outputs.roleArn), /^arn:aws:iam::111111111111:role\/role-[0-9a-f]{7}$/);
    assert.deepEqual(result.summary, { create: 3 });
    assert.ok(events.includes('aws:iam/role:Role'));
  });

  it('previews without leaving a stack behind', async () => {
    const fresh = { ...operation('well', 'preview'), stack: 'never.main' };
    const result = await runner().run(fresh);
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(
      result.changes.map((change) => `${change.operation} ${change.type}`),
      ['create pulumi:pulumi:Stack', 'create pulumi:providers:aws', 'create aws:iam/role:Role'],
    );
    const history = await runner().run({ ...fresh, action: 'history' });
    assert.ok(history.ok);
    assert.deepEqual(history.history, []);
  });

  for (const [behaviour, expected] of [
    ['crashes', /was killed by SIGABRT/],
    ['exits', /ended with exit code 3/],
  ] as const) {
    it(`reports a program that ${behaviour}`, async () => {
      const result = await runner().run(operation(behaviour));
      assert.ok(!result.ok);
      assert.equal(result.error.code, 'OPERATION_CRASHED');
      assert.match(result.error.message, expected);
    });
  }

  for (const behaviour of ['hangs', 'blocks']) {
    it(`stops a program that ${behaviour} once it was silent for too long, and leaves no process`, async () => {
      let child = { pid: 0, started: '' };
      const result = await runner({ silenceSeconds: 2 }).run(operation(behaviour), {
        onStart: async (started) => void (child = started),
      });
      assert.ok(!result.ok);
      assert.equal(result.error.code, 'OPERATION_TIMED_OUT');
      assert.match(result.error.message, /no sign of life for 2 s/);
      await until(async () => !(await isAlive(child.pid, child.started)), 'the child is gone');
    });
  }

  it('leaves no plugin that has a process group of its own', async () => {
    let child = { pid: 0, started: '' };
    const running = runner({ silenceSeconds: 3 }).run(operation('blocks-with-a-plugin'), {
      onStart: async (started) => void (child = started),
    });
    await until(async () => (await pluginsOf(child.pid)).length === 1, 'the plugin runs', 30_000);
    const result = await running;
    assert.ok(!result.ok && result.error.code === 'OPERATION_TIMED_OUT', JSON.stringify(result));
    assert.deepEqual(await pluginsOf(child.pid), []);
  });

  it('ends an operation, its plugins with it, once the heartbeat is no longer confirmed', async () => {
    let child = { pid: 0, started: '' };
    const liveness = new TestLiveness();
    const running = runner({}, liveness).run(
      { ...operation('blocks-with-a-plugin'), stack: 'unconfirmed.main' },
      {
        onStart: async (started) => void (child = started),
      },
    );
    await until(async () => (await pluginsOf(child.pid)).length === 1, 'the plugin runs', 30_000);
    liveness.lose();
    const result = await running;
    assert.ok(!result.ok);
    assert.deepEqual([result.error.code, result.cutOff], ['LEASE_LOST', 'killed']);
    assert.deepEqual(await pluginsOf(child.pid), []);
    assert.ok(!(await isAlive(child.pid, child.started)), 'the child is gone before its lease is given up');
  });

  it('a child ends itself and its plugins once its limit has passed, although its service says nothing', async () => {
    let child = { pid: 0, started: '' };
    // As in a service that is stopped: it would neither kill the child nor close the pipe.
    const liveness = new TestLiveness(monotonicMs() + 15_000);
    const running = runner({}, liveness).run(
      { ...operation('blocks-with-a-plugin'), stack: 'limited.main' },
      {
        onStart: async (started) => void (child = started),
      },
    );
    await until(async () => (await pluginsOf(child.pid)).length === 1, 'the plugin runs', 30_000);
    liveness.confirm(monotonicMs() + 500);
    const result = await running;
    assert.ok(!result.ok && result.cutOff === 'killed', JSON.stringify(result));
    assert.deepEqual(await pluginsOf(child.pid), []);
  });

  it('begins nothing, and believes nothing, after its limit has passed', async () => {
    const result = await runner({}, new TestLiveness(monotonicMs() - 1)).run(operation('well'));
    assert.ok(!result.ok && result.error.code === 'LEASE_LOST', JSON.stringify(result));
  });

  it('gives way to requests: a child has a lower priority, and so has its session', async () => {
    const child = await pool.take();
    try {
      assert.equal(getPriority(child.pid), Math.min(getPriority() + 10, 19));
      // Without this feature of Linux, the priority of the process is all there is.
      const niceness = async (pid: number) => {
        const text = await readFile(`/proc/${pid}/autogroup`, 'utf8').catch(() => '');
        return Number(/ nice (-?\d+)/.exec(text)?.[1]);
      };
      const own = await niceness(process.pid);
      const isLower = async () => (await niceness(child.pid)) === Math.min(own + 10, 19);
      if (!Number.isNaN(own)) await until(isLower, 'its session has a lower priority');
    } finally {
      await pool.release(child);
    }
  });

  it('has no child left once it is closed', async () => {
    const closed = new ChildPool({ entry: misbehavingChild, warm: 0, niceness: 10, env: process.env, logger });
    const { pid } = await closed.take();
    await closed.close();
    // Succeeds as long as its parent has not learned of its end.
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  it('stops an operation at its deadline', async () => {
    const result = await runner({ timeoutSeconds: 2 }).run({ ...operation('hangs'), stack: 'deadline.main' });
    assert.ok(!result.ok);
    assert.match(result.error.message, /did not end within 2 s/);
  });

  it('does not mind a program that prints 100 MB', async () => {
    const result = await runner().run(operation('prints'));
    assert.ok(result.ok, JSON.stringify(result));
  });

  it('reports what was thrown inside apply', async () => {
    const result = await runner().run(operation('throws-in-apply'));
    assert.ok(!result.ok);
    assert.match(result.error.message, /thrown inside apply/);
  });

  it('reports a stray rejection of the program as its failure', async () => {
    const result = await runner().run(operation('rejects'));
    assert.ok(!result.ok);
    assert.match(result.error.message, /a stray rejection/);
  });

  it('keeps neighbours out of it', async () => {
    const [crashed, hung, fine] = await Promise.all([
      runner().run({ ...operation('crashes'), stack: 'crashed.main' }),
      runner({ silenceSeconds: 2 }).run({ ...operation('hangs'), stack: 'hung.main' }),
      runner().run({ ...operation('well'), stack: 'neighbour.main', pipelineId: 'neighbour' }),
    ]);
    assert.deepEqual([crashed.ok, hung.ok, fine.ok], [false, false, true], JSON.stringify(fine));
  });
});
