/** The open event streams of one app: their limits, and their end when the server stops. */
import type { Application } from 'express';
import { OrchestratorError } from '../automation/errors.ts';

const SHUTDOWN = Symbol('shutdown');
const STREAMS = Symbol('streams');

/** Each queries the database every few seconds. */
const PER_CALLER = 100;
const IN_ALL = 300;
const RETRY_AFTER_SECONDS = 5;

/**
 * Counts a stream until the returned function is called.
 * @throws OrchestratorError `CALLER_LIMIT_REACHED`, `SERVICE_BUSY`
 */
export function countStream(app: Application, caller: string): () => void {
  const locals: { [STREAMS]?: Map<string, number> } = app.locals;
  const open = (locals[STREAMS] ??= new Map());
  const ofCaller = open.get(caller) ?? 0;
  if (ofCaller >= PER_CALLER) throw tooMany('CALLER_LIMIT_REACHED', `${caller} has ${PER_CALLER} event streams open`);
  const inAll = [...open.values()].reduce((sum: number, count: number) => sum + count, 0);
  if (inAll >= IN_ALL) throw tooMany('SERVICE_BUSY', `${IN_ALL} event streams are open`);
  open.set(caller, ofCaller + 1);
  return () => {
    const left = (open.get(caller) ?? 1) - 1;
    if (left === 0) open.delete(caller);
    else open.set(caller, left);
  };
}

function tooMany(code: 'CALLER_LIMIT_REACHED' | 'SERVICE_BUSY', what: string): OrchestratorError {
  return new OrchestratorError(
    code,
    `${what} already. Close those that are not needed, or ask for GET /executions/{id} now and then.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

/**
 * Aborted when the server stops: an event stream would otherwise hold its connection open for as long as its execution
 * runs.
 */
export function shutdownSignal(app: Application): AbortSignal {
  return controllerOf(app).signal;
}

/** Ends every open event stream of the app. Their clients reconnect with `Last-Event-ID` and miss nothing. */
export function endOpenStreams(app: Application): void {
  controllerOf(app).abort();
}

function controllerOf(app: Application): AbortController {
  const locals: { [SHUTDOWN]?: AbortController } = app.locals;
  return (locals[SHUTDOWN] ??= new AbortController());
}
