/**
 * Works on accepted deliveries: is it the newest version → read the file → check all of it → make its requests → tell.
 * Every step is idempotent: the same request again changes nothing, so a crashed delivery is simply processed again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../platform/database.ts';
import type { Repetition } from '../platform/polling.ts';
import { repeat } from '../platform/polling.ts';
import type { RequestOrigin } from '../model.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { checkConfigFile } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';
import type { Deliveries, Delivery, RequestResult } from './deliveries.ts';
import { progressOf } from './progress.ts';
import type { Notify } from './outcome.ts';
import { counted } from '../notifications/wording.ts';
import { faultsNotice, faultsText, refusedNotice, statusText, unreadableNotice } from './outcome.ts';
import type { CommitState, ConfigSource, SourceName } from './source.ts';
import { CONFIG_FILE } from './source.ts';

/** The part of the orchestrator that is needed here. */
export type Provisioner = Pick<Orchestrator, 'validate' | 'provision' | 'getExecution'>;

/** When failed deliveries are retried. */
export interface RetryPolicy {
  /** First pause; each further one is twice as long. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** An older delivery fails. */
  readonly giveUpAfterMs: number;
}

/** A day: longer than an outage of a provider, or than it takes to renew a token. */
export const RETRY: RetryPolicy = { firstMs: 2_000, longestMs: 300_000, giveUpAfterMs: 86_400_000 };

export interface ProcessorDependencies {
  deliveries: Deliveries;
  sources: Readonly<Partial<Record<SourceName, ConfigSource>>>;
  provisioner: Provisioner;
  notify: Notify;
  /** `CONFIG_PARTIAL_LISTS` */
  partialLists: boolean;
  /** Public URL of the API; empty: statuses have no link. */
  publicUrl: string;
  retry: RetryPolicy;
  logger: Logger;
}

/** Concurrent deliveries in this process: they mostly wait for a provider. */
const CONCURRENCY = 4;
/** What is accepted, comes due again or ends wakes the processor; this is for what a dead process left, and lost announcements. */
const IDLE_MS = 30_000;
/** After a query or a result that the database did not take. */
const DATABASE_RETRY_MS = 3_000;
/** Providers may return an old head shortly after a push, so this many attempts must agree that a commit is not the latest. */
const TRIES_FOR_NEWEST = 3;
/** Problems of less than half a minute are not worth a notification. */
const TRIES_BEFORE_NOTICE = 5;

export class Processor {
  readonly #parts: ProcessorDependencies;
  readonly #stopped = new AbortController();
  readonly #inProgress = new Set<Promise<void>>();
  #claiming: Repetition | undefined;

  constructor(parts: ProcessorDependencies) {
    this.#parts = parts;
  }

