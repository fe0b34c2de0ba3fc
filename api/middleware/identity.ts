/** Identifies the caller of a request: by the gateway, by a sign-in at the load balancer, or, without either, by a header. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { SignIn } from '../../automation/config/sign-in-settings.ts';
import { HttpError } from '../http-error.ts';
import { ACCESS_TOKEN, SignedIn, USER_CLAIMS } from '../sign-in/signed-in.ts';
import { browserGuard } from './browser-guard.ts';

/** The caller if there is no gateway and no `x-caller` header. */
export const SANDBOX_USER = 'sandbox-user';

/** An ARN or a user name: values that can be shown in lists and logs without escaping. */
const CALLER = /^[\x21-\x7e]{1,512}$/;
const CALLER_IS = 'an ARN or a name of 1 to 512 printable ASCII characters without spaces';

/** The caller, or why the caller is unknown. `groups`: of a person who has signed in. */
type Identity = { readonly caller: string; readonly groups?: readonly string[] } | { readonly fault: string };

/**
 * Identifies the caller. The gateway puts the caller's ARN into `x-mlops-caller`; it is trusted only together with the secret
 * that only the gateway knows.
 * @param gatewaySecrets one secret, or two separated by a comma during a rotation. Empty: there is no gateway and only this
 *   machine can call; the caller is taken from `x-caller`, {@link SANDBOX_USER} by default.
 */
export function identity(gatewaySecrets: string): RequestHandler {
  const expected = gatewaySecrets === '' ? [] : gatewaySecrets.split(',').map(sha256);
  return (request, response, next) => {
    response.locals.identity = expected.length > 0 ? callerFromGateway(request, expected) : callerFromHeader(request);
    next();
  };
}

/**
 * Identifies people who have signed in at the load balancer, where the gateway has not identified a caller. Runs after
 * {@link identity}. The browser sends the load balancer's cookie along with requests of any page, so these are refused unless
 * they come from our own.
 * @param fetchKeys fetches the public keys of the load balancer and the identity provider
 */
export function signInIdentity(signIn: SignIn, fetchKeys: typeof fetch): RequestHandler {
  const signedIn = new SignedIn(signIn, fetchKeys);
  const guard = browserGuard(signIn.url, 'SIGN_IN_URL');
  return async (request, response, next) => {
    const claims = request.get(USER_CLAIMS);
    // Webhooks come through the gateway, unsigned and with any header; they have a signature of their own.
    if (claims === undefined || callerOf(response) !== undefined || request.path.startsWith('/webhooks/')) {
      next();
      return;
    }
    try {
      const { principal, groups } = await signedIn.recognize(claims, request.get(ACCESS_TOKEN) ?? '');
      response.locals.identity = { caller: principal, groups } satisfies Identity;
    } catch (error) {
      request.log.warn({ err: error }, 'a sign-in was not accepted');
      response.locals.identity = {
        fault: `The sign-in is not accepted: ${(error as Error).message}.`,
      } satisfies Identity;
      next();
      return;
    }
    guard(request, response, next);
  };
}

function callerFromGateway(request: Request, expected: readonly Buffer[]): Identity {
  const given = sha256(request.get('x-mlops-gateway-secret') ?? '');
  // Hashes of equal length, and all secrets are compared, so that the comparison always takes the same time.
  const known = expected.map((secret) => timingSafeEqual(given, secret)).includes(true);
  if (!known) {
    return {
      fault:
        'This service takes requests only through its gateway, which names the caller. Use the API address among the outputs of the orchestrator stack.',
    };
  }
  const caller = request.get('x-mlops-caller') ?? '';
  return CALLER.test(caller)
    ? { caller }
    : { fault: `The gateway has to name the caller in x-mlops-caller: ${CALLER_IS}.` };
}

function callerFromHeader(request: Request): Identity {
  const caller = request.get('x-caller') ?? SANDBOX_USER;
  return CALLER.test(caller)
    ? { caller }
    : { fault: `The header x-caller must be ${CALLER_IS}. Without it you are "${SANDBOX_USER}".` };
}

/** Refuses unidentified callers with 401. Runs after the rate limit, so that guessing is limited too. */
export function requireIdentity(): RequestHandler {
  return (_request, response, next) => {
    const known = response.locals.identity as Identity;
    if ('fault' in known) throw new HttpError('UNAUTHENTICATED', known.fault);
    next();
  };
}

/** @returns the caller; undefined if unknown. */
export function callerOf(response: Response): string | undefined {
  const known = response.locals.identity as Identity;
  return 'caller' in known ? known.caller : undefined;
}

/** @returns the groups of a person who has signed in; undefined for every other caller. */
export function groupsOf(response: Response): readonly string[] | undefined {
  const known = response.locals.identity as Identity;
  return 'caller' in known ? known.groups : undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
