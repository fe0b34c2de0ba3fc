/**
 * Starts queued workflows at once, in any process that works. DBOS only polls its queues, and polling often enough costs
 * processor time for as long as nothing happens: what is queued is announced through PostgreSQL instead, and a slow poll
 * remains behind it. The intervals of DBOS' own upkeep have no settings, so that this file, and no other, uses members of
 * DBOS that its types hide; the version is pinned, and tests/workflows/queue-wake.spec.ts checks that they are there.
 */
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import type { WorkflowQueue } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import { workflowTimeoutConfig } from '@dbos-inc/dbos-sdk/internal/workflow_management';
import type { Logger } from 'pino';
import type { Write } from '../platform/combined.ts';
import type { Database } from '../platform/database.ts';
import type { Listener } from '../platform/listener.ts';

/** The payload is the name of the queue. */
const CHANNEL = 'mlops_queued';
/**
 * Of the queues: for what neither an announcement nor a sweep of the dispatcher has found, which wakes them as long as there
 * is unfinished work. Every poll is a transaction of six statements.
 */
export const SLOW_POLL_MS = 60_000;
/**
 * After a workflow has ended in this process, when the next one of its partition is looked for: DBOS records the end only
 * after the function has returned.
 */
const AFTER_END_MS = [20, 100, 500, 2_000];
/** Before a queue is polled again that another process was polling at the same moment. */
const CONTENTION_MS = 50;
/**
 * How long DBOS keeps a connection that it does not use: 10 s by default, after which its upkeep would make another one, with
 * a process of the server and an exchange of passwords.
 */
const IDLE_CONNECTION_MS = 300_000;
/** DBOS' own upkeep: a second by default, each a transaction. Nothing here depends on it (see `#slowDown`). */
const UPKEEP_MS = 60_000;

/** The part of DBOS' queue runner that is used here. */
interface QueueRunner {
  readonly states: ReadonlyMap<string, { queue: WorkflowQueue }>;
  /** @returns whether another process was polling the queue: nothing was started */
  pollQueue(executor: DBOSExecutor, queue: WorkflowQueue): Promise<boolean>;
  /** Reads from the database which queues there are. */
  refreshDbQueues(executor: DBOSExecutor, now: number): Promise<void>;
}

/** The pool of DBOS' connections. */
interface PoolWithOptions {
  options: { idleTimeoutMillis: number };
}

/** Its collector looks ten times a second for spans and log records to export. */
interface TracerWithCollector {
  telemetryCollector: { signalBufferID?: NodeJS.Timeout };
}

/** Static members of the class of the queue runner, in milliseconds. */
interface QueueRunnerIntervals {
  /** Between two reads of which queues there are. */
  reconcileIntervalMs: number;
  /** Between two looks for workflows whose start was delayed. */
  transitionIntervalMs: number;
}

const RUNNER = wfQueueRunner as unknown as QueueRunner;
const INTERVALS = wfQueueRunner.constructor as unknown as QueueRunnerIntervals;

/** Announces that a queue has something to start. @param database the transaction that queues it */
export async function announceQueued(database: Pick<Database, 'query'>, queue: string): Promise<void> {
  await database.query(queuedAnnouncement(queue));
}

/** The same, to be combined with the writes of that transaction, as the last of them. */
export function queuedAnnouncement(queue: string): Write {
  return { text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, queue] };
}

export class QueueWake {
  readonly #queues: readonly string[];
  readonly #logger: Logger;
  readonly #polls = new Map<string, { again: boolean; done: Promise<void> }>();
  /** The last poll of each queue, ours or DBOS' own. */
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #pollQueue = RUNNER.pollQueue;
  #closed = false;

  /**
   * @param queues that this process works on
   * @param onAnnounced called for every announcement, also of a queue of others
   */
  constructor(queues: readonly string[], listener: Listener, onAnnounced: () => void, logger: Logger) {
    this.#queues = queues;
    this.#logger = logger;
    listener.subscribe(CHANNEL, (queue) => {
      onAnnounced();
      for (const name of queues) if (queue === undefined || queue === name) this.wake(name);
    });
  }

  /** Call it after the launch of DBOS. */
  start(): void {
    this.#serializePolls();
    this.#slowDown();
    this.wakeAll();
  }

  wakeAll(): void {
    for (const queue of this.#queues) this.wake(queue);
  }

  /** Polls a queue now. While one poll is in progress, any number of calls make one more. */
  wake(queue: string): void {
    const running = this.#polls.get(queue);
    if (running) {
      running.again = true;
      return;
    }
    if (this.#closed) return;
    const done = this.#poll(queue)
      .catch((error: unknown) => this.#logger.debug({ err: error, queue }, 'a queue could not be polled'))
      .finally(() => {
        this.#polls.delete(queue);
        if (poll.again) this.wake(queue);
      });
    const poll = { again: false, done };
    this.#polls.set(queue, poll);
  }

  /** The next workflow of a partition may begin once the one before it has ended. */
  ended(): void {
    for (const ms of AFTER_END_MS) for (const queue of this.#queues) this.#wakeIn(queue, ms);
  }

  /** Call it before the shutdown of DBOS. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#polls.values()].map(({ done }) => done));
    RUNNER.pollQueue = this.#pollQueue;
  }

  #wakeIn(queue: string, ms: number): void {
    setTimeout(() => this.wake(queue), ms).unref();
  }

  async #poll(name: string): Promise<void> {
    const executor = DBOSExecutor.globalInstance;
    if (!executor) return;
    if (!RUNNER.states.has(name)) await RUNNER.refreshDbQueues(executor, Date.now());
    const queue = RUNNER.states.get(name)?.queue;
    if (queue && (await RUNNER.pollQueue(executor, queue))) this.#wakeIn(name, CONTENTION_MS * (0.5 + Math.random()));
  }

  /**
   * Two polls of a queue at once would both fill the room that is left under its concurrency, so that ours and DBOS' own
   * wait for each other.
   */
  #serializePolls(): void {
    RUNNER.pollQueue = async (executor, queue) => {
      const before = this.#last.get(queue.name);
      const poll = (async () => {
        await before;
        return await this.#pollQueue.call(RUNNER, executor, queue);
      })();
      this.#last.set(
        queue.name,
        poll.catch(() => undefined),
      );
      return await poll;
    };
  }

  /**
   * Nothing here waits for this upkeep: starts are never delayed, workflows have no timeout of DBOS', queues are registered
   * before anything is queued, and its internal queue is not used, since what is resumed goes back to its own queue.
   */
  #slowDown(): void {
    // It has nothing to export: DBOS' telemetry is off.
    clearInterval(
      (DBOSExecutor.globalInstance?.tracer as TracerWithCollector | undefined)?.telemetryCollector.signalBufferID,
    );
    INTERVALS.reconcileIntervalMs = UPKEEP_MS;
    INTERVALS.transitionIntervalMs = UPKEEP_MS;
    workflowTimeoutConfig.pollingIntervalMs = UPKEEP_MS;
    const database = DBOSExecutor.globalInstance?.systemDatabase as { pool?: PoolWithOptions } | undefined;
    if (database?.pool) database.pool.options.idleTimeoutMillis = IDLE_CONNECTION_MS;
    for (const { queue } of RUNNER.states.values()) {
      if (!queue.databaseBacked) queue.minPollingIntervalMs = UPKEEP_MS;
    }
  }
}
