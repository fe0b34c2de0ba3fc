import type { RequestHandler } from 'express';

const STREAM = /^\/executions\/[^/]+\/events$/;

/**
 * Opens event streams one by one, each in a turn of the event loop of its own. They come in hundreds when a service has been
 * restarted and all its clients reconnect, and whatever else is asked for then would wait until the last one is open.
 */
export function streamTurns(): RequestHandler {
  const waiting: (() => void)[] = [];
  const open = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(open);
  };
  return (request, _response, next) => {
    if (!STREAM.test(request.path)) {
      next();
      return;
    }
    waiting.push(next);
    if (waiting.length === 1) setImmediate(open);
  };
}
