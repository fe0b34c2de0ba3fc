/**
 * Announces through PostgreSQL that stored work is due, so that the loops that do it may look for it rarely: a service at rest
 * costs what its looking costs. Announcements may be lost with a connection; the loops look by themselves as well.
 */
import type { Database } from './database.ts';
import type { Listener } from './listener.ts';

const CHANNEL = 'mlops_due';

/** What is stored to be done later: configuration to process, notifications to publish. The payload of an announcement. */
export type DueWork = 'deliveries' | 'notifications';

/** @param database the transaction that stores it: it is announced when that is committed */
export async function announceDue(database: Pick<Database, 'query'>, work: DueWork): Promise<void> {
  await database.query('SELECT pg_notify($1, $2)', [CHANNEL, work]);
}

export class DueAnnouncements {
  readonly #wakes: { work: DueWork; wake: () => void }[] = [];

  /** @param listener not yet started */
  constructor(listener: Pick<Listener, 'subscribe'>) {
    listener.subscribe(CHANNEL, (work) => {
      for (const one of this.#wakes) if (work === undefined || work === one.work) one.wake();
    });
  }

  /** @param wake called when work of this kind was announced, and when an announcement may have been lost */
  on(work: DueWork, wake: () => void): void {
    this.#wakes.push({ work, wake });
  }

  /** For work that became due without an announcement: its worker has died. */
  wakeAll(): void {
    for (const { wake } of this.#wakes) wake();
  }
}
