/**
 * One operation per stack at a time, across all workers: a row per stack, fenced by a token. The lease of a worker that ended is
 * taken over; unless its operation is proven to have ended too, its token is passed on so that its AWS session is fenced.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './database.ts';
import { OrchestratorError } from '../errors.ts';
import { endSession } from './process-identity.ts';
import type { WorkerEnd, Workers } from './workers.ts';
import { storableJson } from './storable.ts';

export interface Lease {
  readonly stack: string;
  /** Token of this acquisition: no other holder can release it, or record anything under it. */
  readonly token: string;
  /**
   * Part of the name of the AWS session of the operation. It increases each time a successor takes over from a holder whose
   * operation is not proven to have ended.
   */
  readonly fencingToken: number;
  /** True if the lease was taken over from a holder that died with it: the stack needs recovery first. */
  readonly afterDeath: boolean;
  /** Fencing tokens of former holders whose operations may still be running: their sessions must be fenced before recovery. */
  readonly unfenced: readonly number[];
  /** What former holders had begun to create without learning the outcome, as passed to {@link Leases.abandon}. */
  readonly uncertain: readonly unknown[];
}

interface LeaseRow {
  token: string;
  fencing_token: number;
  holder: string;
  worker_id: string;
  space: string;
  child_pid: number | null;
  child_started: string | null;
  unfenced: number[];
  uncertain: unknown[];
}

/** Interval between two attempts while another holder has the stack. */
const ACQUIRE_POLL_MS = 100;

/** In milliseconds; may depend on who holds the lease. */
export type Patience = number | ((holder: string) => number);

export class Leases {
  readonly #database: Database;
  readonly #workers: Workers;
  /** Tokens of the leases that this process works under, or is about to: from before they are acquired until they are given back. */
  readonly #inUse = new Set<string>();

  constructor(database: Database, workers: Workers) {
    this.#database = database;
    this.#workers = workers;
  }

  /**
   * Acquires the lease of a stack, waiting for its current holder, and first for this worker's heartbeats to be confirmed.
   * @param holder unique, and shown to others that wait: an execution id, or `preview` and an id
   * @param patienceMs how long to wait for the current holder, in milliseconds
   * @throws OrchestratorError `PIPELINE_BUSY` after `patienceMs`, naming the holder
   */
  async acquire(stack: string, holder: string, patienceMs: Patience): Promise<Lease> {
    await this.#workers.confirmed();
    const token = randomUUID();
    this.#inUse.add(token);
    try {
      return await this.#acquire(stack, holder, token, patienceMs);
    } catch (error) {
      this.#inUse.delete(token);
      throw error;
    }
  }

  async #acquire(stack: string, holder: string, token: string, patienceMs: Patience): Promise<Lease> {
    const { id, host } = this.#workers.self;
    const patience = typeof patienceMs === 'number' ? () => patienceMs : patienceMs;
    for (const begun = performance.now(); ;) {
      const { rows } = await this.#database.query<{ fencing_token: number }>(
        `INSERT INTO mlops.stack_leases (stack, token, holder, worker_id, host, space, fencing_token)
         SELECT $1, $2, $3, $4, $5, $6, coalesce((SELECT token FROM mlops.fencing_tokens WHERE stack = $1), 0)
         ON CONFLICT (stack) DO NOTHING RETURNING fencing_token`,
        [stack, token, holder, id, host, this.#workers.space],
      );
      const [mine] = rows;
      if (mine)
        return { stack, token, fencingToken: mine.fencing_token, afterDeath: false, unfenced: [], uncertain: [] };
      const current = await this.#holder(stack);
      const end = current && (await this.#endOf(current, holder));
      if (current && end) {
        const lease = await this.#takeOver(stack, current, end, token, holder);
        if (lease) return lease;
        continue;
      }
      if (performance.now() >= begun + patience(current?.holder ?? '')) {
        throw new OrchestratorError(
          'PIPELINE_BUSY',
          `Stack ${stack} is in use by ${current?.holder ?? 'another operation'}. Try again when that has ended.`,
          { retryAfterSeconds: 5 },
        );
      }
      await delay(ACQUIRE_POLL_MS);
    }
  }

