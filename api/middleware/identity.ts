import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { HttpError } from '../http-error.ts';

/** Who asked, where no gateway stands in front and the service is bound to loopback. */
export const ANONYMOUS = 'anonymous@loopback';

/** An ARN or a user name: what may be shown in lists and logs without escaping. */
const CALLER = /^[\x21-\x7e]{1,512}$/;

/** Asked by load balancers and scrapers inside the network, which do not come through the gateway. */
const OPEN_PATHS = new Set(['/healthz', '/readyz', '/metrics']);

/** Called by providers, which prove by a signature who they are (api/routes/webhooks.ts). */
const SIGNED_PATHS = new Set(['/webhooks/github', '/webhooks/gitlab', '/webhooks/bitbucket']);

/**
 * Finds out who asked. The gateway puts the caller's ARN into `x-mlops-caller`; it is believed only beside the secret
 * that only the gateway knows.
 * @param gatewaySecret empty: everybody is {@link ANONYMOUS}, whatever the headers say.
 */
export function identity(gatewaySecret: string): RequestHandler {
  const expected = sha256(gatewaySecret);
  return (request, response, next) => {
    if (gatewaySecret === '') {
      response.locals.caller = ANONYMOUS;
    } else {
      const caller = request.get('x-mlops-caller') ?? '';
      // Equal lengths, so that the comparison takes the same time whatever was sent.
      const known = timingSafeEqual(sha256(request.get('x-mlops-gateway-secret') ?? ''), expected);
      if (known && CALLER.test(caller)) response.locals.caller = caller;
    }
    next();
  };
}

/** Refuses requests whose caller is not known, with 401. Comes after the rate limit, so that guessing is limited too. */
export function requireIdentity(): RequestHandler {
  return (request, response, next) => {
    if (callerOf(response) === undefined && !isOpen(request) && !SIGNED_PATHS.has(request.path)) {
      throw new HttpError(
        'UNAUTHENTICATED',
        'This service takes requests only through its gateway, which names the caller. Use the API address among the outputs of the orchestrator stack.',
      );
    }
    next();
  };
}

/** @returns who asked; undefined where that is not known. */
export function callerOf(response: Response): string | undefined {
  return response.locals.caller as string | undefined;
}

/** @returns whether the path is for probes, which nobody signs. */
export function isOpen(request: Request): boolean {
  return OPEN_PATHS.has(request.path);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
