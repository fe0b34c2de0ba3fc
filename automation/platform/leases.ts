/**
 * One operation per stack at a time, whoever runs it: a row per stack, fenced by a token. The lease of a dead process is
 * taken over once that process, and the child that worked for it, are proven dead.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './database.ts';
import { OrchestratorError } from '../errors.ts';
import { killGroup } from './process-identity.ts';
import type { Workers } from './workers.ts';

export interface Lease {
  readonly stack: string;
  readonly token: string;
  /** True when the lease was taken over from somebody who died over it: the stack needs recovery first. */
  readonly afterDeath: boolean;
}

interface LeaseRow {
  token: string;
  holder: string;
  worker_id: string;
  host: string;
  child_pid: number | null;
  child_started: string | null;
}

const LOOK_AGAIN_MS = 100;

export class Leases {
  readonly #database: Database;
  readonly #workers: Workers;

  constructor(database: Database, workers: Workers) {
    this.#database = database;
    this.#workers = workers;
  }

  /**
   * Takes the lease of a stack, waiting for whoever holds it.
   * @param holder named to others who ask, and unique: an execution id, or `preview` and an id
   * @throws OrchestratorError `PIPELINE_BUSY` after `patienceMs`, naming the holder
   */
  async acquire(stack: string, holder: string, patienceMs: number): Promise<Lease> {
    const token = randomUUID();
    const { id, host } = this.#workers.self;
    for (const deadline = Date.now() + patienceMs; ;) {
      const { rowCount } = await this.#database.query(
        `INSERT INTO mlops.stack_leases (stack, token, holder, worker_id, host) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (stack) DO NOTHING`,
        [stack, token, holder, id, host],
      );
      if (rowCount === 1) return { stack, token, afterDeath: false };
      const current = await this.#holder(stack);
      if (current && (await this.#isDead(current, holder))) {
        if (await this.#takeOver(stack, current, token, holder)) return { stack, token, afterDeath: true };
        continue;
      }
      if (Date.now() >= deadline) {
        throw new OrchestratorError(
          'PIPELINE_BUSY',
          `Stack ${stack} is being worked on by ${current?.holder ?? 'another operation'}. Try again when that has ended.`,
          { retryAfterSeconds: 5 },
        );
      }
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** Records the child that works under the lease, so that whoever takes over can make sure that it is gone. */
  async recordChild(lease: Lease, pid: number, started: string): Promise<void> {
    await this.#database.query(
      'UPDATE mlops.stack_leases SET child_pid = $3, child_started = $4 WHERE stack = $1 AND token = $2',
      [lease.stack, lease.token, pid, started],
    );
  }

  /** @returns whether the lease was still ours; if not, somebody took over and what we did must not be recorded. */
  async release(lease: Lease): Promise<boolean> {
    const { rowCount } = await this.#database.query('DELETE FROM mlops.stack_leases WHERE stack = $1 AND token = $2', [
      lease.stack,
      lease.token,
    ]);
    return rowCount === 1;
  }

  /**
   * Gives the lease up after an operation that was cut off: whoever takes it next is told that the stack needs recovery.
   */
  async abandon(lease: Lease): Promise<boolean> {
    const { rowCount } = await this.#database.query(
      `UPDATE mlops.stack_leases SET holder = '', worker_id = '' WHERE stack = $1 AND token = $2`,
      [lease.stack, lease.token],
    );
    return rowCount === 1;
  }

  async #holder(stack: string): Promise<LeaseRow | undefined> {
    const { rows } = await this.#database.query<LeaseRow>('SELECT * FROM mlops.stack_leases WHERE stack = $1', [stack]);
    return rows[0];
  }

  /** The same execution asking again in this process means that its former attempt ended without a release. */
  async #isDead(current: LeaseRow, holder: string): Promise<boolean> {
    if (current.holder === holder) return true;
    return !(await this.#workers.isLiving(current.worker_id));
  }

  async #takeOver(stack: string, dead: LeaseRow, token: string, holder: string): Promise<boolean> {
    const { id, host } = this.#workers.self;
    if (dead.host === host && dead.child_pid && dead.child_started) await killGroup(dead.child_pid, dead.child_started);
    const { rowCount } = await this.#database.query(
      `UPDATE mlops.stack_leases
          SET token = $3, holder = $4, worker_id = $5, host = $6, child_pid = NULL, child_started = NULL, acquired = now()
        WHERE stack = $1 AND token = $2`,
      [stack, dead.token, token, holder, id, host],
    );
    return rowCount === 1;
  }
}
