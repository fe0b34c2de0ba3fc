import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalWorkspace, PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { createSandboxCommand } from '../../sandbox/engine/command.ts';
import { leanPrograms } from '../support/lean-programs.ts';
import type { Printed } from '../support/sandbox-pulumi.ts';
import { runSandboxPulumi } from '../support/sandbox-pulumi.ts';
import { RecorderHost } from './support/recorder-provider.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A project directory with its own program, and a backend next to it. */
class ShellProject {
  readonly directory = mkdtempSync(join(tmpdir(), 'shell-'));
  readonly env: NodeJS.ProcessEnv;

  constructor(program: string) {
    mkdirSync(join(this.directory, 'state'));
    const { PATH, NODE_COMPILE_CACHE, SANDBOX_KEY_ROUNDS } = process.env;
    this.env = {
      PATH,
      NODE_COMPILE_CACHE,
      SANDBOX_KEY_ROUNDS,
      PULUMI_BACKEND_URL: `file://${join(this.directory, 'state')}`,
      PULUMI_CONFIG_PASSPHRASE: 'x',
      SANDBOX_HOME: join(this.directory, 'home'),
      SANDBOX_SPEED: '0',
      AWS_REGION: 'us-east-1',
    };
    const project =
      'name: shell-demo\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: program/index.ts\n';
    writeFileSync(join(this.directory, 'Pulumi.yaml'), project);
    writeFileSync(join(this.directory, 'package.json'), '{"type":"module"}');
    symlinkSync(join(REPOSITORY, 'node_modules'), join(this.directory, 'node_modules'));
    mkdirSync(join(this.directory, 'program'));
    writeFileSync(join(this.directory, 'program', 'index.ts'), program);
  }

