/**
 * The small closed family of errors that leave this folder. `code` is what callers match on (a durable engine replays
 * errors as plain objects, so never `instanceof`); `status` is the HTTP status that fits. docs/errors.md lists them.
 */
export const ERROR_CODES = {
  PIPELINE_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  EXECUTION_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  REVISION_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  PIPELINE_TYPE_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  ENVIRONMENT_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  ENVIRONMENT_NOT_CONFIGURED: { status: 409, message: 'A Conflict exception occurred' },
  WEBHOOK_NOT_SET_UP: { status: 404, message: 'A NotFound exception occurred' },
  DELIVERY_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  DELIVERY_IN_PROGRESS: { status: 409, message: 'A Conflict exception occurred' },
  NOTIFICATION_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  NOTIFICATION_PENDING: { status: 409, message: 'A Conflict exception occurred' },
  TOPIC_NOT_CONFIGURED: { status: 409, message: 'A Conflict exception occurred' },
  SIGNATURE_INVALID: { status: 401, message: 'An Unauthorized exception occurred' },
  PIPELINE_TYPE_NOT_AVAILABLE: { status: 501, message: 'A NotImplemented exception occurred' },
  OPERATION_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  CALLER_LIMIT_REACHED: { status: 429, message: 'A TooManyRequests exception occurred' },
  SERVICE_BUSY: { status: 503, message: 'A ServiceUnavailable exception occurred' },
  EXECUTION_NOT_RETRYABLE: { status: 409, message: 'A Conflict exception occurred' },
  EXECUTION_ENDED: { status: 409, message: 'A Conflict exception occurred' },
  PIPELINE_PROTECTED: { status: 409, message: 'A Conflict exception occurred' },
  ENDPOINT_MONITORED: { status: 409, message: 'A Conflict exception occurred' },
  APPROVAL_OUTDATED: { status: 409, message: 'A Conflict exception occurred' },
  APPROVAL_EXPIRED: { status: 410, message: 'A Gone exception occurred' },
  APPROVAL_NOT_ALLOWED: { status: 403, message: 'A Forbidden exception occurred' },
  PIPELINE_BUSY: { status: 409, message: 'A Conflict exception occurred' },
  NOTHING_TO_RUN: { status: 409, message: 'A Conflict exception occurred' },
  STACK_NOT_FOUND: { status: 409, message: 'A Conflict exception occurred' },
  NOTHING_DEPLOYED: { status: 409, message: 'A Conflict exception occurred' },
  NOTHING_DRIFTED: { status: 409, message: 'A Conflict exception occurred' },
  PIPELINE_HAS_NO_MODEL: { status: 409, message: 'A Conflict exception occurred' },
  MODEL_CARD_NOT_FOUND: { status: 404, message: 'A NotFound exception occurred' },
  MODEL_CARD_EXISTS: { status: 409, message: 'A Conflict exception occurred' },
  MODEL_CARD_EXPORT_FAILED: { status: 502, message: 'A Deployment exception occurred' },
  DATABASE_UNAVAILABLE: { status: 503, message: 'A ServiceUnavailable exception occurred' },
  CONFIG_INVALID: { status: 500, message: 'An Unexpected Server side exception occurred' },
  OPERATION_FAILED: { status: 502, message: 'A Deployment exception occurred' },
  OPERATION_TIMED_OUT: { status: 504, message: 'A Deployment exception occurred' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export class OrchestratorError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Seconds after which the same call may succeed; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Further keys of the answer, for programs. */
  readonly data?: Readonly<Record<string, unknown>>;

  /** @param detail for the person who has to act on it; becomes `detailedMessage`. */
  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; retryAfterSeconds?: number; data?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'OrchestratorError';
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.data = options.data;
  }
}
