import assert from 'node:assert/strict';
import * as aws from '@pulumi/aws';
import type { Engine } from '../../automation/engine/engine.ts';
import { executeOperation } from '../../automation/stacks/child/execute.ts';
import { isPlanViolation } from '../../automation/stacks/child/pulumi-errors.ts';
import type { OperationResult, StackAction } from '../../automation/stacks/operation.ts';
import { CHANGE_NOT_APPROVED } from '../../automation/stacks/operation.ts';
import type { BlueprintProgram } from '../../blueprints/blueprint.ts';
import { isRealEngine, startEngine } from '../support/engine.ts';
import { plainOperation } from '../support/operations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('an approved change, deployed by an update plan', function () {
  this.timeout(300_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let engine: Engine;
  let notes: [string, Record<string, unknown>][];

  before(async function () {
    // The simulated engine has no update plans: there the comparison alone decides.
    if (!isRealEngine()) this.skip();
    folder = await temporaryFolder();
    engine = await startEngine(folder.path);
  });

  beforeEach(() => {
    notes = [];
  });

  after(async () => {
    await engine?.close();
    await folder?.remove();
  });

  async function run(action: StackAction, stack: string, program: BlueprintProgram, approved?: object) {
    return await executeOperation(
      {
        ...plainOperation('plans', action, stack),
        engine: { kind: 'cli', module: '', options: {} },
        ...(approved ? { approved: approved as never } : {}),
      },
      {
        engine,
        loadProgram: async () => ({ program, needs: () => [] }) as never,
        onEngineEvent: () => undefined,
        onSignOfLife: () => undefined,
        onState: () => undefined,
        note: (name, detail) => notes.push([name, detail]),
        signal: new AbortController().signal,
      },
    );
  }

  /** One topic more, or another one, from a run of the program on. */
  function topics(namesOfRun: (run: number) => string[]): BlueprintProgram {
    let runs = 0;
    return async ({ provider }) => {
      runs++;
      for (const name of namesOfRun(runs)) new aws.sns.Topic(name, { name }, { provider });
      return {};
    };
  }

  async function approve(stack: string, program: BlueprintProgram): Promise<object> {
    const previewed = await run('preview', stack, program);
    assert.ok(previewed.ok, JSON.stringify(previewed));
    return { changeHash: '', blueprintVersion: '1', changes: previewed.changes };
  }

  const namesOf = (result: OperationResult) =>
    (result.ok ? [] : (result.changes ?? []))
      .map(({ name }) => name)
      .filter((name) => name !== 'main' && !name.startsWith('plans-'));

  it('is done where nothing has moved, for a new stack and for one that is there', async () => {
    for (const names of [['a'], ['a', 'b']]) {
      const program = topics(() => names);
      const result = await run('up', 'steady.main', program, await approve('steady.main', program));
      assert.ok(result.ok, JSON.stringify(result));
      assert.equal(result.summary.create, names.length === 1 ? 3 : 1);
      assert.ok(!notes.some(([name]) => name === 'plan.refused'));
    }
  });

  it('is refused by the engine where more is asked for after the comparison, and the change is shown as it is now', async () => {
    // Run 1 is previewed for the approval, run 2 just before the deployment; then the world moves.
    const program = topics((run) => (run < 3 ? ['a'] : ['a', 'smuggled']));
    const result = await run('up', 'moved.main', program, await approve('moved.main', program));
    assert.ok(!result.ok, JSON.stringify(result));
    assert.equal(result.error.code, CHANGE_NOT_APPROVED);
    assert.match(result.error.message, /it would also create smuggled/);
    assert.ok(namesOf(result).includes('smuggled'));
    const [, detail] = notes.find(([name]) => name === 'plan.refused') ?? [];
    assert.match(String(detail?.reason), /not allowed by the plan|violates plan/);
  });

  it('is refused before anything is done where another revision is deployed than the approved one', async () => {
    const approved = await approve(
      'other.main',
      topics(() => ['a']),
    );
    const result = await run(
      'up',
      'other.main',
      topics(() => ['b']),
      approved,
    );
    assert.ok(!result.ok);
    assert.equal(result.error.code, CHANGE_NOT_APPROVED);
    assert.deepEqual(namesOf(result), ['b']);
    assert.equal(result.summary.create, undefined);
  });

  it('cannot be done by a plan that was kept with the approval: another work directory has another key', async () => {
    // This is why the plan is that of the comparison: `pulumi` draws a salt for each work directory without settings.
    const { LocalWorkspace } = await import('@pulumi/pulumi/automation/index.js');
    const { secret } = await import('@pulumi/pulumi');
    const open = async () => {
      const name = 'kept.main';
      const program = async () => ({ token: secret('hush') });
      const options = { pulumiCommand: engine.command, envVars: engine.envVars };
      return await LocalWorkspace.createOrSelectStack({ stackName: name, projectName: 'plans', program }, options);
    };
    const plan = `${folder.path}/kept-plan.json`;
    await (await open()).preview({ plan });
    await assert.rejects((await open()).up({ plan }), (error: Error) => {
      assert.match(error.message, /decrypting secret value/);
      return !isPlanViolation(error);
    });
  });
});
