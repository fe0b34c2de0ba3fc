/**
 * Delivers stored notifications to the topic: each at least once, those of one pipeline in order. Any number of processes may
 * do so on one database: each claims a row for the duration of a publication.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../platform/database.ts';
import { isDatabaseAway } from '../platform/database.ts';
import { storableText } from '../platform/storable.ts';
import type { Repetition } from '../platform/polling.ts';
import { repeat } from '../platform/polling.ts';
import type { NotificationRow } from './notification-log.ts';
import type { Publisher } from './publisher.ts';

/** What is stored is announced, and a retry has its timer: this is for announcements that were lost, and for dead processes. */
const LOOK_EVERY_MS = 30_000;
/** Between two looks while the database cannot be reached. */
const RETRY_MS = 3_000;
/** Longer than a publication can take with its timeouts (sns.ts). */
const CLAIM_SECONDS = 60;
/** Between attempts: 2 s, 4 s, 8 s … up to this. */
const LONGEST_PAUSE_SECONDS = 900;
/** After this many failures it no longer blocks later ones of its pipeline. */
const HOLDS_UP = 5;
/** Older messages are dropped: the topic does not exist, or access to it is denied. */
const GIVE_UP_AFTER_HOURS = 72;

export interface DeliverySettings {
  /** Empty: notifications are stored and logged only. */
  topicArn: string;
  /** Called once, when the first notification is due. */
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

  /** Delivers due notifications now and periodically, until it is stopped. */
  start(): void {
    this.#running ??= repeat(
      () => this.deliverDue(),
      LOOK_EVERY_MS,
      (error) => {
        // Nothing is lost: notifications not marked as delivered are due again.
        const level = isDatabaseAway(error) ? 'debug' : 'error';
        this.#logger[level]({ err: error }, 'notifications could not be delivered, and are tried again');
        this.#running?.wakeIn(RETRY_MS);
      },
    );
  }

  /** A notification was stored: delivers it now. */
  wake(): void {
    this.#running?.wake();
  }

  /** Waits for the publication in progress. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running?.stop();
    const publisher = await this.#publisher?.catch(() => undefined);
    publisher?.close();
  }

  /** Delivers what is due. @returns the number of notifications handled */
  async deliverDue(): Promise<number> {
    let count = 0;
    while (!this.#ending.signal.aborted && (await this.#deliverNext())) count++;
    return count;
  }

  /** @returns whether there was one */
  async #deliverNext(): Promise<boolean> {
    const row = await this.#claimNext();
    if (!row) return false;
    if (this.#settings.topicArn === '') await this.#keep(row);
    else await this.#deliver(row);
    return true;
  }

  /** Claims the next one that is due; claims expire, so that a stopped process does not block any. */
  async #claimNext(): Promise<NotificationRow | undefined> {
    const { rows } = await this.#database.query<NotificationRow>(
      `UPDATE mlops.notifications SET claim = $2, claimed_until = now() + make_interval(secs => $3)
        WHERE id = (
          SELECT id FROM mlops.notifications due
           WHERE delivery = 'pending' AND next_attempt <= now() AND (claimed_until IS NULL OR claimed_until <= now())
             AND NOT EXISTS (
               SELECT 1 FROM mlops.notifications earlier
                WHERE earlier.pipeline_id = due.pipeline_id AND earlier.id < due.id
                  AND earlier.delivery = 'pending' AND earlier.attempts < $1)
           ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING *`,
      [HOLDS_UP, randomUUID(), CLAIM_SECONDS],
    );
    return rows[0];
  }

  async #keep(row: NotificationRow): Promise<void> {
    this.#logger.info({ ...aboutOf(row), message: row.message }, row.subject);
    await this.#end(row, `delivery = 'stored'`);
  }

  async #deliver(row: NotificationRow): Promise<void> {
    const { topicArn } = this.#settings;
    const { subject, message } = row;
    try {
      const publisher = await this.#loaded();
      await publisher.publish({ topicArn, subject, message, attributes: aboutOf(row) });
    } catch (error) {
      await this.#postpone(row, error);
      return;
    }
    this.#logger.debug({ ...aboutOf(row), topicArn }, 'a notification was delivered');
    await this.#end(row, `delivery = 'delivered', delivered = now(), last_error = NULL`);
  }

  async #postpone(row: NotificationRow, error: unknown): Promise<void> {
    const pause = Math.min(2 ** (row.attempts + 1), LONGEST_PAUSE_SECONDS);
    const { name, message } = error as Error;
    const after = await this.#end(
      row,
      `attempts = attempts + 1, next_attempt = now() + make_interval(secs => $3), last_error = $4,
       delivery = CASE WHEN coalesce(resent, at) < now() - make_interval(hours => $5) THEN 'undeliverable' ELSE 'pending' END`,
      [pause, storableText(`${name}: ${message}`.slice(0, 1_000)), GIVE_UP_AFTER_HOURS],
    );
    this.#running?.wakeIn(pause * 1_000);
    const { delivery, attempts } = after ?? row;
    const about = { ...aboutOf(row), topicArn: this.#settings.topicArn, attempts, err: error };
    if (delivery === 'undeliverable') this.#logger.error(about, 'a notification cannot be delivered and is given up');
    else this.#logger.warn({ ...about, againInSeconds: pause }, 'a notification could not be delivered');
  }

  /** Records the outcome of a notification, unless its claim has passed to another process. */
  async #end(
    { id, claim }: NotificationRow,
    changes: string,
    values: unknown[] = [],
  ): Promise<NotificationRow | undefined> {
    const { rows } = await this.#database.query<NotificationRow>(
      `UPDATE mlops.notifications SET ${changes}, claim = NULL, claimed_until = NULL WHERE id = $1 AND claim = $2 RETURNING *`,
      [id, claim, ...values],
    );
    return rows[0];
  }

  async #loaded(): Promise<Publisher> {
    this.#publisher ??= this.#settings.publisher();
    return await this.#publisher.catch((error: unknown) => {
      this.#publisher = undefined;
      throw error;
    });
  }
}

/** Attributes for subscription filters; also logged. */
function aboutOf({ id, kind, pipeline_id, execution_id, environment }: NotificationRow): Record<string, string> {
  return {
    notificationId: id,
    kind,
    ...(pipeline_id ? { pipelineId: pipeline_id } : {}),
    ...(execution_id ? { executionId: execution_id } : {}),
    ...(environment ? { environment } : {}),
  };
}
