/** What the API answers when it refuses, in the form in which pages show it. */
import type { Model } from './model.ts';

export type Fault = NonNullable<Model<'Error'>['errors']>[number];

export class ApiError extends Error {
  /** HTTP status; 0 if the API could not be reached. */
  readonly status: number;
  /** Such as `PIPELINE_NOT_FOUND`: docs/errors.md lists them. */
  readonly code: string;
  /** All faults of a request. */
  readonly faults: readonly Fault[];
  /** Machine-readable details, such as the monitors of an endpoint. */
  readonly data: Record<string, unknown>;
  readonly requestId: string | undefined;

  constructor(
    message: string,
    details: { status: number; code: string; body?: Partial<Model<'Error'>> | undefined; cause?: unknown },
  ) {
    super(message, { cause: details.cause });
    this.name = 'ApiError';
    this.status = details.status;
    this.code = details.code;
    this.faults = details.body?.errors ?? [];
    this.data = (details.body?.data ?? {}) as Record<string, unknown>;
    this.requestId = details.body?.requestId;
  }

  /** @param body of the response, if it was JSON */
  static of(response: Response, body: unknown): ApiError {
    const answer = typeof body === 'object' && body !== null ? (body as Partial<Model<'Error'>>) : undefined;
    return new ApiError(answer?.detailedMessage ?? answer?.message ?? `The service answered ${response.status}.`, {
      status: response.status,
      code: response.headers.get('X-Error-Code') ?? `HTTP_${response.status}`,
      body: answer,
    });
  }

  static unreachable(cause: unknown): ApiError {
    return new ApiError('The service does not answer. Check that it is running, and try again.', {
      status: 0,
      code: 'SERVICE_UNREACHABLE',
      cause,
    });
  }
}

/** Whether asking again may help: a refusal stays one. */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429);
}
