import type { Application } from 'express';

const SHUTDOWN = Symbol('shutdown');

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
