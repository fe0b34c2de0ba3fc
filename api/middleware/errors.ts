/** The only place that maps errors to HTTP responses. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { isDatabaseAway } from '../../automation/platform/database.ts';
import { ERROR_CODES } from '../../automation/errors.ts';
import type { Fault } from '../../blueprints/faults.ts';
import { HTTP_ERROR_CODES, HttpError } from '../http-error.ts';

/** Body of every response with a status of 400 or above. */
export interface ErrorAnswer {
  /** The guide's general message for this type of error. */
  message: string;
  /** What happened and how to resolve it; only if the installation allows detailed messages. */
  detailedMessage?: string;
  errors?: readonly Fault[];
  /** A valid body. */
  example?: Record<string, unknown>;
  /** Machine-readable details, such as the monitors of an endpoint. */
  data?: Readonly<Record<string, unknown>>;
  /** Identifies this request in the log of the service. */
  requestId: string;
}

interface Mapped {
  code: string;
  status: number;
  message: string;
  detail: string;
  headers?: Readonly<Record<string, string>>;
  errors?: readonly Fault[];
  example?: Record<string, unknown>;
  data?: Readonly<Record<string, unknown>>;
}

/** Possible shape of an error. The durable engine passes errors on as plain objects, so only `code` identifies them. */
type Raised = Partial<{
  code: unknown;
  message: unknown;
  retryAfterSeconds: unknown;
  faults: readonly Fault[];
  example: Record<string, unknown>;
  data: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string>>;
}>;

/** Seconds after which a caller may try again while the database restarts. */
const RETRY_AFTER_SECONDS = 5;

/** Returns 404 for unknown paths. */
export function pathNotFound(): RequestHandler {
  return (request) => {
    throw new HttpError(
      'PATH_NOT_FOUND',
      `Unacceptable event path. Path must be /provisionpipeline or /pipelinestatus, or one listed at GET /openapi.json; got ${request.path.slice(0, 200)}`,
    );
  };
}

/**
 * Maps errors to responses. Errors are distinguished by `code`; unknown ones become a 500 and are logged with their
 * stack, without disclosing anything to the caller.
 */
export function errors(settings: { readonly allowDetailedErrorMessage: boolean }): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const mapped = mapError(error, String(request.id));
    if (mapped.status >= 500) request.log.error({ err: error, code: mapped.code }, 'a request failed');
    else request.log.debug({ code: mapped.code, detail: mapped.detail }, 'a request was refused');
    if (response.headersSent) {
      // Closing the connection is the only remaining way to signal that the response is incomplete.
      response.destroy();
      return;
    }
    const answer: ErrorAnswer = {
      message: mapped.message,
      ...(settings.allowDetailedErrorMessage ? { detailedMessage: mapped.detail } : {}),
      ...(mapped.errors ? { errors: mapped.errors } : {}),
      ...(mapped.example ? { example: mapped.example } : {}),
      ...(mapped.data ? { data: mapped.data } : {}),
      requestId: String(request.id),
    };
    response
      .status(mapped.status)
      .set({ ...mapped.headers, 'X-Error-Code': mapped.code })
      .json(answer);
  };
}

function mapError(error: unknown, requestId: string): Mapped {
  const raised: Raised = typeof error === 'object' && error !== null ? error : {};
  const detail = typeof raised.message === 'string' ? raised.message : '';
  const { code } = raised;
  if (code === 'REQUEST_INVALID') {
    const { faults, example } = raised;
    return { code, status: 400, message: 'A BadRequest exception occurred', detail, errors: faults ?? [], example };
  }
  if (isKeyOf(HTTP_ERROR_CODES, code)) return { code, ...HTTP_ERROR_CODES[code], detail, headers: raised.headers };
  // Callers cannot fix a wrong setting, and its message may contain internals.
  if (isKeyOf(ERROR_CODES, code) && code !== 'CONFIG_INVALID') {
    const seconds = raised.retryAfterSeconds ?? (code === 'DATABASE_UNAVAILABLE' ? RETRY_AFTER_SECONDS : undefined);
    const headers = typeof seconds === 'number' ? retryAfter(seconds) : undefined;
    return { code, ...ERROR_CODES[code], detail, headers, ...(raised.data ? { data: raised.data } : {}) };
  }
  if (isMalformedPath(error)) {
    return {
      code: 'PATH_INVALID',
      ...HTTP_ERROR_CODES.PATH_INVALID,
      detail: 'The path holds a % that is not followed by the code of a UTF-8 character. Encode each part of it.',
    };
  }
  if (isDatabaseAway(error)) {
    return {
      code: 'DATABASE_UNAVAILABLE',
      ...ERROR_CODES.DATABASE_UNAVAILABLE,
      detail: 'The database does not answer just now. Nothing is lost: executions go on when it is back.',
      headers: retryAfter(RETRY_AFTER_SECONDS),
    };
  }
  return {
    code: 'INTERNAL',
    status: 500,
    message: 'An Unexpected Server side exception occurred',
    detail: `This is a fault of the service. Its log has the reason under request id ${requestId}.`,
  };
}

function isKeyOf<T extends object>(table: T, key: unknown): key is keyof T & string {
  return typeof key === 'string' && Object.hasOwn(table, key);
}

/** Express' own error for a path parameter that does not decode; the only `URIError` that carries a status. */
function isMalformedPath(error: unknown): boolean {
  return error instanceof URIError && (error as { status?: number }).status === 400;
}

function retryAfter(seconds: number): Record<string, string> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) };
}
