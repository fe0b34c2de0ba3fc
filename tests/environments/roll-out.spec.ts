/** `npm run environments` over several accounts, with the engine under test (`SANDBOX_ENGINE`) and the sandbox AWS. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as aws from '@pulumi/aws';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import { after, before, beforeEach, describe, it } from 'mocha';
import { runEnvironments } from '../../cli/environments/run.ts';
import { createEngine } from '../../sandbox/child-engine.ts';
import { journal } from '../support/journal.ts';
import { leanPrograms } from '../support/lean-programs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SCRIPT = fileURLToPath(new URL('../../cli/environments.ts', import.meta.url));
const DEV = '222222222222';
const STAGING = '333333333333';
const PROD = '444444444444';
const REGION = 'us-east-1';
const place = (...accounts: string[]) => ({ region: REGION, accounts });
const SETTINGS = {
  taskRoleArn: 'arn:aws:iam::111111111111:role/mlops-task',
  assetsBucket: 'mlops-assets',
  environments: { dev: place(DEV), staging: place(STAGING), prod: place(PROD) },
};
/** Provider, component, role and fence role with its policy, two boundaries, seven policies with their attachments, and the stack. */
const RESOURCES = 22;

interface Ended {
  code: number;
  output: string;
  errors: string;
  /** Account → the rest of its line in the table. */
  rows: Record<string, string>;
}

interface Changes {
  settings?: unknown;
  env?: Record<string, string>;
}

function ended(code: number, output: string, errors: string): Ended {
  const table = output.split('\n').map((line) => /^(?:dev|staging|prod) +(\d{12}) +\S+ +(.*)$/.exec(line));
  const rows = Object.fromEntries(table.flatMap((row) => (row ? [[row[1], row[2]]] : [])));
  return { code, output, errors, rows: rows as Ended['rows'] };
}