  /** Runs the executable as a shell would. */
  async execute(...args: string[]): Promise<Printed> {
    const executable = join(REPOSITORY, 'sandbox', 'bin', 'pulumi');
    const child = spawn(executable, args, { cwd: this.directory, env: this.env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code: code ?? -1, stdout, stderr };
  }

  /** Runs it in this process, and its program without what takes longest at its start. */
  async pulumi(...args: string[]): Promise<Printed> {
    return await runSandboxPulumi(args, this.directory, { ...this.env, NODE_OPTIONS: leanPrograms() });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describe('the sandbox engine in a shell', () => {
  const project = new ShellProject(`
    import * as aws from '@pulumi/aws';
    import * as pulumi from '@pulumi/pulumi';
    const greeting: string = new pulumi.Config().require('greeting');
    console.log(greeting);
    if (greeting === 'fail') {
      throw new Error('the program gave up');
    }
    const bucket = new aws.s3.Bucket('data', { tags: { greeting } });
    export const name = bucket.id;
    export const token = pulumi.secret('hush-hush');
  `);
  after(() => project.remove());

  it('says its version, and that it is a simulation', async () => {
    assert.deepEqual(await project.execute('version'), { code: 0, stdout: 'v3.265.0\n', stderr: '' });
    assert.match((await project.execute('about')).stdout, /a simulation of the Pulumi CLI/);
  });

  it('is found by the SDK as an installation', async () => {
    const command = await PulumiCommand.get({ root: join(REPOSITORY, 'sandbox') });
    assert.equal(command.version?.version, '3.265.0');
  });

  it('makes a stack, keeping the settings that are there', async () => {
    const file = join(project.directory, 'Pulumi.dev.yaml');
    writeFileSync(file, 'config:\n  shell-demo:greeting: hello\n');
    const { code, stderr } = await project.pulumi('stack', 'init', 'dev');
    assert.equal(code, 0);
    assert.equal(stderr, "Created stack 'dev'\n");
    assert.match(readFileSync(file, 'utf8'), /^encryptionsalt: v1:.*\nconfig:\n {2}shell-demo:greeting: hello\n$/);
  });

  it('runs the project’s program, which may be TypeScript, and shows what it prints', async () => {
    const { code, stdout } = await project.execute('up', '--yes', '--skip-preview');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Diagnostics:\n {2}pulumi:pulumi:Stack \(shell-demo-dev\):\n {4}hello\n/);
    assert.match(stdout, /Resources:\n {4}\+ 2 created\n/);
    const outputs = await project.pulumi('stack', 'output', '--json');
    assert.match(outputs.stdout, /^\{\n {2}"name": "data-[0-9a-f]{7}",\n {2}"token": "\[secret\]"\n\}\n$/);
    assert.equal((await project.pulumi('stack', 'output', 'token', '--show-secrets')).stdout, 'hush-hush\n');
  });

  it('previews in JSON', async () => {
    const { stdout } = await project.pulumi('preview', '--json');
    const preview = JSON.parse(stdout) as { steps: Array<{ op: string }>; changeSummary: object };
    assert.deepEqual(preview.changeSummary, { same: 2 });
    assert.deepEqual([...new Set(preview.steps.map(({ op }) => op))], ['same']);
  });

  it('writes events to a file, one a line', async () => {
    const file = join(project.directory, 'events.jsonl');
    await project.pulumi('preview', '--event-log', file);
    const events = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.ok(events[0] !== undefined && 'preludeEvent' in events[0]);
    assert.ok('cancelEvent' in (events.at(-1) ?? {}));
  });

  it('protects and unprotects what is in the state', async () => {
    const { stdout } = await project.pulumi('stack', 'export');
    const urn = /"(urn:pulumi:[^"]*::data)"/.exec(stdout)?.[1] ?? '';
    assert.equal((await project.pulumi('state', 'protect', urn, '--yes')).stdout, '1 resources protected\n');
    const refused = await project.pulumi('destroy', '--yes', '--skip-preview', '--target', urn);
    assert.match(refused.stdout, /because it is protected\. To unprotect the resource/);
    assert.equal((await project.pulumi('state', 'unprotect', urn, '--yes')).stdout, '1 resources unprotected\n');
  });

  it('fails with the program', async () => {
    await project.pulumi('config', 'set', 'greeting', 'fail');
    const { code, stdout } = await project.pulumi('up', '--yes', '--skip-preview');
    assert.equal(code, 1);
    assert.match(stdout, /the program gave up/);
    assert.doesNotMatch(stdout, /error: update failed/);
    await project.pulumi('config', 'set', 'greeting', 'hello');
  });

  it('lists, exports, shows history', async () => {
    const list = JSON.parse((await project.pulumi('stack', 'ls', '--json')).stdout) as Array<Record<string, unknown>>;
    assert.deepEqual(
      list.map(({ name, current, resourceCount }) => ({ name, current, resourceCount })),
      [{ name: 'dev', current: true, resourceCount: 3 }],
    );
    const { stdout } = await project.pulumi('stack', 'export');
    assert.doesNotMatch(stdout, /hush-hush/);
    assert.match(stdout, /"ciphertext": "v1:/);
    const history = JSON.parse((await project.pulumi('stack', 'history', '--json')).stdout) as Array<{
      result: string;
    }>;
    assert.deepEqual(
      history.map(({ result }) => result),
      ['failed', 'failed', 'succeeded'],
    );
  });

  it('exits with 6 for a stack that is not there, and with 1 for what it does not know', async () => {
    assert.deepEqual(await project.execute('stack', 'select', 'nope'), {
      code: 6,
      stdout: '',
      stderr: "error: no stack named 'nope' found\n",
    });
    const unknown = await project.pulumi('frobnicate');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /^error: unknown command "frobnicate" for "pulumi"/);
    const flag = await project.pulumi('up', '--bogus');
    assert.deepEqual([flag.code, flag.stderr], [1, 'error: unknown flag: --bogus\n']);
    const plan = await project.pulumi('up', '--yes', '--plan', 'x.json');
    assert.deepEqual([plan.code, plan.stderr], [1, 'error: --plan is not supported by the sandbox engine\n']);
    const pack = await project.pulumi('preview', '--policy-pack', 'packs/company');
    assert.deepEqual([pack.code, pack.stderr], [1, 'error: --policy-pack is not supported by the sandbox engine\n']);
  });

  it('renames a stack, and destroys and removes it', async () => {
    assert.equal((await project.pulumi('stack', 'rename', 'prod')).code, 0);
    assert.match(
      (await project.pulumi('stack', 'export')).stdout,
      /urn:pulumi:prod::shell-demo::pulumi:pulumi:Stack::shell-demo-prod/,
    );
    const rejected = await project.pulumi('stack', 'rm', '--yes', 'prod');
    assert.equal(rejected.code, 1);
    assert.match(rejected.stderr, /'prod' still has resources; removal rejected/);
    assert.equal((await project.execute('destroy', '--yes', '--skip-preview')).code, 0);
    assert.deepEqual(await project.pulumi('stack', 'rm', '--yes', 'prod'), {
      code: 0,
      stdout: "Stack 'prod' has been removed!\n",
      stderr: '',
    });
  });
});

