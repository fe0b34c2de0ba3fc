/**
 * Which workers are alive: one row per service process, with a new id for every start and a heartbeat that the database must
 * confirm. A process whose heartbeats are not confirmed ends its own operations, well before another one may take them
 * over; the times are in lease-times.ts, the reasons in docs/leases.md.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import pg from 'pg';
import type { Database } from './database.ts';
import type { LeaseTimes } from './lease-times.ts';
import { monotonicMs } from './monotonic-clock.ts';
import type { Repetition } from './polling.ts';
import { repeat } from './polling.ts';
import { isAlive, processSpace, processStart } from './process-identity.ts';

export interface Worker {
  readonly id: string;
  readonly host: string;
}

/** How a worker ended: in order, found dead, or silent for too long. */
export type WorkerEnd = 'stopped' | 'gone' | 'silent';

/** What operations need to know about this worker's liveness. */
export interface Liveness {
  /** Until when ({@link monotonicMs}) the last confirmed heartbeat allows this process to work; undefined: without limit. */
  validUntil(): number | undefined;
  /**
   * @param listener called after every confirmed heartbeat with the new limit, and with `undefined` once it has passed
   * @returns ends the subscription
   */
  subscribe(listener: (validUntil: number | undefined) => void): () => void;
}

export interface WorkersSettings {
  /** The heartbeat has a dedicated connection: it does not wait behind other work. */
  connectionString: string;
  times: LeaseTimes;
  logger: Logger;
  /** Another process sends heartbeats under this id: the machine was cloned, and this process must end. */
  onCloned?: () => void;
}

interface WorkerRow {
  id: string;
  space: string;
  pid: number;
  started: string;
  beat: string;
  ended: WorkerEnd | null;
}

interface Observation {
  beat: string;
  /** Milliseconds for which this process has seen no new heartbeat. */
  unchangedMs: number;
  lastLook: number;
}

/** Steps of the monotonic clock, at most: a timer may fire as much before the time that it was set for. */
const CLOCK_STEP_MS = 10;
/** Rows of ended workers are kept for the worker that takes over their leases. */
const KEEP_ENDED_DAYS = 7;

export class Workers implements Liveness {
  readonly self: Worker = { id: `worker-${randomUUID()}`, host: hostname() };
  /** Scope of its process id; empty before {@link register}. */
  space = '';
  readonly #database: Database;
  readonly #settings: WorkersSettings;
  readonly #heartbeats: pg.Pool;
  readonly #listeners = new Set<(validUntil: number | undefined) => void>();
  readonly #observed = new Map<string, Observation>();
  /** The last confirmed value, and all sent since: a confirmation may be lost. */
  #beats: string[] = [];
  #started = '';
  #validUntil: number | undefined;
  #isLost = false;
  #sentAt = 0;
  /** Whether there is unfinished work, which other workers may leave behind. */
  #isAttentive = true;
  #heartbeat: Repetition | undefined;
  #checks: NodeJS.Timeout | undefined;

