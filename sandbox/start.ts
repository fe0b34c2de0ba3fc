/**
 * The embedded default: the service as in production, composed with a PostgreSQL from npm, the sandbox engine (or the real
 * CLI) and the sandbox AWS. All its files are below one home folder.
 */
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startService } from '../api/server.ts';
import { loadConfig } from '../automation/config/config.ts';
import { secretValues } from '../automation/config/secret-values.ts';
import { createLogger } from '../automation/platform/logger.ts';
import type { StandIns } from '../automation/start.ts';
import { startClock } from './aws/clock.ts';
import { startHttpGateway } from './aws/http-gateway.ts';
import { arn, scopeOf } from './aws/partitions.ts';
import type { Notification } from './aws/topics.ts';
import { readNotifications } from './aws/topics.ts';
import type { SandboxSettings } from './config.ts';
import { SandboxConfigError } from './config.ts';
import { chooseEngine, homeOfEngine } from './engine-choice.ts';
import { startDropFolders } from './buckets/drop-folders.ts';
import { lockHome } from './home-lock.ts';
import { startPostgres } from './postgres.ts';
import { readSandboxSettings } from './read-settings.ts';

export interface Sandbox {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly home: string;
  readonly logFile: string;
  /** Which engine runs the stacks, for people. */
  readonly engine: string;
  /** Folders that stand for the buckets of configuration. */
  readonly dropFolders: readonly string[];
  /** Messages published to the notifications topic so far, oldest first. */
  notifications(): Promise<Notification[]>;
  stop(): Promise<void>;
}

/** Replacements for tests, and what a caller decides about the sandbox's life. */
export interface SandboxStandIns extends StandIns {
  /** An existing database, which stays; default: the sandbox's own PostgreSQL, below its home. */
  databaseUrl?: string;
  /** Gives up the start, and undoes it. Has no effect on a sandbox that has started. */
  signal?: AbortSignal;
  /** Gets what is being started, for people. */
  progress?: (step: string) => void;
  /** `stop` removes all data: the home and the database. */
  temporary?: boolean;
}

/** Secrets in a sandbox's state are encrypted like any others, but with a passphrase that anyone can read here. */
const PASSPHRASE = 'sandbox';

/**
 * Starts the sandbox. Settings and the port are checked before anything is made.
 * @param env settings as in docs/sandbox.md; usually `process.env`
 * @throws SandboxConfigError, HomeInUse, or errors of PostgreSQL and the service; the signal's reason
 */