  /** Records the child that runs under the lease, so that a successor can end it. */
  async recordChild(lease: Lease, pid: number, started: string): Promise<void> {
    await this.#database.query(
      'UPDATE mlops.stack_leases SET child_pid = $3, child_started = $4 WHERE stack = $1 AND token = $2',
      [lease.stack, lease.token, pid, started],
    );
  }

  /** Records that no former holder can write any more. */
  async recordFenced(lease: Lease): Promise<void> {
    await this.#database.query(`UPDATE mlops.stack_leases SET unfenced = '{}' WHERE stack = $1 AND token = $2`, [
      lease.stack,
      lease.token,
    ]);
  }

  /** @returns whether the lease was still ours; if not, a successor has it and what we did must not be recorded. */
  async release(lease: Lease): Promise<boolean> {
    return await this.#giveBack(lease, 'DELETE FROM mlops.stack_leases WHERE stack = $1 AND token = $2');
  }

  /**
   * Releases the lease after an interrupted operation that has ended: the next holder must recover the stack.
   * @param uncertain what the operation had begun to create without learning the outcome, for the next holder, in plain JSON.
   *   What former holders have left is kept as well: whether it was recovered is not known.
   */
  async abandon(lease: Lease, uncertain: readonly unknown[] = []): Promise<boolean> {
    return await this.#giveBack(
      lease,
      `UPDATE mlops.stack_leases SET holder = '', worker_id = '', uncertain = uncertain || $3::jsonb
        WHERE stack = $1 AND token = $2`,
      storableJson(uncertain),
    );
  }

  async #giveBack({ stack, token }: Lease, statement: string, ...more: string[]): Promise<boolean> {
    try {
      const { rowCount } = await this.#database.query(statement, [stack, token, ...more]);
      return rowCount === 1;
    } finally {
      this.#inUse.delete(token);
    }
  }

  async #holder(stack: string): Promise<LeaseRow | undefined> {
    const { rows } = await this.#database.query<LeaseRow>('SELECT * FROM mlops.stack_leases WHERE stack = $1', [stack]);
    return rows[0];
  }

  /**
   * How the holder ended; undefined while it must be presumed alive. If the same execution asks again *in this process*, its
   * previous attempt has ended without a release, unless it still works: a workflow that is resumed here may find itself here,
   * waiting since its operation was cut off and went to another process, which has died too.
   */
  async #endOf(current: LeaseRow, holder: string): Promise<WorkerEnd | undefined> {
    if (current.worker_id === '') return 'stopped';
    if (current.worker_id === this.#workers.self.id) {
      return current.holder === holder && !this.#inUse.has(current.token) ? 'gone' : undefined;
    }
    return await this.#workers.endOf(current.worker_id);
  }

  /** @returns undefined if another successor was faster */
  async #takeOver(
    stack: string,
    former: LeaseRow,
    end: WorkerEnd,
    token: string,
    holder: string,
  ): Promise<Lease | undefined> {
    const { id, host } = this.#workers.self;
    const isHere = former.space !== '' && former.space === this.#workers.space && end !== 'silent';
    const { child_pid: pid, child_started: started } = former;
    const childEnded = isHere && (pid === null || started === null || (await endSession(pid, started)));
    // A worker ends its children before it reports that it has stopped.
    const isProven = end === 'stopped' || childEnded;
    const unfenced = isProven ? former.unfenced : [...former.unfenced, former.fencing_token];
    const fencingToken = former.fencing_token + (isProven ? 0 : 1);
    const { rowCount } = await this.#database.query(
      `WITH taken AS (
         UPDATE mlops.stack_leases
            SET token = $3, holder = $4, worker_id = $5, host = $6, space = $7, unfenced = $8, fencing_token = $9,
                child_pid = NULL, child_started = NULL, acquired = now()
          WHERE stack = $1 AND token = $2 RETURNING stack, fencing_token
       ), raised AS (
         INSERT INTO mlops.fencing_tokens (stack, token) SELECT stack, fencing_token FROM taken WHERE fencing_token > 0
         ON CONFLICT (stack) DO UPDATE SET token = excluded.token
       )
       SELECT 1 FROM taken`,
      [stack, former.token, token, holder, id, host, this.#workers.space, unfenced, fencingToken],
    );
    const { uncertain } = former;
    return rowCount === 1 ? { stack, token, fencingToken, afterDeath: true, unfenced, uncertain } : undefined;
  }
}