  start(): void {
    this.#claiming ??= repeat(
      () => this.#claimWhatIsDue(),
      IDLE_MS,
      (error) => {
        if (!isDatabaseAway(error))
          this.#parts.logger.error({ err: error }, 'could not query for configuration deliveries');
        this.#claiming?.wakeIn(DATABASE_RETRY_MS);
      },
    );
  }

  /** A delivery was accepted: process it now instead of at the next poll. */
  wake(): void {
    this.#claiming?.wake();
  }

  /** Waits for deliveries in progress; abort the sources' calls before calling this. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#claiming?.stop();
    await Promise.all(this.#inProgress);
  }

  async #claimWhatIsDue(): Promise<void> {
    while (!this.#stopped.signal.aborted && this.#inProgress.size < CONCURRENCY) {
      const delivery = await this.#parts.deliveries.claim();
      if (!delivery) return;
      this.#begin(delivery);
    }
  }

  #begin(delivery: Delivery): void {
    const { deliveries, logger } = this.#parts;
    const attempt = this.#attempt(delivery)
      .catch((error: unknown) => {
        // The result cannot be recorded; the claim is dropped, and the delivery is processed again.
        deliveries.abandon(delivery);
        if (!isDatabaseAway(error)) logger.error({ err: error, target: delivery.target }, 'a delivery was interrupted');
        return delay(DATABASE_RETRY_MS, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      })
      .finally(() => {
        this.#inProgress.delete(attempt);
        this.wake();
      });
    this.#inProgress.add(attempt);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    try {
      if (delivery.status === 'Following') await this.#checkExecutions(delivery);
      else await this.#process(delivery);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      await this.#tryLater(delivery, error as Error);
    }
  }

  async #process(delivery: Delivery): Promise<void> {
    const { provisioner, partialLists } = this.#parts;
    const source = this.#sourceOf(delivery);
    if (!(await source.isNewest(delivery.place, delivery.revision))) {
      // Late, replayed or superseded: a later delivery reports the current version.
      if (delivery.attempts >= TRIES_FOR_NEWEST) {
        // It was the latest when it was started: its status must not stay at "pending".
        if (delivery.results.length > 0) await this.#report(delivery, 'success', 'superseded by a later commit');
        await this.#finish(delivery, 'Superseded', 'it is not the latest version');
      } else await this.#postpone(delivery, this.#backoff(delivery), 'not the latest version, or not yet');
      return;
    }
    const bytes = await source.read(delivery.place, delivery.revision);
    if (!bytes) {
      await this.#finish(delivery, 'Absent', `${CONFIG_FILE} does not exist`);
      return;
    }
    const file = await checkConfigFile(bytes, (body) => provisioner.validate(body));
    if (file.faults.length > 0 && !(partialLists && file.requests.length > 0)) {
      await this.#report(delivery, 'failure', faultsText(file.faults));
      await this.#parts.notify(faultsNotice(delivery, file.faults, 0));
      await this.#finish(delivery, 'Invalid', faultsText(file.faults));
      return;
    }
    await this.#report(delivery, 'pending', `provisioning ${counted(file.requests.length, 'pipeline')}`);
    const results = await this.#provision(delivery, source, file);
    await this.#conclude({ ...delivery, results }, file);
  }

  /** In the order of the file. Results from before a crash are kept, so that their executions are still known afterwards. */
  async #provision(delivery: Delivery, source: ConfigSource, file: ConfigFile): Promise<RequestResult[]> {
    const { deliveries, provisioner } = this.#parts;
    const results = new Map(delivery.results.map((result) => [result.index, result]));
    for (const { index, body, pipelineId } of file.requests) {
      const known = results.get(index);
      if (known && !known.refused) continue;
      const result = await provisioner.provision(body, source.caller(delivery.place), originOf(delivery)).then(
        (answer): RequestResult => ({
          index,
          pipelineId,
          message: answer.message,
          ...(answer.executionId ? { executionId: answer.executionId } : {}),
        }),
        (error: unknown): RequestResult => {
          if (!isRefusal(error)) throw error;
          return { index, pipelineId, message: (error as Error).message, refused: true };
        },
      );
      results.set(index, result);
      await deliveries.record(delivery, [...results.values()]);
    }
    return [...results.values()];
  }

  async #conclude(delivery: Delivery, file: ConfigFile): Promise<void> {
    const { deliveries, notify } = this.#parts;
    const { results } = delivery;
    const refused = results.filter((result) => result.refused);
    const taken = results.length - refused.length;
    if (file.faults.length > 0 || refused.length > 0) {
      const text = [faultsText(file.faults), refused.map(({ message }) => message).join('; ')]
        .filter(Boolean)
        .join('; ');
      await this.#report(delivery, 'failure', `${taken} of ${counted(file.count, 'request')} provisioned; ${text}`);
      if (file.faults.length > 0) await notify(faultsNotice(delivery, file.faults, taken));
      if (refused.length > 0) await notify(refusedNotice(delivery, results));
      await this.#finish(delivery, taken > 0 ? 'Partial' : 'Invalid', text);
      return;
    }
    const started = results.filter(({ executionId }) => executionId !== undefined);
    if (started.length > 0 && this.#sourceOf(delivery).report) {
      await deliveries.awaitExecutions(delivery, this.#parts.retry.firstMs);
      this.#claiming?.wakeIn(this.#parts.retry.firstMs);
      return;
    }
    const text =
      started.length > 0
        ? `${counted(started.length, 'pipeline')} on the way`
        : `${counted(taken, 'pipeline')} already as asked for`;
    await this.#report(delivery, 'success', text);
    await this.#finish(delivery, 'Provisioned', text);
  }

  /** Waits for the executions, so that the commit status reports the deployment and not only the request. */
  async #checkExecutions(delivery: Delivery): Promise<void> {
    const { provisioner, retry } = this.#parts;
    const progress = await progressOf(delivery.results, (id) => provisioner.getExecution(id));
    if (progress.state === 'pending') {
      await this.#postpone(delivery, Math.min(retry.firstMs * delivery.attempts, retry.longestMs), progress.text);
      return;
    }
    await this.#report(delivery, progress.state, progress.text);
    await this.#finish(delivery, 'Provisioned', progress.text);
  }

  async #tryLater(delivery: Delivery, error: Error): Promise<void> {
    const { notify, retry, logger } = this.#parts;
    const final = delivery.ageMs > retry.giveUpAfterMs;
    logger.warn(
      { target: delivery.target, revision: delivery.revision, reason: error.message, final },
      'configuration could not be provisioned',
    );
    if (final || (delivery.attempts === TRIES_BEFORE_NOTICE && delivery.status === 'Pending')) {
      await notify(unreadableNotice(delivery, error.message, final));
    }
    if (final) {
      await this.#report(delivery, 'failure', error.message);
      await this.#finish(delivery, 'Failed', error.message);
      return;
    }
    const asked = (error as { retryAfterSeconds?: number }).retryAfterSeconds ?? 0;
    await this.#postpone(
      delivery,
      Math.max(this.#backoff(delivery), Math.min(asked * 1_000, retry.longestMs)),
      error.message,
    );
  }

  async #postpone(delivery: Delivery, delayMs: number, detail: string): Promise<void> {
    await this.#parts.deliveries.postpone(delivery, delayMs, detail);
    this.#claiming?.wakeIn(delayMs);
  }

  #backoff({ attempts }: Delivery): number {
    const { firstMs, longestMs } = this.#parts.retry;
    return Math.min(firstMs * 2 ** Math.min(attempts - 1, 20), longestMs);
  }

  async #finish(delivery: Delivery, end: Parameters<Deliveries['finish']>[1], detail: string): Promise<void> {
    await this.#parts.deliveries.finish(delivery, end, detail);
    const { target, revision, source } = delivery;
    this.#parts.logger.info({ source, target, revision, end, detail }, 'a delivery of configuration has ended');
  }

  /** Statuses are best effort: if one cannot be written, for lack of a permission for instance, processing continues. */
  async #report(delivery: Delivery, state: CommitState, text: string): Promise<void> {
    const { publicUrl, logger } = this.#parts;
    const [pipelineId] = delivery.results.map((result) => result.pipelineId);
    const url =
      publicUrl && `${publicUrl}/pipelines${pipelineId && delivery.results.length === 1 ? `/${pipelineId}` : ''}`;
    const status = { state, description: statusText(text), ...(url ? { url } : {}) };
    await this.#parts.sources[delivery.source]
      ?.report?.(delivery.place, delivery.revision, status)
      .catch((error: Error) => {
        logger.warn({ target: delivery.target, state, reason: error.message }, 'a commit status could not be written');
      });
  }

  #sourceOf({ source, target }: Delivery): ConfigSource {
    const found = this.#parts.sources[source];
    if (!found) throw new Error(`source ${source} of ${target} is not configured`);
    return found;
  }
}

/** Errors that the same request would get again: 400, 403, 501. Busy or unavailable services are worth a retry. */
function isRefusal(error: unknown): boolean {
  const { code, status } = error as { code?: unknown; status?: unknown };
  return (
    code === 'REQUEST_INVALID' ||
    (typeof code === 'string' && typeof status === 'number' && [400, 403, 501].includes(status))
  );
}

/** Origin of the request, stored with the execution and in the audit log. */
function originOf({ source, place, revision, people = {} }: Delivery): RequestOrigin {
  const { pushedBy = [], author = [] } = people;
  return {
    repository: `${source}:${place.repository}`,
    ...(place.branch ? { branch: place.branch } : {}),
    commit: revision,
    ...(pushedBy.length > 0 ? { pushedBy: [...pushedBy] } : {}),
    ...(author.length > 0 ? { author: [...author] } : {}),
  };
}