  constructor(database: Database, settings: WorkersSettings) {
    this.#database = database;
    this.#settings = settings;
    const { heartbeatTimeoutMs } = settings.times;
    this.#heartbeats = new pg.Pool({
      connectionString: settings.connectionString,
      max: 1,
      connectionTimeoutMillis: heartbeatTimeoutMs,
      query_timeout: heartbeatTimeoutMs,
      statement_timeout: heartbeatTimeoutMs,
      keepAlive: true,
    });
    // A broken idle connection emits an error here; the next heartbeat opens another.
    this.#heartbeats.on('error', () => undefined);
  }

  async register(): Promise<void> {
    this.space = await processSpace();
    this.#started = (await processStart(process.pid)) ?? '';
    await this.#beat();
    this.#heartbeat = repeat(
      async () => {
        if (this.#untilNextBeat() <= CLOCK_STEP_MS) await this.#beat();
      },
      () => this.#untilNextBeat(),
      (error) => this.#settings.logger.warn({ error: (error as Error).message }, 'a heartbeat was not confirmed'),
    );
  }

  /**
   * @param isAttentive whether there is unfinished work. Without any, and without operations, heartbeats are fewer, so that a
   *   service at rest costs little.
   */
  attend(isAttentive: boolean): void {
    this.#beatSooner(() => (this.#isAttentive = isAttentive));
  }

  validUntil(): number | undefined {
    return this.#validUntil;
  }

  /**
   * Resolves once heartbeats are confirmed: what was begun before would be ended at once. After an outage of the database, its
   * first answers may be to other queries. Without a confirmation it resolves all the same, after as long as two heartbeats may take.
   */
  async confirmed(): Promise<void> {
    if (monotonicMs() <= (this.#validUntil ?? Infinity)) return;
    const { heartbeatMs, heartbeatTimeoutMs } = this.#settings.times;
    const confirmed = Promise.withResolvers<undefined>();
    const done = () => confirmed.resolve(undefined);
    const timer = setTimeout(done, 2 * heartbeatMs + heartbeatTimeoutMs);
    const unsubscribe = this.subscribe((validUntil) => validUntil !== undefined && done());
    await confirmed.promise;
    clearTimeout(timer);
    unsubscribe();
  }

  subscribe(listener: (validUntil: number | undefined) => void): () => void {
    this.#beatSooner(() => this.#listeners.add(listener));
    this.#checks ??= setInterval(() => this.#check(), this.#settings.times.checkMs);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#checks);
      this.#checks = undefined;
    };
  }

  /** Marks dead workers as ended and returns the ids of the living. */
  async sweep(): Promise<Set<string>> {
    const { rows } = await this.#database.query<WorkerRow>('SELECT * FROM mlops.workers WHERE ended IS NULL');
    const living = new Set([this.self.id]);
    for (const worker of rows) {
      if (worker.id === this.self.id) continue;
      const end = await this.#endOf(worker);
      if (end) await this.#markEnded(worker, end);
      else living.add(worker.id);
    }
    return living;
  }

  /** @returns how a worker ended; undefined while it must be presumed alive. An unknown worker counts as silent. */
  async endOf(workerId: string): Promise<WorkerEnd | undefined> {
    if (workerId === this.self.id) return undefined;
    const { rows } = await this.#database.query<WorkerRow>('SELECT * FROM mlops.workers WHERE id = $1', [workerId]);
    const [worker] = rows;
    if (!worker) return 'silent';
    if (worker.ended) return worker.ended;
    const end = await this.#endOf(worker);
    if (end) await this.#markEnded(worker, end);
    return end;
  }

  async close(): Promise<void> {
    clearInterval(this.#checks);
    await this.#heartbeat?.stop();
    await this.#heartbeats
      .query(`UPDATE mlops.workers SET ended = 'stopped', ended_at = now() WHERE id = $1 AND beat = ANY($2)`, [
        this.self.id,
        this.#beats,
      ])
      .catch(() => undefined);
    await this.#heartbeats.end();
  }

  /** In milliseconds; counted from when the last one was sent, so that one that timed out is repeated at once. */
  #untilNextBeat(): number {
    const { heartbeatMs, restingHeartbeatMs } = this.#settings.times;
    return Math.max(0, this.#sentAt + (this.#isAtRest() ? restingHeartbeatMs : heartbeatMs) - monotonicMs());
  }

  #isAtRest(): boolean {
    return this.#listeners.size === 0 && !this.#isAttentive;
  }

  /** Makes a change that may end the rest, after which the next heartbeat is due sooner. */
  #beatSooner(change: () => void): void {
    const wasAtRest = this.#isAtRest();
    change();
    if (wasAtRest && !this.#isAtRest()) this.#heartbeat?.wakeIn(this.#untilNextBeat());
  }

  /**
   * One round trip: sends the heartbeat and reads those of all others. The overwritten value must be one of ours, so that
   * a clone of this machine, which uses the same id, is noticed by one of the two.
   */
  async #beat(): Promise<void> {
    const { times, logger } = this.#settings;
    const sent = monotonicMs();
    this.#sentAt = sent;
    const beat = randomUUID();
    const former = [...this.#beats];
    this.#beats.push(beat);
    const { id, host } = this.self;
    const { rows } = await this.#heartbeats.query<WorkerRow>({
      // Prepared: planning it would cost more than running it.
      name: 'heartbeat',
      text: `WITH mine AS (
         INSERT INTO mlops.workers AS w (id, host, pid, started, space, beat) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET heartbeat = now(), beat = excluded.beat
           WHERE w.beat = ANY($7) AND w.ended IS NULL
         RETURNING id, space, pid, started, beat, ended
       )
       SELECT * FROM mine
       UNION ALL SELECT id, space, pid, started, beat, ended FROM mlops.workers WHERE id <> $1 AND ended IS NULL`,
      values: [id, host, process.pid, this.#started, this.space, beat, former],
    });
    this.#observe(rows);
    if (!rows.some((row) => row.id === id)) return await this.#refused();
    this.#beats = [beat];
    this.#validUntil = sent + times.validMs;
    if (this.#isLost) logger.warn('heartbeats are confirmed again: operations go on');
    this.#isLost = false;
    for (const listener of [...this.#listeners]) listener(this.#validUntil);
  }

  /** The row is not as this process left it: it was declared dead, or a clone of it is alive. */
  async #refused(): Promise<void> {
    const { logger, onCloned } = this.#settings;
    this.#lose('its heartbeat was refused');
    const { rowCount } = await this.#heartbeats.query(
      `UPDATE mlops.workers SET ended = NULL, ended_at = NULL WHERE id = $1 AND beat = ANY($2)`,
      [this.self.id, this.#beats],
    );
    // It was declared dead: its operations have ended and others have its work by now, so it may start over.
    if (rowCount === 1) return;
    logger.fatal(
      { workerId: this.self.id },
      'another process sends heartbeats under the id of this one: a cloned machine?',
    );
    onCloned?.();
  }

  /** The first thing that happens after a pause: timers that are due run before anything that waits for input. */
  #check(): void {
    if (this.#validUntil !== undefined && monotonicMs() > this.#validUntil)
      this.#lose('no heartbeat was confirmed in time');
  }

  #lose(reason: string): void {
    this.#validUntil = Number.NEGATIVE_INFINITY;
    if (this.#isLost) return;
    this.#isLost = true;
    this.#settings.logger.error({ reason }, 'other workers may have declared this process dead: ending its operations');
    for (const listener of [...this.#listeners]) listener(undefined);
  }

  #observe(rows: readonly WorkerRow[]): void {
    const { heartbeatMs, heartbeatTimeoutMs } = this.#settings.times;
    const now = monotonicMs();
    const present = new Set<string>();
    for (const { id, beat } of rows) {
      present.add(id);
      const before = this.#observed.get(id);
      // A long gap is a pause of this process or of the database, in which no heartbeat could be observed.
      const gap = before ? Math.min(now - before.lastLook, 2 * heartbeatMs + heartbeatTimeoutMs) : 0;
      const unchangedMs = before?.beat === beat ? before.unchangedMs + gap : 0;
      this.#observed.set(id, { beat, unchangedMs, lastLook: now });
    }
    for (const id of this.#observed.keys()) if (!present.has(id)) this.#observed.delete(id);
  }

  /** A process id decides where it means something; else the heartbeat, as seen by this process and by no wall clock. */
  async #endOf({ id, space, pid, started, beat }: WorkerRow): Promise<WorkerEnd | undefined> {
    if (space !== '' && space === this.space) return (await isAlive(pid, started)) ? undefined : 'gone';
    const seen = this.#observed.get(id);
    return seen?.beat === beat && seen.unchangedMs > this.#settings.times.takeOverMs ? 'silent' : undefined;
  }

  async #markEnded({ id, beat }: WorkerRow, end: WorkerEnd): Promise<void> {
    await this.#database.query(
      `UPDATE mlops.workers SET ended = $2, ended_at = now() WHERE id = $1 AND beat = $3 AND ended IS NULL`,
      [id, end, beat],
    );
    await this.#database.query('DELETE FROM mlops.workers WHERE ended_at < now() - make_interval(days => $1)', [
      KEEP_ENDED_DAYS,
    ]);
  }
}
