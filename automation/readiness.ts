/**
 * What `GET /readyz` reports: database, engine, disk space of a local state backend, and the log. Anyone inside the network
 * may ask at any rate, so that callers at the same time share one check.
 */
import { fileURLToPath } from 'node:url';
import type { Config } from './config/config.ts';
import type { EngineInUse } from './engine/installed-engine.ts';
import type { Readiness } from './model.ts';
import type { Database } from './platform/database.ts';
import type { LogState } from './platform/log-destination.ts';
import { within } from './platform/within.ts';
import { whyNotWritable } from './platform/writable-folder.ts';

/** Load balancers wait 5 s for the answer; a server that hangs would be waited for longer. */
const PATIENCE_MS = 3_000;

export interface ReadinessParts {
  config: { engine: Pick<Config['engine'], 'backendUrl'> };
  database: Pick<Database, 'query'>;
  engine: Pick<EngineInUse, 'state'>;
  /** Whether the log can be written. */
  log: () => LogState;
}

export class ReadinessChecks {
  readonly #parts: ReadinessParts;
  #checking: Promise<Readiness> | undefined;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  async check(): Promise<Readiness> {
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    return await this.#checking;
  }

  async #check(): Promise<Readiness> {
    const [database, engine, state] = await Promise.all([
      this.#database(),
      this.#parts.engine.state(),
      this.#stateFolder(),
    ]);
    const required = { database, engine, ...state };
    // Requests are served even if the log cannot be written, but the operators have to know.
    const checks = { ...required, log: this.#parts.log() };
    return { ready: Object.values(required).every((check) => check.ok), checks };
  }

  async #database(): Promise<Readiness['checks'][string]> {
    return await within(PATIENCE_MS, 'The database', this.#parts.database.query('SELECT 1')).then(
      () => ({ ok: true }),
      (error: Error) => ({ ok: false, detail: error.message }),
    );
  }

  /** Other backends report problems in operations. */
  async #stateFolder(): Promise<Readiness['checks']> {
    const { backendUrl = '' } = this.#parts.config.engine;
    if (!backendUrl.startsWith('file:///')) return {};
    const reason = await whyNotWritable(fileURLToPath(backendUrl));
    return {
      state:
        reason === undefined ? { ok: true } : { ok: false, detail: `The stack states cannot be saved (${reason}).` },
    };
  }
}
