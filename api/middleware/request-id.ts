import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

/** What goes into logs and answers as it is: no spaces, quotes or control characters. */
const SANE = /^[A-Za-z0-9._:=+/-]{1,128}$/;

/** Gives every request an id: the caller's `X-Request-Id` where it is harmless, else a new one. It is on every answer. */
export function requestId(): RequestHandler {
  return (request, response, next) => {
    const given = request.get('X-Request-Id');
    request.id = given !== undefined && SANE.test(given) ? given : randomUUID();
    response.set('X-Request-Id', request.id);
    next();
  };
}
