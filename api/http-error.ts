/**
 * Refusals by the HTTP layer, before the orchestrator is called. Callers and docs/errors.md match on `code`, which is sent in
 * the `X-Error-Code` header.
 */
export const HTTP_ERROR_CODES = {
  PATH_INVALID: { status: 400, message: 'A BadRequest exception occurred' },
  UNAUTHENTICATED: { status: 401, message: 'An Unauthorized exception occurred' },
  FORBIDDEN: { status: 403, message: 'A Forbidden exception occurred' },
  HOST_NOT_ALLOWED: { status: 403, message: 'A Forbidden exception occurred' },
  ORIGIN_NOT_ALLOWED: { status: 403, message: 'A Forbidden exception occurred' },
  PATH_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'A MethodNotAllowed exception occurred' },
  SIGN_OUT_NOT_AVAILABLE: { status: 409, message: 'A Conflict exception occurred' },
  BODY_TOO_LARGE: { status: 413, message: 'A PayloadTooLarge exception occurred' },
  BODY_TYPE_UNSUPPORTED: { status: 415, message: 'An UnsupportedMediaType exception occurred' },
  RATE_LIMITED: { status: 429, message: 'A TooManyRequests exception occurred' },
} as const;

export type HttpErrorCode = keyof typeof HTTP_ERROR_CODES;

/** A request refused because of its path, method, headers or size. */
export class HttpError extends Error {
  readonly code: HttpErrorCode;
  /** Headers of the response, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail explanation for people; becomes `detailedMessage`. */
  constructor(
    code: HttpErrorCode,
    detail: string,
    options: { cause?: unknown; headers?: Record<string, string> } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'HttpError';
    this.code = code;
    this.headers = options.headers ?? {};
  }
}
