/** One row of the table from which both the Express router and the OpenAPI document are generated. */
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import Joi from 'joi';
import type { Role } from '../automation/config/caller-roles.ts';
import { RequestInvalid } from '../blueprints/faults.ts';
import { HttpError } from './http-error.ts';
import { callerOf, requireIdentity } from './middleware/identity.ts';
import { BytesInFlight } from './middleware/bytes-in-flight.ts';
import { BODY_LIMIT_BYTES, jsonBody, rawBody } from './middleware/json-body.ts';

export type JsonSchema = Record<string, unknown>;

/** Input of a handler, fully validated. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  /** Parsed values, including defaults. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Parsed JSON, or the bytes of a raw body; undefined if the route takes no body. */
  readonly body: unknown;
  readonly caller: string;
  readonly request: Request;
}

export interface RouteAnswer {
  readonly description: string;
  /** Omitted if the response has no body. */
  readonly schema?: JsonSchema;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Other content types that can be requested with `Accept`, with their schemas. */
  readonly otherTypes?: Readonly<Record<string, JsonSchema>>;
}

export interface RouteBody {
  readonly presence: 'required' | 'optional';
  /** Completes "Expected a JSON object: …". */
  readonly expects: string;
  readonly schema: JsonSchema;
  /** The handler gets the raw bytes of the body, at most this many. */
  readonly rawLimitBytes?: number;
  /** The body is parsed as JSON regardless of its Content-Type; default: 415 for other content types. */
  readonly anyContentType?: boolean;
}

export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  /** In the syntax of Express: `/pipelines/:id`. */
  readonly path: string;
  /**
   * The role that the caller must have (docs/access.md). `open`: public, or the route identifies the caller itself; then
   * `Call.caller` may be empty.
   */
  readonly role: Role | 'open';
  /** Name of the call in generated clients; unique. */
  readonly operationId: string;
  readonly summary: string;
  /** The heading under which documentation lists it. */
  readonly tag?: string;
  readonly description?: string;
  /** Path parameters, with their descriptions. */
  readonly params?: Readonly<Record<string, string>>;
  /** Default: no parameters. */
  readonly query?: Joi.ObjectSchema;
  readonly body?: RouteBody;
  /** Responses below 400 by status; the others are the same for all routes. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Status codes of refusals that this route may return in addition to those of every route. */
  readonly refusals?: readonly number[];
  handle(call: Call, response: Response): void | Promise<void>;
}

/** Admits callers who may call a route, and refuses all others. */
export type Guard = (route: Pick<Route, 'role' | 'path'>) => RequestHandler[];

const NO_QUERY = Joi.object({});

/** Puts routes under one heading. */
export function tagged(tag: string, routes: readonly Route[]): Route[] {
  return routes.map((route) => ({ ...route, tag }));
}

/** Creates the router: each path supports its methods, HEAD and OPTIONS, and refuses any other with 405. */
export function routerOf(routes: readonly Route[], guard: Guard): Router {
  const router = express.Router({ caseSensitive: true });
  const inFlight = new BytesInFlight(BODY_LIMIT_BYTES);
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    const allow = allowedMethods(ofPath);
    const mounted = router.route(path);
    mounted.all((_request, response, next) => {
      response.locals.route = path;
      next();
    });
    for (const route of ofPath) mounted[route.method](...guard(route), ...handlersOf(route, inFlight));
    // What a path accepts is not disclosed to callers without authentication.
    if (ofPath.some((route) => route.role !== 'open')) mounted.all(requireIdentity());
    mounted.all(otherMethod(allow));
  }
  return router;
}

function handlersOf(route: Route, inFlight: BytesInFlight): RequestHandler[] {
  const run: RequestHandler = async (request, response) => {
    const call: Call = {
      params: request.params as Record<string, string>,
      query: checkedQuery(route, request),
      body: route.body ? request.body : undefined,
      // Except on open routes, the guard admits only identified callers.
      caller: callerOf(response) ?? '',
      request,
    };
    await route.handle(call, response);
  };
  if (!route.body) return [run];
  const { rawLimitBytes } = route.body;
  return [rawLimitBytes === undefined ? jsonBody(route.body, inFlight) : rawBody(rawLimitBytes), run];
}

/** @throws RequestInvalid naming every parameter that is wrong; `pointer` is `?name`. */
function checkedQuery(route: Route, request: Request): Record<string, unknown> {
  for (const [name, value] of Object.entries(request.query)) {
    if ([name, value].flat().every((text) => !String(text).includes('\0'))) continue;
    // No text that the database stores has one, and it refuses to look for it.
    const message = 'Query parameter must not contain the NUL character (%00)';
    throw new RequestInvalid(message, [{ pointer: `?${name.replaceAll('\0', '%00')}`, message, rule: 'query' }]);
  }
  const { value, error } = (route.query ?? NO_QUERY).validate(request.query, {
    abortEarly: false,
    errors: { wrap: { label: false } },
  });
  if (!error) return value as Record<string, unknown>;
  const faults = error.details.map(({ message, path, context }) => ({
    pointer: `?${path.join('.')}`,
    message: `Query parameter ${message}`,
    rule: 'query',
    ...(Array.isArray(context?.valids) ? { allowed: context.valids } : {}),
  }));
  throw new RequestInvalid(faults.map((fault) => fault.message).join('; '), faults);
}

function allowedMethods(routes: readonly Route[]): string {
  const methods = routes.map((route) => route.method.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

function otherMethod(allow: string): RequestHandler {
  return (request, response) => {
    if (request.method === 'OPTIONS') {
      response.status(204).set('Allow', allow).end();
      return;
    }
    throw new HttpError(
      'METHOD_NOT_ALLOWED',
      `${request.method} is not possible at ${request.path.slice(0, 200)}. Possible: ${allow}.`,
      { headers: { Allow: allow } },
    );
  };
}