describe('configuration on the sandbox engine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'config-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function workspace(): Promise<LocalWorkspace> {
    const made = await LocalWorkspace.create({
      pulumiCommand: createSandboxCommand({ providers: new RecorderHost() }),
      envVars: { PULUMI_BACKEND_URL: `file://${directory}`, PULUMI_CONFIG_PASSPHRASE: 'x' },
      projectSettings: { name: 'cfg', runtime: 'nodejs' },
    });
    return made as LocalWorkspace;
  }

  it('is set, got, listed and removed, by key and by path', async () => {
    const space = await workspace();
    await space.createStack('dev');
    await space.setConfig('dev', 'plain', { value: 'a=b --c' });
    await space.setConfig('dev', 'hidden', { value: 'hush-hush', secret: true });
    await space.setConfig('dev', 'list[0].name', { value: '7' }, true);
    await space.setAllConfig('dev', { 'list[1].name': { value: 'x', secret: true } }, true);
    assert.deepEqual(await space.getConfig('dev', 'plain'), { value: 'a=b --c', secret: false });
    assert.deepEqual(await space.getConfig('dev', 'hidden'), { value: 'hush-hush', secret: true });
    assert.equal((await space.getConfig('dev', 'list[0].name', true)).value, '7');
    const all = await space.getAllConfig('dev');
    assert.equal(all['cfg:list']?.value, '[{"name":7},{"name":"x"}]');
    assert.equal(all['cfg:list']?.secret, true);
    await space.removeConfig('dev', 'plain');
    await space.removeAllConfig('dev', ['hidden']);
    assert.deepEqual(Object.keys(await space.getAllConfig('dev')), ['cfg:list']);
    await assert.rejects(space.getConfig('dev', 'plain'), /configuration key 'plain' not found for stack 'dev'/);
  });

  it('keeps a stack’s salt from one work directory to the next once its state has one', async () => {
    const program = (): Promise<void> => Promise.resolve();
    const options = {
      pulumiCommand: createSandboxCommand({ providers: new RecorderHost() }),
      envVars: { PULUMI_BACKEND_URL: `file://${directory}`, PULUMI_CONFIG_PASSPHRASE: 'x' },
    };
    const open = () =>
      LocalWorkspace.createOrSelectStack({ stackName: 'salted', projectName: 'cfg', program }, options);
    const first = await open();
    await first.setConfig('key', { value: 'hush-hush', secret: true });
    await first.up();
    const second = await open();
    await second.setConfig('key', { value: 'hush-hush', secret: true });
    const [entry] = await second.history();
    assert.deepEqual(
      entry?.config['cfg:key'],
      { value: 'hush-hush', secret: true },
      'what was encrypted before stays readable',
    );
  });
});
