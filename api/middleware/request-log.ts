import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

/** Called every few seconds by load balancers and scrapers: only failures are logged. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * One log line for each completed request, and `request.log` for lines in between. Headers, query and bodies are never
 * logged: they may contain credentials.
 */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: (request) => request.id,
    autoLogging: true,
    customLogLevel: (request, response) => levelOf(request, response),
    wrapSerializers: false,
    serializers: {
      req: (request: IncomingMessage) => ({
        id: request.id,
        method: request.method,
        path: pathOf(request),
        remoteAddress: request.socket.remoteAddress,
      }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
    },
  }) as RequestHandler;
}

function levelOf(request: IncomingMessage, response: ServerResponse): 'silent' | 'info' | 'warn' {
  // The error itself has been logged, with its stack, by the error handler.
  if (response.statusCode >= 500) return 'warn';
  return QUIET.has(pathOf(request)) ? 'silent' : 'info';
}

function pathOf(request: IncomingMessage): string {
  // Express cuts `url` while it is inside a router.
  const { originalUrl } = request as IncomingMessage & { originalUrl?: string };
  return (originalUrl ?? request.url ?? '').split('?', 1)[0] ?? '';
}
