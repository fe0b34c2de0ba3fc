/**
 * Who is alive: one heartbeat row per service process, under an id of its own for every start. What a dead process left
 * behind (workflows, leases) is found by its id being no longer among the living.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from './database.ts';
import { isAlive, processStart } from './process-identity.ts';

const HEARTBEAT_MS = 2_000;
/** Seven missed heartbeats: a process that stopped for that long (or lost its database) may be taken over from another host. */
const DEAD_AFTER_SECONDS = 15;

export interface Worker {
  readonly id: string;
  readonly host: string;
}

export class Workers {
  readonly self: Worker = { id: `worker-${randomUUID()}`, host: hostname() };
  readonly #database: Database;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  async register(): Promise<void> {
    const started = (await processStart(process.pid)) ?? '';
    const beat = () =>
      this.#database.query(
        `INSERT INTO mlops.workers (id, host, pid, started) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET heartbeat = now()`,
        [this.self.id, this.self.host, process.pid, started],
      );
    await beat();
    // A missed heartbeat is no fault of its own: the next one is soon, and the database's absence is reported elsewhere.
    this.#timer = setInterval(() => void beat().catch(() => undefined), HEARTBEAT_MS);
  }

  /** Takes the dead off the list and gives the ids of the living. */
  async sweep(): Promise<Set<string>> {
    const { rows } = await this.#database.query<{
      id: string;
      host: string;
      pid: number;
      started: string;
      late: boolean;
    }>(`SELECT id, host, pid, started, heartbeat < now() - make_interval(secs => $1) AS late FROM mlops.workers`, [
      DEAD_AFTER_SECONDS,
    ]);
    const living = new Set([this.self.id]);
    for (const worker of rows) {
      if (worker.id === this.self.id) continue;
      const gone = worker.host === this.self.host ? !(await isAlive(worker.pid, worker.started)) : worker.late;
      if (gone) await this.#database.query('DELETE FROM mlops.workers WHERE id = $1', [worker.id]);
      else living.add(worker.id);
    }
    return living;
  }

  async isLiving(workerId: string): Promise<boolean> {
    return (await this.sweep()).has(workerId);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#database.query('DELETE FROM mlops.workers WHERE id = $1', [this.self.id]).catch(() => undefined);
  }
}
