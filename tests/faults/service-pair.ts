/**
 * Two services on one database, one home and one host name: the first is struck by a fault, the second is there to take over.
 * Used by the specs about one writer per stack.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import { processTree, signalTree } from '../support/process-tree.ts';
import { startSharedService } from '../support/service-process.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ACCOUNTS } from '../workflows/support.ts';

const SKEWED_CLOCK = fileURLToPath(new URL('../support/skewed-clock.cjs', import.meta.url));

export const TAKE_OVER_SECONDS = 6;

/** For a service and all its processes: another wall clock; the monotonic one is as it is. */
export function skewedBy(milliseconds: number): Record<string, string> {
  return { CLOCK_SKEW_MS: String(milliseconds), NODE_OPTIONS: `--require ${SKEWED_CLOCK}` };
}

export interface PairSettings {
  databaseUrl: string;
  /** For `SANDBOX_FAULTS`. */
  faults: readonly object[];
  /** How many operations at once; default 2. */
  concurrency?: number;
  /** In PID namespaces of their own, as containers, which takes root; default: in that of the test. */
  apart: boolean;
}

export interface StartedService extends SandboxProcess {
  readonly client: OrchestratorClient;
}

/** A child that works, by the id that it has outside of its namespace. */
export interface WorkingChild {
  stack: string;
  pid: number;
}

export class ServicePair {
  readonly home: string;
  readonly proxy: TcpProxy;
  readonly #settings: PairSettings;
  readonly #removeHome: () => Promise<void>;
  readonly #services: StartedService[] = [];

  private constructor(settings: PairSettings, home: string, removeHome: () => Promise<void>, proxy: TcpProxy) {
    this.#settings = settings;
    this.home = home;
    this.#removeHome = removeHome;
    this.proxy = proxy;
  }

  static async open(settings: PairSettings): Promise<ServicePair> {
    const { path, remove } = await temporaryFolder();
    const { port } = new URL(settings.databaseUrl);
    return new ServicePair(settings, path, remove, await startTcpProxy({ host: '127.0.0.1', port: Number(port) }));
  }

  async close(): Promise<void> {
    for (const { pid } of this.#services) await signalTree(pid, 'SIGKILL');
    await this.proxy.close();
    await this.#removeHome();
  }

  /** @param behindProxy whether the test can cut it off from the database */
  async start(behindProxy: boolean, env: Record<string, string> = {}): Promise<StartedService> {
    const { databaseUrl, faults, concurrency = 2, apart } = this.#settings;
    const url = new URL(databaseUrl);
    if (behindProxy) url.port = String(this.proxy.port);
    const process = await startSharedService(
      {
        DATABASE_URL: url.href,
        SANDBOX_HOME: this.home,
        SANDBOX_SPEED: '0',
        SANDBOX_FAULTS: JSON.stringify(faults),
        MULTI_ACCOUNT: 'Yes',
        DEV_ACCOUNT_ID: ACCOUNTS.dev,
        STAGING_ACCOUNT_ID: ACCOUNTS.staging,
        PROD_ACCOUNT_ID: ACCOUNTS.prod,
        // One person is enough here; who may approve what is the subject of other specs.
        REQUESTER_MAY_APPROVE: 'Yes',
        STAGING_APPROVE_DESTROY: 'No',
        PROD_APPROVE_DESTROY: 'No',
        // The spec asks for several executions at once, again and again.
        RATE_LIMIT_PER_MINUTE: '0',
        WORKER_CONCURRENCY: String(concurrency),
        WORKER_TAKE_OVER_SECONDS: String(TAKE_OVER_SECONDS),
        ...env,
      },
      apart ? { launcher: ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] } : {},
    );
    const service = { ...process, client: new OrchestratorClient(process.url) };
    this.#services.push(service);
    return service;
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.#settings.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async leases(): Promise<{ stack: string; child_pid: number | null }[]> {
    return await this.query('SELECT stack, child_pid FROM mlops.stack_leases');
  }

  /** The children that work on stacks, all of them of one service. */
  async children(service: SandboxProcess): Promise<WorkingChild[]> {
    const outside = new Map<number, number>();
    for (const pid of await processTree(service.pid)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const ids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
      outside.set(Number(ids.at(-1)), pid);
    }
    return (await this.leases()).flatMap(({ stack, child_pid: inside }) =>
      inside === null
        ? []
        : [{ stack, pid: outside.get(inside) ?? assert.fail(`no process ${inside} below ${service.pid}`) }],
    );
  }
}
