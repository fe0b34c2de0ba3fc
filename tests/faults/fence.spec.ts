import assert from 'node:assert/strict';
import pino from 'pino';
import { operationSession } from '../../automation/aws/session-name.ts';
import type { Environment } from '../../automation/config/environments.ts';
import type { Database } from '../../automation/platform/database.ts';
import { openDatabase } from '../../automation/platform/database.ts';
import { Fence } from '../../automation/stacks/fence.ts';
import { AwsProvider } from '../../sandbox/aws/aws-provider.ts';
import { SandboxCloud } from '../../sandbox/aws/sandbox-cloud.ts';
import { Store } from '../../sandbox/aws/store.ts';
import { readSandboxSettings } from '../../sandbox/read-settings.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const logger = pino({ level: 'silent' });
const ROLE = 'arn:aws:iam::222222222222:role/mlops-deployment-dev';
const DEV: Environment = {
  name: 'dev',
  accountId: '222222222222',
  region: 'us-east-1',
  deploymentRoleArn: ROLE,
  externalId: 'mlops',
  permissionsBoundaryArn: '',
  organizationalUnitId: '',
  assetsBucket: 'assets',
};

describe('the fence', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let own: TestDatabase;
  let database: Database;

  before(async () => {
    folder = await temporaryFolder();
    own = await createDatabase();
    database = await openDatabase({ url: own.url, waitSeconds: 30 }, logger);
  });

  after(async () => {
    await database.end();
    await own.drop();
    await folder.remove();
  });

  beforeEach(async () => {
    await database.query('TRUNCATE mlops.fenced_sessions');
  });

  const settings = (env: Record<string, string> = {}) =>
    readSandboxSettings({ SANDBOX_HOME: folder.path, SANDBOX_SPEED: '0', ...env }).aws;
  const cloud = (env: Record<string, string> = {}) => {
    const aws = settings(env);
    return new SandboxCloud(aws, new Store(aws.directory));
  };
  const fence = (env: Record<string, string> = {}) => new Fence({ database, cloud: cloud(env), logger });

  /** Creates a log group under a session. @returns what AWS says */
  async function write(session: string, name: string): Promise<string> {
    const provider = new AwsProvider(settings());
    const identity = { urn: `urn:pulumi:s::p::aws:cloudwatch/logGroup:LogGroup::${name}`, name };
    await provider.configure({
      urn: '',
      type: 'pulumi:providers:aws',
      inputs: {
        region: 'us-east-1',
        assumeRoles: JSON.stringify([{ roleArn: ROLE, externalId: 'mlops', sessionName: session }]),
      },
    } as unknown as Parameters<AwsProvider['configure']>[0]);
    return await provider
      .create({
        ...identity,
        type: 'aws:cloudwatch/logGroup:LogGroup',
        properties: { name },
        preview: false,
      } as unknown as Parameters<AwsProvider['create']>[0])
      .then(
        () => 'created',
        (error: Error) => error.message,
      );
  }

  it('refuses the former holder everything, and its successor and other stacks nothing', async () => {
    const former = operationSession('one.dev');
    assert.equal(await write(former, 'before'), 'created');
    assert.deepEqual(await fence().shutOut(DEV, [former], 1), { held: true });
    assert.match(await write(former, 'after'), /AccessDenied.*explicit deny in an identity-based policy/s);
    assert.equal(await write(operationSession('one.dev', 1), 'successor'), 'created');
    assert.equal(await write(operationSession('other.dev'), 'other'), 'created');
  });

  it('keeps those that were shut out before, and clears them once no session can be that old', async () => {
    await fence().shutOut(DEV, ['mlops-a.dev'], 1);
    await fence().shutOut(DEV, ['mlops-b.dev'], 1);
    assert.match(await write('mlops-a.dev', 'a'), /AccessDenied/);
    await database.query(
      `UPDATE mlops.fenced_sessions SET fenced = now() - interval '14 hours' WHERE session = 'mlops-a.dev'`,
    );
    await fence().clear([DEV]);
    assert.equal(await write('mlops-a.dev', 'a'), 'created');
    assert.match(await write('mlops-b.dev', 'b'), /AccessDenied/);
  });

  it('is bounded: the policy on a role has room for 100 sessions', async () => {
    const sessions = Array.from({ length: 120 }, (_, i) => `mlops-many-${i}.dev`);
    await fence().shutOut(DEV, sessions.slice(0, 60), 1);
    await fence().shutOut(DEV, sessions.slice(60), 1);
    const { rows } = await database.query('SELECT session FROM mlops.fenced_sessions');
    assert.equal(rows.length, 100);
    assert.match(await write('mlops-many-119.dev', 'newest'), /AccessDenied/);
  });

  it('two successors on one role do not overwrite each other', async () => {
    const sessions = Array.from({ length: 8 }, (_, i) => `mlops-race-${i}.dev`);
    await Promise.all(sessions.map((session) => fence().shutOut(DEV, [session], 1)));
    for (const session of sessions) assert.match(await write(session, session), /AccessDenied/);
  });

  it('is off, with the reason, where the environment has no role for it', async () => {
    const outcome = await fence({ SANDBOX_MISSING: `${ROLE}-fence` }).shutOut(DEV, ['mlops-off.dev'], 1);
    assert.ok(!outcome.held);
    assert.match(outcome.reason, /sts:AssumeRole on resource: .*mlops-deployment-dev-fence/);
    const without = await fence().shutOut({ ...DEV, deploymentRoleArn: '' }, ['mlops-off.main'], 1);
    assert.ok(!without.held);
    assert.match(without.reason, /no deployment role/);
  });
});

describe('names of sessions', () => {
  it('are what STS takes, and differ for stacks that begin alike', () => {
    const long = 'mlops-pipeline-a-model-with-a-very-long-name-byompipelinerealtimebuiltin';
    const names = [`${long}.dev`, `${long}.staging`, `${long}-2.dev`, 'short.dev'].flatMap((stack) =>
      [0, 1, 12_345].map((token) => operationSession(stack, token)),
    );
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[\w+=,.@-]{2,64}$/);
  });
});
