import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit as createLimiter } from 'express-rate-limit';
import { HttpError } from '../http-error.ts';
import { callerOf } from './identity.ts';

/** Asked every few seconds by load balancers and scrapers inside the network, which do not come through the gateway. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);
const WEBHOOKS = '/webhooks/';

/**
 * Limits requests by caller; by address where the caller is not known. Counted in this process: with n processes
 * behind one load balancer a caller gets up to n times as many.
 * @param requestsPerMinute 0 = no limit.
 */
export function rateLimit(requestsPerMinute: number): RequestHandler {
  if (requestsPerMinute === 0) return (_request, _response, next) => next();
  return createLimiter({
    windowMs: 60_000,
    limit: requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'requests-per-minute',
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
export function webhookLimits(requestsPerMinute: number): WebhookLimits {
  const limit = (keyOf: (request: Request) => string): Count => {
    if (requestsPerMinute === 0) return () => Promise.resolve();
    const count = createLimiter({
      windowMs: 60_000,
      limit: requestsPerMinute,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      identifier: 'webhooks-per-minute',
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
    proven: limit((request) => request.path),
    unproven: limit((request) => ipKeyGenerator(request.ip ?? request.socket.remoteAddress ?? '')),
  };
}