describe('the roll-out over environment accounts', function () {
  this.timeout(120_000);
  const { PATH, NODE_OPTIONS } = process.env;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let home: string;
  let homes = 0;

  before(async () => {
    folder = await temporaryFolder();
    process.env.NODE_OPTIONS = leanPrograms();
  });

  beforeEach(() => {
    homes += 1;
    home = join(folder.path, String(homes));
  });

  after(async () => {
    // The command puts an installed CLI first.
    Object.assign(process.env, { PATH, NODE_OPTIONS });
    await folder.remove();
  });

  async function settingsFile(settings: unknown): Promise<string> {
    const file = join(folder.path, `settings-${homes}.json`);
    await writeFile(file, JSON.stringify(settings));
    return file;
  }

  async function environments(args: string[], changes: Changes = {}): Promise<Ended> {
    const printed = { output: '', errors: '' };
    const code = await runEnvironments(await commandLine(args, changes), {
      env: sandboxEnvironment(changes),
      stdout: (text) => (printed.output += text),
      stderr: (text) => (printed.errors += text),
      signal: new AbortController().signal,
    });
    return ended(code, printed.output, printed.errors);
  }

  /** As `npm run environments` starts it, in a process of its own; the others are spared its start. */
  async function execute(args: string[], changes: Changes = {}): Promise<Ended> {
    const command = ['--disable-warning=DeprecationWarning', SCRIPT, ...(await commandLine(args, changes))];
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        command,
        { env: { ...sandboxEnvironment(changes), NODE_OPTIONS } },
        (error, output, errors) => resolve(ended(error ? Number(error.code ?? -1) : 0, output, errors)),
      );
    });
  }

  async function commandLine(args: string[], { settings = SETTINGS }: Changes): Promise<string[]> {
    return [...args, '--settings', await settingsFile(settings)];
  }

  function sandboxEnvironment({ env = {} }: Changes): NodeJS.ProcessEnv {
    return { ...process.env, PULUMI_ENGINE: 'sandbox', SANDBOX_HOME: home, SANDBOX_SPEED: '0', ...env };
  }

  const stacks = async () => {
    const found = await readdir(join(home, '.pulumi', 'stacks', 'mlops-environment')).catch(() => []);
    return found.filter((name) => /^[a-z]+\.\d{12}\.us-east-1\.json$/.test(name)).sort();
  };

  it('brings three accounts up, changes nothing the second time, and takes everything away', async function () {
    // Four runs of the command; on a real CLI, each takes a dozen processes.
    this.timeout(300_000);
    const first = await execute(['up']);
    assert.equal(first.code, 0, first.output + first.errors);
    for (const account of [DEV, STAGING, PROD]) {
      assert.match(first.rows[account] ?? '', new RegExp(`^succeeded .* create ${RESOURCES}$`));
    }
    assert.match(first.output, /DEV_DEPLOYMENT_ROLE_ARN=arn:aws:iam::222222222222:role\/mlops-deployment-dev\n/);
    assert.match(first.output, /PROD_PERMISSIONS_BOUNDARY_ARN=arn:aws:iam::444444444444:policy\/mlops-boundary-prod\n/);
    assert.deepEqual(await stacks(), [
      `dev.${DEV}.${REGION}.json`,
      `prod.${PROD}.${REGION}.json`,
      `staging.${STAGING}.${REGION}.json`,
    ]);

    const calls = await journal(home);
    const second = await environments(['up']);
    assert.equal(second.code, 0, second.output + second.errors);
    for (const account of [DEV, STAGING, PROD]) assert.match(second.rows[account] ?? '', /nothing to do$/);
    assert.deepEqual(await journal(home), calls);

    const status = await environments(['status']);
    for (const account of [DEV, STAGING, PROD]) assert.match(status.rows[account] ?? '', /update succeeded, 20/);

    const gone = await environments(['destroy', '--yes']);
    assert.equal(gone.code, 0, gone.output + gone.errors);
    const left = new Set<string>();
    for (const { operation, type, id } of await journal(home)) {
      if (operation === 'create') left.add(`${type} ${id}`);
      if (operation === 'delete') left.delete(`${type} ${id}`);
    }
    assert.deepEqual([...left], []);
    assert.deepEqual(await stacks(), []);
    // From the last environment to the first.
    const ended = [...gone.output.matchAll(/^\[(\w+) \d+\] succeeded/gm)].map((line) => line[1]);
    assert.deepEqual(ended, ['prod', 'staging', 'dev']);
    assert.match((await environments(['status'])).rows[DEV] ?? '', /not rolled out$/);
  });

  it('previews without leaving a stack behind', async () => {
    const { code, rows } = await environments(['preview', 'dev']);
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(rows), [DEV]);
    assert.match(rows[DEV] ?? '', new RegExp(`create ${RESOURCES}$`));
    assert.deepEqual(await stacks(), []);
    assert.deepEqual(await journal(home), []);
  });

  const refused = (match: string) => ({
    SANDBOX_FAULTS: JSON.stringify([
      { type: 'aws:iam/role:Role', operation: 'create', match, times: 9, code: 'AccessDenied', message: 'No.' },
    ]),
  });

  it('stops at the first account that fails, and says so', async () => {
    const { code, rows } = await environments(['up'], { env: refused('::staging-role') });
    assert.equal(code, 1);
    assert.match(rows[DEV] ?? '', /^succeeded/);
    assert.match(rows[STAGING] ?? '', /^failed .*AccessDenied: No\./);
    assert.match(rows[PROD] ?? '', /^not started/);
    assert.deepEqual(await stacks(), [`dev.${DEV}.${REGION}.json`, `staging.${STAGING}.${REGION}.json`]);
  });

  it('continues after a failure with the option for it, and still fails', async () => {
    const { code, rows } = await environments(['up', '--continue'], { env: refused('::staging-role') });
    assert.equal(code, 1);
    assert.match(rows[STAGING] ?? '', /^failed/);
    assert.match(rows[PROD] ?? '', /^succeeded/);
  });

  it('brings several accounts of one environment up, and only those that it may enter', async () => {
    const stranger = '555555555555';
    const settings = { ...SETTINGS, environments: { dev: place(DEV, STAGING, stranger) } };
    const { code, rows } = await environments(['up', '--continue', '--parallel', '3'], { settings });
    assert.equal(code, 1);
    assert.match(rows[DEV] ?? '', /^succeeded/);
    assert.match(rows[STAGING] ?? '', /^succeeded/);
    assert.match(rows[stranger] ?? '', /^failed .*OrganizationAccountAccessRole\) cannot be assumed/);
  });

  it('leaves the deployment role where a pipeline still has roles', async () => {
    const settings = { ...SETTINGS, environments: { dev: place(DEV) } };
    assert.equal((await environments(['up'], { settings })).code, 0);
    const pipeline = await makePipelineRole(home);
    const { code, rows } = await environments(['destroy', '--yes'], { settings });
    assert.equal(code, 1);
    assert.match(rows[DEV] ?? '', /^failed .*DeleteConflict/);
    const deleted = (await journal(home)).filter(({ operation }) => operation === 'delete');
    assert.deepEqual(deleted, [], 'nothing is gone that is needed to take the pipeline away');
    await pipeline.destroy();
    assert.equal((await environments(['destroy', '--yes'], { settings })).code, 0);
  });

  it('does nothing with settings that are wrong, and says so by its exit code', async () => {
    const { code, errors } = await execute(['up'], { settings: { ...SETTINGS, taskRoleArn: 'mlops-task' } });
    assert.equal(code, 2);
    assert.match(errors, /taskRoleArn .*ARN of a role/);
    assert.deepEqual(await stacks(), []);
  });
});

async function sandbox(home: string) {
  return await createEngine({
    kind: 'sandbox',
    module: '',
    backendUrl: pathToFileURL(home).href,
    options: { SANDBOX_HOME: home, SANDBOX_SPEED: '0', AWS_REGION: REGION, PULUMI_CONFIG_PASSPHRASE: 'sandbox' },
  });
}

/** A role as blueprints make it, with the boundary on it. */
async function makePipelineRole(home: string) {
  const { command: pulumiCommand, envVars } = await sandbox(home);
  const stack = await LocalWorkspace.createOrSelectStack(
    {
      projectName: 'pipeline',
      stackName: 'dev',
      program: async () => {
        const provider = new aws.Provider('dev', {
          region: REGION,
          assumeRoles: [{ roleArn: `arn:aws:iam::${DEV}:role/mlops-deployment-dev`, externalId: 'mlops' }],
        });
        const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
        new aws.iam.Role(
          'mlops-pipeline-x',
          {
            assumeRolePolicy: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
            permissionsBoundary: `arn:aws:iam::${DEV}:policy/mlops-boundary-dev`,
          },
          { provider },
        );
      },
    },
    { pulumiCommand, envVars },
  );
  await stack.up();
  return stack;
}
