/** Ends the session of a person who has signed in at the load balancer. */
import type { Request, Response } from 'express';
import type { SignIn } from '../../automation/config/sign-in-settings.ts';
import { answer } from '../answers.ts';
import { HttpError } from '../http-error.ts';
import { groupsOf } from '../middleware/identity.ts';
import type { Route } from '../route.ts';

/**
 * The session is in up to four cookies, because each holds at most 4 KiB.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html#authentication-logout
 */
const SESSION_COOKIES = Array.from({ length: 4 }, (_, index) => `AWSELBAuthSessionCookie-${index}`);
/** Names of further shards, should there be more than documented. */
const SESSION_COOKIE = /(?:^|;\s*)(AWSELBAuthSessionCookie-\d{1,3})=/g;

/** Whether a person can sign out: signed in at the load balancer, and the identity provider's address for it is known. */
export function canSignOut(signIn: SignIn | undefined, response: Response): boolean {
  return signIn?.logoutUrl !== undefined && groupsOf(response) !== undefined;
}

/**
 * Only POST: a link on another page must not sign anybody out, and the browser guard refuses what other pages post. The
 * console follows `location` itself, because browsers forbid a form to be redirected to another origin than its own policy
 * allows.
 */
export function signOutRoute(signIn: SignIn | undefined): Route {
  return {
    method: 'post',
    path: '/sign-out',
    role: 'open',
    operationId: 'signOut',
    summary: 'End the session of a person who has signed in with OpenID Connect',
    description:
      "Expires the load balancer's session cookies. The browser then has to open `location`, where the identity provider ends its own session. 409 for every other caller, and without `SIGN_IN_LOGOUT_URL`.",
    answers: { 200: { description: 'Where to go', schema: answer('SignedOut') } },
    refusals: [409],
    handle({ request }, response) {
      if (!signIn || groupsOf(response) === undefined) {
        throw new HttpError(
          'SIGN_OUT_NOT_AVAILABLE',
          'This request belongs to no sign-in at the load balancer, so there is no session to end.',
        );
      }
      if (signIn.logoutUrl === undefined) {
        throw new HttpError(
          'SIGN_OUT_NOT_AVAILABLE',
          "Set SIGN_IN_LOGOUT_URL (signIn.logoutUrl) to the identity provider's address for logout: without it, the next request would sign the person in again.",
        );
      }
      for (const name of sessionCookies(request)) {
        response.clearCookie(name, { path: '/', secure: true, httpOnly: true });
      }
      response.json({ location: signIn.logoutUrl });
    },
  };
}

function sessionCookies(request: Request): Set<string> {
  const sent = [...(request.get('Cookie') ?? '').matchAll(SESSION_COOKIE)].map(([, name = '']) => name);
  return new Set([...SESSION_COOKIES, ...sent]);
}
