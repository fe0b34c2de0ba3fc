import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

/** Ids that can be logged and returned unchanged: no spaces, quotes or control characters. */
const SANE = /^[A-Za-z0-9._:=+/-]{1,128}$/;

/** Gives every request an id: the caller's `X-Request-Id` if it is valid, otherwise a new one. Every response has it. */
export function requestId(): RequestHandler {
  return (request, response, next) => {
    const given = request.get('X-Request-Id');
    request.id = given !== undefined && SANE.test(given) ? given : randomUUID();
    response.set('X-Request-Id', request.id);
    next();
  };
}
