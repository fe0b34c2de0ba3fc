/**
 * Polls remotes without webhooks for their newest commit. How far each has been read is stored in the database, so a restart
 * provisions nothing again, and only one of several processes polls at a time.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../../platform/database.ts';
import { inTransaction, isDatabaseAway } from '../../platform/database.ts';
import type { Repetition } from '../../platform/polling.ts';
import { repeat } from '../../platform/polling.ts';
import type { AllowedRepository } from '../../config/source-settings.ts';
import type { Deliveries } from '../deliveries.ts';
import type { GitCommand } from '../providers/git-command.ts';
import { newestCommit } from '../providers/git.ts';
import type { Notify } from '../outcome.ts';
import { pollNotice } from '../outcome.ts';
import { CONFIG_FILE, branchTarget } from '../source.ts';

/** One failure may be a restart of the server; three in a row are reported. */
const FAILURES_BEFORE_NOTICE = 3;

export interface GitPollerDependencies {
  git: GitCommand;
  /** Others than `git:` are left out. */
  repositories: readonly AllowedRepository[];
  pollSeconds: number;
  database: Database;
  deliveries: Deliveries;
  notify: Notify;
  wake: () => void;
  logger: Logger;
}

interface PollRow {
  last_commit: string | null;
  failures: number;
}

export class GitPoller {
  readonly #parts: GitPollerDependencies;
  #loops: Repetition[] = [];

  constructor(parts: GitPollerDependencies) {
    this.#parts = parts;
  }

  /** One loop a remote: a slow one does not keep the others waiting. */
  start(): void {
    const remotes = this.#parts.repositories.filter(({ source }) => source === 'git');
    this.#loops = remotes.map((remote) => this.#loop(remote));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  #loop(remote: AllowedRepository): Repetition {
    const target = branchTarget('git', remote.repository, remote.branch);
    // Checked more often than it is due: another process may have polled last, at another time.
    const pauseMs = Math.max(250, (this.#parts.pollSeconds * 1_000) / 4);
    return repeat(
      (signal) => this.#pollIfDue(target, remote, signal),
      pauseMs,
      (error) => {
        if (!isDatabaseAway(error)) this.#parts.logger.error({ err: error, target }, 'a remote could not be polled');
      },
    );
  }

  async #pollIfDue(target: string, { repository, branch }: AllowedRepository, signal: AbortSignal): Promise<void> {
    const { git, database, pollSeconds } = this.#parts;
    const { rows } = await database.query<PollRow>(
      `INSERT INTO mlops.config_polls AS poll (target, next_poll) VALUES ($1, now() + $2 * interval '1 second')
       ON CONFLICT (target) DO UPDATE SET next_poll = excluded.next_poll WHERE poll.next_poll <= now()
       RETURNING last_commit, failures`,
      [target, pollSeconds],
    );
    const [poll] = rows;
    if (!poll) return;
    let commit: string;
    try {
      commit = await newestCommit(git, repository, branch);
    } catch (error) {
      if (!signal.aborted) await this.#failed(target, poll.failures + 1, error as Error);
      return;
    }
    await this.#found(target, { repository, branch }, poll, commit);
  }

  /** The commit is recorded and delivered in one transaction, as a compare-and-set on the commit seen before. */
  async #found(
    target: string,
    branch: Pick<AllowedRepository, 'repository' | 'branch'>,
    { last_commit: before }: PollRow,
    commit: string,
  ): Promise<void> {
    const { database, deliveries, wake } = this.#parts;
    const isNew = await inTransaction(database, async (transaction) => {
      const { rowCount } = await transaction.query(
        `UPDATE mlops.config_polls SET last_commit = $2, failures = 0
          WHERE target = $1 AND last_commit IS NOT DISTINCT FROM $3`,
        [target, commit, before],
      );
      if (rowCount !== 1 || commit === before) return false;
      const place = { ...branch, path: CONFIG_FILE };
      return await deliveries.accept(
        { source: 'git', deliveryId: randomUUID(), target, revision: commit, place },
        transaction,
      );
    });
    if (isNew) wake();
  }

  async #failed(target: string, failures: number, error: Error): Promise<void> {
    const { database, notify, logger } = this.#parts;
    logger.warn({ target, failures, reason: error.message }, 'a remote could not be asked for its newest commit');
    await database.query('UPDATE mlops.config_polls SET failures = $2 WHERE target = $1', [target, failures]);
    if (failures === FAILURES_BEFORE_NOTICE) await notify(pollNotice(target, failures, error.message));
  }
}