export async function startSandbox(env: NodeJS.ProcessEnv, standIns: SandboxStandIns = {}): Promise<Sandbox> {
  const { signal, temporary = false, progress = () => undefined } = standIns;
  const asked = readSandboxSettings(env);
  refuseForeignHost(env.HOST);
  await mustBeFree(asked.port);
  const choice = await chooseEngine(asked.engine, env.PATH ?? '');
  const { sources } = loadConfig(serviceSettings(env, asked, standIns.databaseUrl ?? UNKNOWN_DATABASE), choice);
  signal?.throwIfAborted();
  const home = await homeOfEngine(asked.home, choice.name);
  const settings = readSandboxSettings({ ...env, SANDBOX_HOME: home, PULUMI_BACKEND_URL: '' });
  await mkdir(home, { recursive: true });
  const unlock = await lockHome(home, join(home, 'sandbox.lock'));
  const undo: (() => Promise<void>)[] = [unlock];
  if (temporary) undo.unshift(() => remove(asked.home));
  const stop = () => undoAll(undo);
  try {
    if (!standIns.databaseUrl) progress(`PostgreSQL, in ${home}`);
    const databaseUrl = standIns.databaseUrl ?? (await startDatabase(home, undo, standIns));
    signal?.throwIfAborted();
    const logFile = join(home, 'service.log');
    const secrets = secretValues({ ...env, DATABASE_URL: databaseUrl });
    const logger = createLogger({ level: env.LOG_LEVEL ?? 'info', file: logFile, secrets });
    const gateway = await startHttpGateway(settings.aws, settings.port === 0 ? 0 : settings.port + 1, logger);
    undo.push(() => gateway.close());
    if (gateway.moved) progress('inference URLs with another port: those of earlier deployments do not answer');
    progress('the service and its workers');
    const { accountId, region } = settings.aws;
    const { buckets, queueUrl } = sources;
    // Where there is a queue of AWS, the buckets are there as well.
    const drop = queueUrl
      ? undefined
      : await startDropFolders({ directory: join(home, 'buckets'), buckets, accountId, region, logger });
    if (drop) undo.push(() => drop.stop());
    const config = loadConfig(
      { ...serviceSettings(env, settings, databaseUrl), ...(drop ? { CONFIG_QUEUE_URL: drop.queueUrl } : {}) },
      { ...choice, options: engineOptions(env, home) },
    );
    const service = await startService(config, logger, {
      ...(drop ? { sourceClients: drop.clients } : {}),
      ...standIns,
    });
    undo.push(() => service.stop());
    const clock = startClock(settings.aws, logger);
    undo.push(() => clock.stop());
    signal?.throwIfAborted();
    return {
      url: service.url,
      home,
      logFile,
      engine: choice.description,
      dropFolders: drop?.folders ?? [],
      notifications: () => readNotifications(settings.aws.directory),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Stands for the database when the settings are checked before there is one. */
const UNKNOWN_DATABASE = 'postgresql://127.0.0.1/none';

/** @throws the first error, after everything was tried */
async function undoAll(undo: (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (let last = undo.pop(); last; last = undo.pop()) await last().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** A killed operation may still be writing. */
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

async function startDatabase(
  home: string,
  undo: (() => Promise<void>)[],
  { signal, temporary }: SandboxStandIns,
): Promise<string> {
  const postgres = await startPostgres(join(home, 'postgres'), undefined, signal);
  // The home may be out of reach of PostgreSQL's account.
  if (temporary) undo.push(() => remove(postgres.directory));
  undo.push(() => postgres.stop());
  return postgres.url;
}

/** @throws SandboxConfigError if something listens there: found out before a database is made, which takes seconds */
async function mustBeFree(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SandboxConfigError([
      code === 'EADDRINUSE'
        ? `"PORT" is ${port}, which is already in use on 127.0.0.1. Choose another: PORT=<number>, or PORT=0 for any`
        : `"PORT" is ${port}, which cannot be listened on: ${message}`,
    ]);
  } finally {
    server.close();
  }
}

/** The sandbox has no authentication, so it accepts connections from this machine only. */
function refuseForeignHost(host: string | undefined): void {
  if (host && !['127.0.0.1', 'localhost', '::1'].includes(host)) {
    throw new SandboxConfigError([`"HOST" is "${host}": the sandbox binds to loopback only; leave HOST out`]);
  }
}

/** The service's settings: the caller's, overridden by those that the sandbox decides itself. */
function serviceSettings(env: NodeJS.ProcessEnv, settings: SandboxSettings, databaseUrl: string): NodeJS.ProcessEnv {
  const { accountId, region } = settings.aws;
  return {
    RATE_LIMIT_PER_MINUTE: '0',
    ASSETS_BUCKET: `mlops-assets-${accountId}-${region}`,
    NOTIFICATIONS_TOPIC_ARN: arn(scopeOf(accountId, region), 'sns', 'mlops-notifications'),
    // Waiting is cheap here: with the sandbox engine an operation is one process of about 100 MB.
    OPERATION_SILENCE_SECONDS: '300',
    // The machine is shared with what its owner is working on, behind which all of the demo would have to wait.
    OPERATION_NICENESS: '10',
    ...environmentAccounts(settings),
    ...env,
    HOST: '127.0.0.1',
    PORT: String(settings.port),
    DATABASE_URL: databaseUrl,
    PULUMI_ENGINE: 'cli',
    PULUMI_BACKEND_URL: pathToFileURL(settings.home).href,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    AWS_REGION: region,
    ACCOUNT_ID: accountId,
    GATEWAY_SECRET: '',
  };
}

/** Settings of the service that also apply to the sandbox AWS. */
const SHARED = ['AWS_REGION', 'DEPLOYMENT_EXTERNAL_ID'];

/** Dev, staging and prod are the other accounts of the sandbox, in their order. They are used with `MULTI_ACCOUNT=Yes` only. */
function environmentAccounts({ aws }: SandboxSettings): NodeJS.ProcessEnv {
  const others = aws.accounts.filter((account) => account !== aws.accountId);
  const [DEV_ACCOUNT_ID, STAGING_ACCOUNT_ID, PROD_ACCOUNT_ID] = others;
  return { DEV_ACCOUNT_ID, STAGING_ACCOUNT_ID, PROD_ACCOUNT_ID };
}

/** What the engine's module needs to know in the child process. */
function engineOptions(env: NodeJS.ProcessEnv, home: string): Record<string, string> {
  const own = Object.entries(env).filter(([name, value]) => (/^SANDBOX_/.test(name) || SHARED.includes(name)) && value);
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    SANDBOX_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
  };
}
