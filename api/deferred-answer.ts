/**
 * Responses of calls that take as long as the engine does. The work is aborted when its caller disconnects; if a response would
 * exceed the timeout of an intermediary (the gateway waits 30 s), it is `202` with an operation to poll instead.
 * @see https://www.rfc-editor.org/rfc/rfc7240 for `Prefer: respond-async` and `wait`
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { Orchestrator } from '../automation/orchestrator.ts';
import type { DeferredReadKind } from '../automation/stacks/deferred-reads.ts';
import type { ReadCall } from '../automation/stacks/read-limits.ts';
import { answer } from './answers.ts';
import type { Call, RouteAnswer } from './route.ts';

/** Even callers that prefer an asynchronous response wait this long, because invalid requests are detected immediately. */
const SHORTEST_MS = 250;
const RETRY_AFTER_SECONDS = 2;

/** Second response of the routes that may defer their result. */
export const DEFERRED: RouteAnswer = {
  description:
    'It takes longer than the answer may: ask for the operation at `Location` (`Prefer: respond-async` or `wait=n`)',
  schema: answer('Operation'),
};

export interface Deferral {
  readonly orchestrator: Pick<Orchestrator, 'defer'>;
  /** The longest a response may take; undefined: as long as the work does. */
  readonly answerWithinSeconds?: number;
}

/** @param work its result is the response */
export async function answerInTime(
  { orchestrator, answerWithinSeconds }: Deferral,
  kind: DeferredReadKind,
  call: Call,
  response: Response,
  work: (read: ReadCall) => Promise<unknown>,
): Promise<void> {
  const leaving = new AbortController();
  const onClose = () => leaving.abort(new Error('the caller has disconnected'));
  response.once('close', onClose);
  const waitMs = waitOf(call.request, answerWithinSeconds);
  const timer = new AbortController();
  const running = work({ caller: call.caller, signal: leaving.signal });
  try {
    const result = running.then((value) => ({ value }));
    const inTime = await (waitMs === undefined
      ? result
      : Promise.race([result, delay(waitMs, undefined, { signal: timer.signal })]));
    if (inTime) {
      response.json(inTime.value);
      return;
    }
    const operation = await orchestrator.defer(kind, call.caller, running);
    response.off('close', onClose);
    const path = `/operations/${operation.operationId}`;
    response
      .status(202)
      .set({ Location: path, 'Retry-After': String(RETRY_AFTER_SECONDS) })
      .json(operation);
  } catch (error) {
    // The result of work whose caller has disconnected is discarded.
    if (response.destroyed) return;
    // No client can ask for a result that could not be stored.
    leaving.abort(error);
    running.catch(() => undefined);
    throw error;
  } finally {
    timer.abort();
    response.off('close', onClose);
  }
}

/** @returns how long to wait in milliseconds; undefined: until it is done */
function waitOf(request: Request, answerWithinSeconds: number | undefined): number | undefined {
  const prefer = request.get('Prefer') ?? '';
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer)?.[1];
  const isAsync = /(?:^|[,;\s])respond-async(?:$|[,;\s])/i.test(prefer);
  const asked = wait !== undefined ? Number(wait) : isAsync ? 0 : undefined;
  const seconds = Math.min(asked ?? Number.POSITIVE_INFINITY, answerWithinSeconds ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(seconds) ? Math.max(SHORTEST_MS, seconds * 1_000) : undefined;
}
