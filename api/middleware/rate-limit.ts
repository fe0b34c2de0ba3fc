import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit as createLimiter } from 'express-rate-limit';
import { HttpError } from '../http-error.ts';
import { callerOf } from './identity.ts';

/** Asked every few seconds by load balancers and scrapers inside the network, which do not come through the gateway. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

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
    skip: (request) => PROBES.has(request.path),
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
