/**
 * What waits, runs or deserves a look in the whole installation, for `GET /metrics`. Counted by the database, so that every
 * process gives the same figures: dashboards take the highest. While they cannot be counted, they are left out.
 */
import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { Metric } from 'prom-client';
import type { Database } from '../platform/database.ts';
import { Cached, FOR_METRICS } from '../platform/cached.ts';
import type { BacklogMetrics, Work } from './backlog-metrics.ts';

interface Counts {
  work: Work;
  rest: { approvals: number; approvalAge: number; drifted: number; undelivered: number };
  operations: { host: string; count: number }[];
}

export class BacklogGauges {
  readonly #database: Database;
  readonly #backlog: Pick<BacklogMetrics, 'read'>;
  readonly #logger: Logger;
  readonly #queued = this.#gauge('mlops_executions_queued', 'Executions that were accepted and have not begun.');
  readonly #age = this.#gauge('mlops_queue_age_seconds', 'How long the oldest queued execution has waited.');
  readonly #stuck = this.#gauge('mlops_executions_stuck', 'Executions in progress without a sign of life.');
  readonly #approvals = this.#gauge('mlops_approvals_pending', 'Executions that wait for an approval.');
  readonly #approvalAge = this.#gauge(
    'mlops_approval_age_seconds',
    'How long the oldest approval has been waited for.',
  );
  readonly #drifted = this.#gauge('mlops_stacks_drifted', 'Stacks whose latest finished check found drift.');
  readonly #undelivered = this.#gauge('mlops_notifications_undelivered', 'Notifications that are not delivered yet.');
  readonly #operations = this.#gauge('mlops_stack_operations', 'Stack operations in progress, by host of the worker.', [
    'host',
  ]);
  readonly #single = [
    this.#queued,
    this.#age,
    this.#stuck,
    this.#approvals,
    this.#approvalAge,
    this.#drifted,
    this.#undelivered,
  ];
  /** Registered with the metrics registry of the process that serves them. */
  readonly all: readonly Metric[] = [...this.#single, this.#operations];
  readonly #counts: Cached<Counts>;
  #refreshing: Promise<void> | undefined;

  constructor(database: Database, backlog: Pick<BacklogMetrics, 'read'>, logger: Logger) {
    this.#database = database;
    this.#backlog = backlog;
    this.#logger = logger;
    this.#counts = new Cached(async () => {
      const [work, rest, operations] = await Promise.all([this.#backlog.read(), this.#rest(), this.#running()]);
      return { work, rest, operations };
    }, FOR_METRICS);
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [], collect: () => this.#refresh() });
  }

  /** Once for all gauges of a scrape. */
  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#count().finally(() => (this.#refreshing = undefined));
    await this.#refreshing;
  }

  async #count(): Promise<void> {
    try {
      const { work, rest, operations } = await this.#counts.get();
      this.#queued.set(work.queued);
      this.#age.set(work.oldestQueuedSeconds);
      this.#stuck.set(work.stuck);
      this.#approvals.set(rest.approvals);
      this.#approvalAge.set(rest.approvalAge);
      this.#drifted.set(rest.drifted);
      this.#undelivered.set(rest.undelivered);
      this.#operations.reset();
      for (const { host, count } of operations) this.#operations.set({ host }, count);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the work could not be counted for the metrics');
      // A value of some minutes ago would look like one of now.
      for (const gauge of this.#single) gauge.remove();
      this.#operations.reset();
    }
  }

  async #rest(): Promise<Counts['rest']> {
    const { rows } = await this.#database.query<Counts['rest']>(
      `SELECT waiting.count AS approvals, waiting.age AS "approvalAge",
              (SELECT count(*)::int FROM (SELECT DISTINCT ON (stack) status FROM mlops.drift_checks
                                           WHERE status IN ('InSync', 'Drifted') ORDER BY stack, ordinal DESC) latest
                WHERE latest.status = 'Drifted') AS drifted,
              (SELECT count(*)::int FROM mlops.notifications WHERE delivery = 'pending') AS undelivered
         FROM (SELECT count(*)::int AS count, coalesce(extract(epoch FROM now() - min(updated)), 0)::float8 AS age
                 FROM mlops.executions WHERE status = 'AwaitingApproval') waiting`,
    );
    return rows[0] ?? { approvals: 0, approvalAge: 0, drifted: 0, undelivered: 0 };
  }

  async #running(): Promise<Counts['operations']> {
    const { rows } = await this.#database.query<{ host: string; count: number }>(
      'SELECT host, count(*)::int AS count FROM mlops.stack_leases GROUP BY host',
    );
    return rows;
  }
}
