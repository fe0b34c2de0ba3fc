/**
 * Delivers stored notifications to the topic: at least once each, those of one pipeline in their order. Any number of
 * processes may do so on one database: a row is locked while it is delivered, and the lock goes with the process.
 */
import type { Logger } from 'pino';
import type { Database, Transaction } from '../platform/database.ts';
import { inTransaction, isDatabaseAway } from '../platform/database.ts';
import type { Repetition } from '../platform/polling.ts';
import { repeat } from '../platform/polling.ts';
import type { NotificationRow } from './notification-log.ts';
import type { Publisher } from './publisher.ts';

const LOOK_EVERY_MS = 1_000;
/** Between attempts: 2 s, 4 s, 8 s … up to this. */
const LONGEST_PAUSE_SECONDS = 900;
/** One that fails this often no longer holds up the later ones of its pipeline. */
const HOLDS_UP = 5;
/** What is older is news to nobody: the topic is wrong, or may not be used. */
const GIVE_UP_AFTER_HOURS = 72;

export interface DeliverySettings {
  /** Empty: notifications are stored and logged only. */
  topicArn: string;
  /** Asked for once, when the first notification is due. */
  publisher: () => Promise<Publisher>;
}

export class NotificationDelivery {
  readonly #database: Database;
  readonly #settings: DeliverySettings;
  readonly #logger: Logger;
  readonly #ending = new AbortController();
  #running: Repetition | undefined;
  #publisher: Promise<Publisher> | undefined;

  constructor(database: Database, settings: DeliverySettings, logger: Logger) {
    this.#database = database;
    this.#settings = settings;
    this.#logger = logger;
  }

  /** Looks for what is due now, and again and again until it is stopped. */
  start(): void {
    this.#running ??= repeat(
      () => this.deliverDue(),
      LOOK_EVERY_MS,
      (error) => {
        // Nothing was lost: what was not marked as delivered is due again.
        const level = isDatabaseAway(error) ? 'debug' : 'error';
        this.#logger[level]({ err: error }, 'notifications could not be delivered, and are tried again');
      },
    );
  }

  /** Waits for the publication that is under way. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running?.stop();
    const publisher = await this.#publisher?.catch(() => undefined);
    publisher?.close();
  }

  /** Delivers what is due. @returns how many notifications it had to do with */
  async deliverDue(): Promise<number> {
    let count = 0;
    while (!this.#ending.signal.aborted && (await this.#deliverNext())) count++;
    return count;
  }

  /** @returns whether there was one */
  async #deliverNext(): Promise<boolean> {
    return await inTransaction(this.#database, async (transaction) => {
      const { rows } = await transaction.query<NotificationRow>(
        `SELECT * FROM mlops.notifications due
          WHERE delivery = 'pending' AND next_attempt <= now()
            AND NOT EXISTS (
              SELECT 1 FROM mlops.notifications earlier
               WHERE earlier.pipeline_id = due.pipeline_id AND earlier.id < due.id
                 AND earlier.delivery = 'pending' AND earlier.attempts < $1)
          ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [HOLDS_UP],
      );
      const [row] = rows;
      if (!row) return false;
      if (this.#settings.topicArn === '') await this.#keep(transaction, row);
      else await this.#deliver(transaction, row);
      return true;
    });
  }

  async #keep(transaction: Transaction, row: NotificationRow): Promise<void> {
    this.#logger.info({ ...aboutOf(row), message: row.message }, row.subject);
    await transaction.query(`UPDATE mlops.notifications SET delivery = 'stored' WHERE id = $1`, [row.id]);
  }

  async #deliver(transaction: Transaction, row: NotificationRow): Promise<void> {
    const { topicArn } = this.#settings;
    const { subject, message } = row;
    try {
      const publisher = await this.#loaded();
      await publisher.publish({ topicArn, subject, message, attributes: aboutOf(row) });
    } catch (error) {
      await this.#postpone(transaction, row, error);
      return;
    }
    this.#logger.debug({ ...aboutOf(row), topicArn }, 'a notification was delivered');
    await transaction.query(
      `UPDATE mlops.notifications SET delivery = 'delivered', delivered = now(), last_error = NULL WHERE id = $1`,
      [row.id],
    );
  }

  async #postpone(transaction: Transaction, row: NotificationRow, error: unknown): Promise<void> {
    const pause = Math.min(2 ** (row.attempts + 1), LONGEST_PAUSE_SECONDS);
    const { name, message } = error as Error;
    const { rows } = await transaction.query<Pick<NotificationRow, 'delivery' | 'attempts'>>(
      `UPDATE mlops.notifications
          SET attempts = attempts + 1, next_attempt = now() + make_interval(secs => $2), last_error = $3,
              delivery = CASE WHEN at < now() - make_interval(hours => $4) THEN 'undeliverable' ELSE 'pending' END
        WHERE id = $1 RETURNING delivery, attempts`,
      [row.id, pause, `${name}: ${message}`.slice(0, 1_000), GIVE_UP_AFTER_HOURS],
    );
    const { delivery, attempts } = rows[0] ?? {};
    const about = { ...aboutOf(row), topicArn: this.#settings.topicArn, attempts, err: error };
    if (delivery === 'undeliverable') this.#logger.error(about, 'a notification cannot be delivered and is given up');
    else this.#logger.warn({ ...about, againInSeconds: pause }, 'a notification could not be delivered');
  }

  async #loaded(): Promise<Publisher> {
    this.#publisher ??= this.#settings.publisher();
    return await this.#publisher.catch((error: unknown) => {
      this.#publisher = undefined;
      throw error;
    });
  }
}

/** What subscriptions can be filtered by; also in the log. */
function aboutOf({ id, kind, pipeline_id, execution_id, environment }: NotificationRow): Record<string, string> {
  return {
    notificationId: id,
    kind,
    ...(pipeline_id ? { pipelineId: pipeline_id } : {}),
    ...(execution_id ? { executionId: execution_id } : {}),
    ...(environment ? { environment } : {}),
  };
}
