/** The sources over a real PostgreSQL, a `FakeOrchestrator` and a local stand-in of the providers. */
import { createHmac } from 'node:crypto';
import pino from 'pino';
import request from 'supertest';
import { loadConfig } from '../../../automation/config/config.ts';
import type { Database } from '../../../automation/platform/database.ts';
import { openDatabase } from '../../../automation/platform/database.ts';
import { DueAnnouncements } from '../../../automation/platform/due-work.ts';
import { Listener } from '../../../automation/platform/listener.ts';
import type { Notice } from '../../../automation/sources/outcome.ts';
import type { EventHandlers } from '../../../automation/sources/inbound/queue.ts';
import type { Sources } from '../../../automation/sources/start.ts';
import { startSources } from '../../../automation/sources/start.ts';
import { leaseTimes } from '../../../automation/platform/lease-times.ts';
import { Workers } from '../../../automation/platform/workers.ts';
import type { TestApi } from '../../support/api.ts';
import { testApi } from '../../support/api.ts';
import { createDatabase } from '../../support/database.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import type { ProviderStandIn } from './provider.ts';
import { startProvider } from './provider.ts';

export const SECRET = "It's a Secret to Everybody";
export const TOKEN = 'token-that-no-log-may-show';
export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const LATER = 'fedcba9876543210fedcba9876543210fedcba98';
const ZEROS = '0'.repeat(40);

/** A row of `mlops.config_deliveries`. */
export interface DeliveryRow {
  id: string;
  source: string;
  delivery_id: string;
  target: string;
  revision: string;
  status: string;
  detail: string | null;
  attempts: number;
  results: { index: number; pipelineId: string; executionId?: string }[];
}

export interface World {
  readonly database: Database;
  readonly provider: ProviderStandIn;
  readonly api: TestApi;
  readonly sources: Sources;
  readonly notices: Notice[];
  /** Lines of the log so far. */
  readonly log: string[];
  readonly folder: string;
  deliveries(): Promise<DeliveryRow[]>;
  /** Waits until no delivery is open, and gives them all. */
  settled(): Promise<DeliveryRow[]>;
  /** Waits until a delivery has this status, and has been tried so often in it. */
  reaches(status: string, attempts?: number): Promise<void>;
  /** Bodies that were provisioned, and by whom. */
  provisioned(): [unknown, unknown][];
  /** Leaves what is announced from now on to other processes, which would both begin it otherwise. */
  hearNothing(): Promise<void>;
  /** As another process on the same database. */
  another(): Promise<World>;
  stop(): Promise<void>;
}

const ENV = {
  PULUMI_BACKEND_URL: 's3://state',
  PULUMI_CONFIG_PASSPHRASE: 'x',
  AWS_REGION: 'us-east-1',
  ASSETS_BUCKET: 'assets',
};

/** What one spec uses: a folder and a database, shared by its tests. */
export interface Ground {
  readonly path: string;
  readonly url: string;
  remove(): Promise<void>;
}

export async function startGround(): Promise<Ground> {
  const folder = await temporaryFolder();
  const own = await createDatabase();
  return {
    path: folder.path,
    url: own.url,
    remove: async () => {
      await own.drop();
      await folder.remove();
    },
  };
}

export interface WorldOptions {
  work?: boolean;
  keep?: boolean;
  provider?: ProviderStandIn;
  giveUpAfterMs?: number;
  eventHandlers?: EventHandlers;
}

/**
 * @param env settings in addition to those that every installation needs
 * @param options `work`: false only keeps deliveries; `keep`: true leaves what earlier worlds stored
 */
export async function startWorld(
  ground: Ground,
  env: Record<string, string> = {},
  options: WorldOptions = {},
): Promise<World> {
  const provider = options.provider ?? (await startProvider());
  const config = loadConfig({
    ...ENV,
    DATABASE_URL: ground.url,
    GITHUB_WEBHOOK_SECRET: SECRET,
    GITHUB_TOKEN: TOKEN,
    GITHUB_API_URL: provider.url,
    GITLAB_API_URL: provider.url,
    BITBUCKET_API_URL: provider.url,
    CONFIG_REPOSITORIES: 'github:acme/models@main',
    PUBLIC_URL: 'https://mlops.example.com/',
    ...env,
  });
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const database = await openDatabase(config.database, logger);
  if (!options.keep) await database.query('TRUNCATE mlops.config_deliveries, mlops.config_polls, mlops.workers');
  const workers = new Workers(database, { connectionString: config.database.url, times: leaseTimes(30), logger });
  await workers.register();
  const listener = new Listener(config.database.url, logger);
  const due = new DueAnnouncements(listener);
  await listener.start();
  const notices: Notice[] = [];
  const api = testApi(
    { gatewaySecret: 'a-secret-of-the-gateway' },
    {
      receive: (...args) => sources.webhooks.receive(...args),
    },
  );
  const sources = startSources({
    config,
    region: 'us-east-1',
    database,
    due,
    worker: workers.self,
    provisioner: api.orchestrator,
    notify: async (notice) => void notices.push(notice),
    ...(options.eventHandlers ? { eventHandlers: options.eventHandlers } : {}),
    logger,
    retry: { firstMs: 20, longestMs: 100, giveUpAfterMs: options.giveUpAfterMs ?? 60_000 },
  });
  if (options.work !== false) sources.work();
  const world: World = {
    database,
    provider,
    api,
    sources,
    notices,
    log,
    folder: ground.path,
    deliveries: async () =>
      (await database.query<DeliveryRow>('SELECT * FROM mlops.config_deliveries ORDER BY id')).rows,
    settled: async () => {
      await until(
        async () => (await world.deliveries()).every(({ status }) => !['Pending', 'Following'].includes(status)),
        'every delivery has ended',
      );
      return await world.deliveries();
    },
    reaches: (status, attempts = 0) =>
      until(
        async () => (await world.deliveries()).some((one) => one.status === status && one.attempts >= attempts),
        `a delivery is ${status}`,
      ),
    provisioned: () =>
      api.orchestrator.calls
        .filter(({ method }) => method === 'provision')
        .map((call): [unknown, unknown] => [call.arguments[0], call.arguments[1]]),
    hearNothing: () => listener.close(),
    another: () => startWorld(ground, env, { ...options, keep: true, provider }),
    stop: async () => {
      await sources.stop();
      await listener.close();
      await workers.close();
      await database.end();
      if (!options.provider) await provider.stop();
    },
  };
  return world;
}

/** The parts of a GitHub push that are used. */
export function githubPush(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ref: 'refs/heads/main',
    before: ZEROS,
    after: COMMIT,
    deleted: false,
    repository: { full_name: 'acme/models', fork: false, pushed_at: 1_767_322_445 },
    ...changes,
  };
}

export function hubSignature(body: string, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Sends a signed webhook of GitHub. */
export function sendGithub(
  { api }: Pick<World, 'api'>,
  payload: unknown,
  headers: Record<string, string> = {},
): request.Test {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return request(api.app)
    .post('/webhooks/github')
    .set({
      'Content-Type': 'application/json',
      'X-GitHub-Event': 'push',
      'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'X-Hub-Signature-256': hubSignature(body),
      ...headers,
    })
    .send(body);
}
