/**
 * Prevents foreign web pages from calling the service where a browser would let them: without a gateway, a page open in a browser
 * on this machine can reach loopback too (this runs before the caller is identified); and a browser sends the cookie of a sign-in
 * with the requests of any page.
 */
import type { Request, RequestHandler } from 'express';
import { HttpError } from '../http-error.ts';

/** Names that no DNS server outside this machine can resolve to it. */
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** `Sec-Fetch-Site` of requests not caused by a page, or caused by a page of the same origin. */
const OWN_SITE = new Set(['same-origin', 'none']);

/**
 * Refuses, with 403,
 * - a `Host` that is neither loopback nor the service's own: with DNS rebinding a foreign name resolves to this machine;
 * - requests from a page of another origin, by `Sec-Fetch-Site`, or by `Origin` if the browser does not send it. This includes
 *   reads, which take memory and time, but not opening a URL in a window (a link in a message).
 *
 * @param publicUrl public URL of the service; its host counts as the service's own. Empty: loopback only.
 * @param setting where that URL comes from, for the message
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function browserGuard(publicUrl: string, setting = 'PUBLIC_URL'): RequestHandler {
  const ownHost = publicUrl === '' ? undefined : new URL(publicUrl).host.toLowerCase();
  return (request, _response, next) => {
    const host = request.get('Host');
    // Browsers always send one; HTTP/1.0 clients need not.
    if (host !== undefined && host.toLowerCase() !== ownHost && !LOOPBACK_HOST.test(withoutPort(host))) {
      throw new HttpError(
        'HOST_NOT_ALLOWED',
        `The request is for the host "${host.slice(0, 100)}". This service answers requests for localhost and 127.0.0.1 only; set ${setting} if it is reached under another name.`,
      );
    }
    if (!isOfOwnSite(request, host)) {
      throw new HttpError(
        'ORIGIN_NOT_ALLOWED',
        'The request was sent by a web page of another origin. This service answers only its own pages; call it from a program or a shell.',
      );
    }
    next();
  };
}

function isOfOwnSite(request: Request, host: string | undefined): boolean {
  const site = request.get('Sec-Fetch-Site');
  if (site !== undefined) return OWN_SITE.has(site) || isNavigation(request);
  const origin = request.get('Origin');
  return origin === undefined || (host !== undefined && isOriginOf(origin, host));
}

/**
 * Navigation by a link: the page with the link cannot read the response. Not what a page has fetched ahead, which takes no
 * click: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose
 */
function isNavigation(request: Request): boolean {
  return (
    request.method === 'GET' &&
    request.get('Sec-Purpose') === undefined &&
    request.get('Sec-Fetch-Mode') === 'navigate' &&
    request.get('Sec-Fetch-Dest') === 'document' &&
    request.get('Origin') === undefined
  );
}

function isOriginOf(origin: string, host: string): boolean {
  return URL.parse(origin)?.host === host.toLowerCase();
}

function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, '');
}
