import assert from 'node:assert/strict';
import type { EngineEvent, Stack } from '@pulumi/pulumi/automation/index.js';
import { ConcurrentUpdateError, LocalWorkspace, StackNotFoundError } from '@pulumi/pulumi/automation/index.js';
import { createSandboxCommand } from '../../sandbox/engine/command.ts';
import type { ResourceState } from '../../sandbox/engine/state.ts';
import type { DemoSettings } from './support/demo-program.ts';
import { demoProgram } from './support/demo-program.ts';
import { RecorderHost } from './support/recorder-provider.ts';
import { eventLines, PROJECT, Workbench } from './support/workbench.ts';

const ROLE = `urn:pulumi:demo.dev::${PROJECT}::mlops:blueprint:Demo$aws:iam/role:Role::demo-role`;
const CHANGED: DemoSettings = { namePrefix: 'other-', image: 'img:2' };

/** The scenario that was recorded from the real engine, step by step. */
describe('the sandbox engine through the Automation API', () => {
  const host = new RecorderHost();
  const bench = new Workbench(host);
  after(() => bench.remove());

  async function stackOf(settings: DemoSettings = {}): Promise<Stack> {
    const stack = await bench.stack(demoProgram(settings));
    await stack.setAllConfig({
      'aws:region': { value: 'us-east-1' },
      'mlops:token': { value: 's3cret', secret: true },
      'mlops:settings': { value: '{"a":[1,2]}' },
    });
    host.calls.length = 0;
    return stack;
  }

  async function up(settings: DemoSettings = {}): Promise<{ events: EngineEvent[]; changes?: object; stdout: string }> {
    const events: EngineEvent[] = [];
    const stack = await stackOf(settings);
    const result = await stack.up({ onEvent: (event) => events.push(event) });
    return { events, changes: result.summary.resourceChanges, stdout: result.stdout };
  }

  it('tells a missing stack by the error that createOrSelectStack waits for', async () => {
    const args = { stackName: 'nope', projectName: PROJECT, program: demoProgram() };
    const options = { pulumiCommand: createSandboxCommand({ providers: host }), envVars: bench.env };
    await assert.rejects(LocalWorkspace.selectStack(args, options), (error: Error) => {
      assert.ok(error instanceof StackNotFoundError);
      assert.match(error.message, /Command failed with exit code 6: .*stack select --stack nope --non-interactive\n/);
      assert.match(error.message, /\nerror: no stack named 'nope' found\n/);
      return true;
    });
  });

  it('refuses to make a stack twice', async () => {
    await stackOf();
    const args = { stackName: 'demo.dev', projectName: PROJECT, program: demoProgram() };
    const options = { pulumiCommand: createSandboxCommand({ providers: host }), envVars: bench.env };
    await assert.rejects(LocalWorkspace.createStack(args, options), { name: 'StackAlreadyExistsError' });
  });

  it('previews a new stack without making anything', async () => {
    const events: EngineEvent[] = [];
    const stack = await stackOf();
    const { changeSummary, stdout } = await stack.preview({ diff: true, onEvent: (event) => events.push(event) });
    assert.deepEqual(changeSummary, { create: 6 });
    assert.match(stdout, /^Previewing update \(demo\.dev\):\n\+ pulumi:pulumi:Stack: \(create\)\n/);
    assert.match(stdout, /TOKEN: \[secret\]/);
    assert.match(
      stdout,
      /\n {12}code {3}: archive\(assets:8b47bdf\) \{\n {16}"index\.mjs": asset\(text:a431f31\) \{\n/,
    );
    assert.match(
      stdout,
      /\n {12}assumeRolePolicy: \(json\) \{\n {16}Statement: \[\]\n {16}Version {2}: "2012-10-17"\n {12}\}\n\n/,
    );
    assert.match(stdout, /\n {4}--outputs:--\n {4}account {4}: "111111111111"\n/);
    assert.doesNotMatch(stdout, /s3cret/);
    assert.deepEqual(bench.names(), []);
    assert.equal(host.existing.size, 0);
    assert.ok(host.calls.some(({ method, request }) => method === 'create' && request['preview'] === true));
    const lines = eventLines(events);
    assert.deepEqual(lines.slice(0, 3), ['prelude', 'pre create byom-demo-demo.dev', 'out create byom-demo-demo.dev']);
    assert.deepEqual(lines.slice(-3), ['out create byom-demo-demo.dev', 'summary succeeded', 'cancel']);
    assert.ok(events.every((event) => !event.resourcePreEvent || event.resourcePreEvent.planning === true));
  });

  it('makes a stack and says so in events, outputs and history', async () => {
    const events: EngineEvent[] = [];
    const stack = await stackOf();
    const { outputs, summary, stdout } = await stack.up({
      message: 'execution 1',
      onEvent: (event) => events.push(event),
    });
    assert.deepEqual(outputs['account'], { value: '111111111111', secret: false });
    assert.deepEqual(outputs['secretThing'], { value: 's3cret', secret: true });
    assert.equal(summary.message, 'execution 1');
    assert.equal(summary.kind, 'update');
    assert.equal(summary.result, 'succeeded');
    assert.deepEqual(summary.resourceChanges, { create: 6 });
    assert.deepEqual(summary.config['mlops:token'], { value: 's3cret', secret: true });
    assert.equal(summary.environment['pulumi.flag.message'], 'set');
    assert.equal(summary.environment['exec.kind'], 'auto.inline');
    assert.match(stdout, /\nResources:\n {4}\+ 6 created\n\nDuration: \d+s\n/);
    assert.match(stdout, /\n {4}secretThing: \[secret\]\n/);
    const sequences = events.map((event) => event.sequence);
    assert.deepEqual(
      sequences,
      sequences.toSorted((left, right) => left - right),
    );
    assert.deepEqual(events[0]?.preludeEvent?.config, {
      'aws:region': 'us-east-1',
      'mlops:settings': '{"a":[1,2]}',
      'mlops:token': '[secret]',
    });
    const lines = eventLines(events);
    // A component's outputs come when it registers them, the stack's after everything else.
    assert.equal(lines.filter((line) => line === 'out create byom-demo-demo.dev').length, 1);
    assert.equal(lines.at(-3), 'out create byom-demo-demo.dev');
    assert.doesNotMatch(JSON.stringify(events), /s3cret/);
  });

  it('writes the state as the CLI does, secrets encrypted', () => {
    const urns = (bench.stored().resources ?? []).map((state) => state.urn);
    assert.equal(urns[0], `urn:pulumi:demo.dev::${PROJECT}::pulumi:pulumi:Stack::${PROJECT}-demo.dev`);
    assert.equal(urns[1], `urn:pulumi:demo.dev::${PROJECT}::pulumi:providers:aws::env`);
    assert.equal(urns[2], `urn:pulumi:demo.dev::${PROJECT}::mlops:blueprint:Demo::demo`);
    assert.equal(urns[3], ROLE);
    assert.equal(urns.length, 6);
    const model = bench.find('demo-model');
    assert.deepEqual(model.dependencies, [ROLE]);
    assert.deepEqual(model.propertyDependencies, { executionRoleArn: [ROLE], primaryContainer: [] });
    const provider = bench.find('env');
    assert.equal(model.provider, `${provider.urn}::${provider.id}`);
    assert.deepEqual(provider.inputs?.['__internal'], {});
    assert.equal(provider.outputs?.['__internal'], undefined);
    assert.deepEqual(provider.additionalSecretOutputs, ['accessKey', 'secretKey', 'token']);
    const { environment } = model.outputs?.['primaryContainer'] as { environment: { TOKEN: { ciphertext: string } } };
    assert.match(environment.TOKEN.ciphertext, /^v1:[\w+/=]{16}:[\w+/=]+$/);
    assert.doesNotMatch(JSON.stringify(bench.stored()), /s3cret/);
    const code = bench.find('demo-fn').inputs?.['code'] as { hash: string };
    assert.equal(code.hash, '8b47bdf169907602437618550a85bfd50dcf8f9222818fbd0859af0f58cb6c6e');
  });

  it('gives a provider plain values, and each call what belongs to it', () => {
    const create = host.calls.find(({ method, name }) => method === 'create' && name === 'demo-model');
    assert.deepEqual(create?.request['properties'], {
      executionRoleArn: bench.find('demo-role').outputs?.['arn'],
      primaryContainer: { environment: { TOKEN: 's3cret' }, image: 'img:1' },
    });
    const configure = host.calls.find(({ method }) => method === 'configure');
    assert.deepEqual(configure?.request['inputs'], {
      allowedAccountIds: '["222222222222"]',
      region: 'eu-west-1',
      skipCredentialsValidation: 'false',
      skipRegionValidation: 'true',
      version: '7.48.0',
    });
    assert.deepEqual(host.journal().slice(0, 5), [
      'checkConfig env',
      'configure env',
      'invoke aws:index/getCallerIdentity:getCallerIdentity',
      'check demo-role',
      'create demo-role',
    ]);
  });

  it('does nothing where nothing has changed', async () => {
    const before = bench.stored().resources;
    const { changes, stdout } = await up();
    assert.deepEqual(changes, { same: 6 });
    assert.match(stdout, /Resources:\n {4}6 unchanged\n/);
    assert.ok(!host.calls.some(({ method }) => ['create', 'update', 'delete'].includes(method)));
    const diff = host.calls.find(({ method, name }) => method === 'diff' && name === 'demo-fn');
    const olds = diff?.request['olds'] as { code: Record<string, unknown> };
    assert.deepEqual(Object.keys(olds.code).sort(), ['4dabf18193072939515e22adb298388d', 'hash']);
    assert.deepEqual(sortedStates(bench.stored().resources), sortedStates(before));
  });

  it('previews a replacement, updates and a creation', async () => {
    const stack = await stackOf({ ...CHANGED, topic: true });
    const { changeSummary, stdout } = await stack.preview();
    assert.deepEqual(changeSummary, { create: 1, replace: 1, same: 3, update: 2 });
    assert.match(stdout, / \+\+ aws:iam:Role demo-role create replacement \[diff: ~namePrefix\]\n/);
    assert.match(stdout, / ~ {2}aws:sagemaker:Model demo-model update \[diff: ~executionRoleArn,primaryContainer\]\n/);
    assert.match(stdout, /\n {4}\+ 1 to create\n {4}~ 2 to update\n {4}\+-1 to replace\n {4}4 changes\. 3 unchanged\n/);
  });

  it('replaces by creating first and deleting last', async () => {
    const old = bench.find('demo-role').id;
    const { events, changes } = await up({ ...CHANGED, topic: true });
    assert.deepEqual(changes, { create: 1, replace: 1, same: 3, update: 2 });
    const lines = eventLines(events).filter((line) => line.endsWith('demo-role'));
    assert.deepEqual(lines, [
      'pre create-replacement demo-role',
      'out create-replacement demo-role',
      'pre replace demo-role',
      'out replace demo-role',
      'pre delete-replaced demo-role',
      'out delete-replaced demo-role',
    ]);
    const replace = events.find((event) => event.resourcePreEvent?.metadata.op === 'replace')?.resourcePreEvent
      ?.metadata;
    assert.deepEqual(replace?.keys, ['namePrefix']);
    assert.deepEqual(replace?.diffs, ['namePrefix']);
    assert.equal(replace?.old?.id, old);
    assert.equal(replace?.new?.id, bench.find('demo-role').id);
    const checks = host.calls.filter(({ method, name }) => method === 'check' && name === 'demo-role');
    assert.deepEqual(
      checks.map(({ request }) => Object.keys(request['olds'] as object).length > 0),
      [true, false],
    );
    assert.equal(
      host
        .journal()
        .filter((line) => line.startsWith('delete'))
        .join(),
      'delete demo-role',
    );
    assert.notEqual(bench.find('demo-role').id, old);
  });

  it('deletes what the program no longer has', async () => {
    const { events, changes } = await up(CHANGED);
    assert.deepEqual(changes, { delete: 1, same: 6 });
    const lines = eventLines(events);
    assert.ok(lines.indexOf('out delete demo-topic') < lines.indexOf('out same byom-demo-demo.dev'));
    assert.ok(!bench.names().includes('demo-topic'));
  });

  it('keeps what it made when a create fails, and says what failed', async () => {
    const events: EngineEvent[] = [];
    const stack = await stackOf({ ...CHANGED, bad: true });
    await assert.rejects(stack.up({ onEvent: (event) => events.push(event) }), (error: Error) => {
      assert.equal(error.name, 'CommandError');
      assert.match(
        error.message,
        /^code: -2\n stdout: \n stderr: Command failed with exit code 1: .*\nUpdating \(demo\.dev\):\n/,
      );
      assert.match(
        error.message,
        /\nDiagnostics:\n {2}aws:iam:Role \(bad\):\n {4}error: recorder refuses to create x-fail\n\n/,
      );
      assert.match(error.message, / {2}pulumi:pulumi:Stack \(byom-demo-demo\.dev\):\n {4}error: update failed\n/);
      assert.match(error.message, /\n {4}2 errored\n/);
      return true;
    });
    const lines = eventLines(events);
    assert.deepEqual(lines.slice(-5), [
      'error recorder refuses to create x-fail',
      'failed create bad',
      'error update failed',
      'summary failed',
      'cancel',
    ]);
    const diagnostic = events.find((event) => event.diagnosticEvent)?.diagnosticEvent;
    assert.equal(diagnostic?.urn, `urn:pulumi:demo.dev::${PROJECT}::mlops:blueprint:Demo$aws:iam/role:Role::bad`);
    assert.equal(bench.names().length, 6);
    assert.ok(bench.find(`${PROJECT}-demo.dev`).outputs?.['account'], 'the outputs of the last good update are kept');
    assert.deepEqual(bench.locks(), []);
    const [last] = await stack.history(1);
    assert.equal(last?.result, 'failed');
  });

  it('lets only one of two updates at once through', async () => {
    const [one, two] = await Promise.all([
      stackOf({ ...CHANGED, image: 'img:3' }),
      stackOf({ ...CHANGED, image: 'img:3' }),
    ]);
    const results = await Promise.allSettled([one.up(), two.up()]);
    const refused = results.filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 1);
    const error: unknown = refused[0]?.reason;
    assert.ok(error instanceof ConcurrentUpdateError);
    assert.match(
      error.message,
      /\nerror: the stack is currently locked by 1 lock\(s\)\. Either wait for the other process\(es\) to end or delete the lock file with `pulumi cancel`\.\n {2}file:\/\/\/.*\.json\?no_tmp_dir=true: created by \S+@\S+ \(pid \d+\) at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n/,
    );
  });

  it('refreshes, and finds nothing changed', async () => {
    const events: EngineEvent[] = [];
    const stack = await stackOf(CHANGED);
    const { summary } = await stack.refresh({ onEvent: (event) => events.push(event) });
    assert.equal(summary.kind, 'refresh');
    assert.deepEqual(summary.resourceChanges, { same: 6 });
    assert.deepEqual(eventLines(events).slice(0, 3), [
      'prelude',
      'pre refresh byom-demo-demo.dev',
      'out same byom-demo-demo.dev',
    ]);
    assert.deepEqual((await stack.previewRefresh()).changeSummary, { same: 6 });
  });

  it('refreshes what changed or vanished behind its back', async () => {
    const stack = await stackOf(CHANGED);
    const [role, model] = [bench.find('demo-role').id ?? '', bench.find('demo-model').id ?? ''];
    host.existing.set(role, { ...host.existing.get(role), namePrefix: 'drifted-' });
    host.existing.delete(model);
    const { summary } = await stack.refresh();
    assert.deepEqual(summary.resourceChanges, { delete: 1, same: 4, update: 1 });
    assert.equal(bench.find('demo-role').inputs?.['namePrefix'], 'drifted-');
    assert.ok(!bench.names().includes('demo-model'));
    assert.deepEqual((await stack.up()).summary.resourceChanges?.['create'], 1);
  });

  it('lists history, newest first, page by page', async () => {
    const stack = await stackOf(CHANGED);
    const history = await stack.history();
    assert.ok(history.length >= 8);
    assert.deepEqual(
      history.slice(-1).map(({ message, kind }) => [message, kind]),
      [['execution 1', 'update']],
    );
    const pages = [...(await stack.history(2, 1)), ...(await stack.history(2, 2))];
    assert.deepEqual(
      pages.map(({ startTime, kind }) => [startTime, kind]),
      history.slice(0, 4).map(({ startTime, kind }) => [startTime, kind]),
    );
  });

  it('exports with secrets in the clear, and imports what it exported', async () => {
    const stack = await stackOf(CHANGED);
    const exported = await stack.exportStack();
    assert.equal(exported.version, 3);
    assert.match(JSON.stringify(exported.deployment), /\\"s3cret\\"/);
    await stack.importStack(exported);
    assert.doesNotMatch(JSON.stringify(bench.stored()), /s3cret/);
    assert.deepEqual((await up({ ...CHANGED })).changes, { same: 6 });
  });

  it('keeps tags, lists stacks, answers for configuration', async () => {
    const stack = await stackOf(CHANGED);
    await stack.setTag('model', 'demo');
    assert.equal(await stack.getTag('model'), 'demo');
    assert.deepEqual(await stack.listTags(), { model: 'demo' });
    await stack.removeTag('model');
    assert.deepEqual(await stack.listTags(), {});
    const [listed] = await stack.workspace.listStacks();
    assert.equal(listed?.name, 'demo.dev');
    assert.equal(listed?.current, true);
    assert.equal(listed?.resourceCount, 6);
    assert.deepEqual(await stack.getAllConfig(), {
      'aws:region': { value: 'us-east-1', secret: false },
      'mlops:settings': { value: '{"a":[1,2]}', secret: false },
      'mlops:token': { value: 's3cret', secret: true },
    });
    assert.equal((await stack.workspace.whoAmI()).url, bench.env['PULUMI_BACKEND_URL']);
  });

  it('cancels where nothing runs', async () => {
    const stack = await stackOf(CHANGED);
    await stack.cancel();
    assert.deepEqual(bench.locks(), []);
  });

  it('destroys dependents before what they depend on, and removes the stack', async () => {
    const events: EngineEvent[] = [];
    const stack = await stackOf(CHANGED);
    const { summary, stdout } = await stack.destroy({ onEvent: (event) => events.push(event) });
    assert.deepEqual(summary.resourceChanges, { delete: 6 });
    assert.match(stdout, /If you want to remove the stack completely, run `pulumi stack rm demo\.dev`\./);
    const order = eventLines(events).filter((line) => line.startsWith('pre delete'));
    const at = (name: string): number => order.indexOf(`pre delete ${name}`);
    assert.ok(at('demo-model') < at('demo-role') && at('demo-fn') < at('demo-role'));
    assert.ok(at('demo-role') < at('env') && at('demo-role') < at('demo'));
    assert.equal(order.at(-1), 'pre delete byom-demo-demo.dev');
    assert.deepEqual(
      host.journal().filter((line) => line.startsWith('check')),
      [],
    );
    assert.equal(host.existing.size, 0);
    await stack.workspace.removeStack('demo.dev');
    await assert.rejects(stack.workspace.selectStack('demo.dev'), StackNotFoundError);
  });
});

/** States by URN: the order of a state is the order of work, and each encryption of a secret gives another text. */
function sortedStates(resources: ResourceState[] = []): unknown {
  const sorted = resources.toSorted((left, right) => (left.urn < right.urn ? -1 : 1));
  return JSON.parse(JSON.stringify(sorted, (key, value: unknown) => (key === 'ciphertext' ? '' : value)));
}
