import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit as createLimiter, type Store } from 'express-rate-limit';
import { HttpError } from '../http-error.ts';
import { callerOf } from './identity.ts';

/** Called every few seconds by load balancers and scrapers inside the network, which do not use the gateway. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);
const WEBHOOKS = '/webhooks/';

/** Where requests are counted, by the name of the limit; undefined: in this process. */
export type StoreOf = (name: string) => Store | undefined;

/**
 * Limits requests by caller, or by address if the caller is unknown.
 * @param requestsPerMinute 0 = no limit, and nothing is counted.
 */
export function rateLimit(requestsPerMinute: number, storeOf: StoreOf): RequestHandler {
  if (requestsPerMinute === 0) return (_request, _response, next) => next();
  return createLimiter({
    windowMs: 60_000,
    limit: requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'requests-per-minute',
    store: storeOf('requests'),
    // Callers come through a gateway that may set X-Forwarded-For; requests are not counted by it.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    // Webhooks are counted after their signature has been verified: see `webhookLimits`.
    skip: (request) => PROBES.has(request.path) || request.path.startsWith(WEBHOOKS),
    keyGenerator: (request, response) =>
      callerOf(response) ?? ipKeyGenerator(request.ip ?? request.socket.remoteAddress ?? ''),
    handler: (_request, _response, next) => {
      next(
        new HttpError(
          'RATE_LIMITED',
          `More than ${requestsPerMinute} requests in a minute. Wait for the time in the Retry-After header, or follow an execution through its event stream instead of asking again and again.`,
        ),
      );
    },
  });
}

/** Counts a request. @throws HttpError `RATE_LIMITED` */
export type Count = (request: Request, response: Response) => Promise<void>;

export interface WebhookLimits {
  /** Webhooks with a valid signature, by path: other requests do not use up their limit. */
  readonly proven: Count;
  /** Webhooks with an invalid signature, by address. */
  readonly unproven: Count;
}

/** @param requestsPerMinute of each provider, and of each address without a valid signature; 0 = no limit */
export function webhookLimits(requestsPerMinute: number, storeOf: StoreOf): WebhookLimits {
  const limit = (name: string, keyOf: (request: Request) => string): Count => {
    if (requestsPerMinute === 0) return () => Promise.resolve();
    const count = createLimiter({
      windowMs: 60_000,
      limit: requestsPerMinute,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      identifier: 'webhooks-per-minute',
      store: storeOf(name),
      validate: { xForwardedForHeader: false, forwardedHeader: false },
      keyGenerator: keyOf,
      handler: (_request, _response, next) => {
        next(new HttpError('RATE_LIMITED', `More than ${requestsPerMinute} webhooks in a minute.`));
      },
    });
    return (request, response) =>
      new Promise((resolve, reject) => {
        Promise.resolve(
          count(request, response, (error?: unknown) => (error ? reject(error as Error) : resolve())),
        ).catch(reject);
      });
  };
  return {
    proven: limit('webhooks', (request) => request.path),
    unproven: limit('unsigned-webhooks', (request) => ipKeyGenerator(request.ip ?? request.socket.remoteAddress ?? '')),
  };
}
