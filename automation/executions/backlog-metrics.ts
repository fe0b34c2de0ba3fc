/**
 * The backlog as one log line per minute: consumers of the log (in AWS: metric filters for alarms and autoscaling) see queue
 * depth, failures and standstill without querying the service. Every process reports the same values for the whole service,
 * so the maximum of a minute is the value.
 */
import type { Logger } from 'pino';
import type { Database } from '../platform/database.ts';
import { isDatabaseAway } from '../platform/database.ts';
import type { Repetition } from '../platform/polling.ts';
import { repeat } from '../platform/polling.ts';
import { STUCK_AFTER_MINUTES, WORKING_SQL } from './status.ts';

const INTERVAL_MS = 60_000;

/** What a line says under `work`. */
export interface Work {
  /** Executions that were accepted and have not begun. */
  queued: number;
  /** How long the oldest of them has waited; 0 where there is none. */
  oldestQueuedSeconds: number;
  inProgress: number;
  /** In progress without a sign of life for {@link STUCK_AFTER_MINUTES}. */
  stuck: number;
  /** Ended as failed since a minute ago. */
  failed: number;
}

export class BacklogMetrics {
  readonly #database: Database;
  readonly #logger: Logger;
  #lines: Repetition | undefined;

  constructor(database: Database, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  /** Logs now, and again and again. */
  start(): void {
    this.#lines = repeat(
      async () => this.#logger.info({ work: await this.read() }, 'work'),
      INTERVAL_MS,
      (error) => {
        if (!isDatabaseAway(error)) this.#logger.error({ err: error }, 'the work could not be counted');
      },
    );
  }

  async stop(): Promise<void> {
    await this.#lines?.stop();
  }

  async read(): Promise<Work> {
    const { rows } = await this.#database.query<Work>(
      `SELECT count(*) FILTER (WHERE status = 'Queued')::int AS queued,
              coalesce(extract(epoch FROM now() - min(created) FILTER (WHERE status = 'Queued')), 0)::int
                AS "oldestQueuedSeconds",
              count(*) FILTER (WHERE status = 'InProgress')::int AS "inProgress",
              count(*) FILTER (WHERE status = 'InProgress' AND updated < now() - make_interval(mins => $1))::int AS stuck,
              count(*) FILTER (WHERE status = 'Failed')::int AS failed
         FROM mlops.executions
        WHERE status IN ${WORKING_SQL} OR (status = 'Failed' AND updated >= now() - make_interval(secs => $2))`,
      [STUCK_AFTER_MINUTES, INTERVAL_MS / 1000],
    );
    return rows[0] ?? { queued: 0, oldestQueuedSeconds: 0, inProgress: 0, stuck: 0, failed: 0 };
  }
}
