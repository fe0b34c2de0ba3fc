import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit as createLimiter, type Store } from 'express-rate-limit';
import { HttpError } from '../http-error.ts';
import { callerOf } from './identity.ts';

/** Asked every few seconds by load balancers and scrapers inside the network, which do not come through the gateway. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);
const WEBHOOKS = '/webhooks/';

/** Where requests are counted, by the name of the limit; undefined: in this process. */
export type StoreOf = (name: string) => Store | undefined;

/**
 * Limits requests by caller; by address where the caller is not known.
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
    // Callers come through a gateway that may set X-Forwarded-For; it is not what we count by.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    // Webhooks are counted once it is known who sent them: see `webhookLimits`.
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

/** Counts a request in. @throws HttpError `RATE_LIMITED` */
export type Count = (request: Request, response: Response) => Promise<void>;

export interface WebhookLimits {
  /** Webhooks whose signature is right, by path: what strangers send takes nothing from them. */
  readonly proven: Count;
  /** Those whose signature is wrong, by address. */
  readonly unproven: Count;
}

/** @param requestsPerMinute of each provider, and of each address without a proof; 0 = no limit */
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
