/**
 * Makes the errors of a stack operation readable. The only place in stacks/ that matches error texts of Pulumi, its provider
 * and AWS.
 */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { StageError } from '../../model.ts';

/** What a caller can do about an AWS error, identified by its exact code or by a phrase of its message. */
interface Hint {
  codes: readonly string[];
  words: readonly RegExp[];
  hint: string;
}

/**
 * gRPC's wording.
 * @see https://github.com/grpc/grpc-go/blob/master/internal/transport/http2_client.go
 */
const CONNECTION_LOST =
  /\berror reading from server: |\btransport is closing\b|\bclosing transport due to: |\bconnection error: desc = /;

/** The first match counts. Patterns are whole phrases, because messages may contain arbitrary names. */
const HINTS: readonly Hint[] = [
  {
    codes: [],
    words: [
      /\boperation error STS: AssumeRole\b/,
      /\bCannot assume IAM Role\b/,
      /\bis not authorized to perform: sts:AssumeRole\b/,
    ],
    hint: "The deployment role of this environment cannot be assumed; check its trust policy and the environment's settings.",
  },
  {
    codes: [],
    words: [/\bno longer (?:open|available) to new (?:customers|accounts)\b/i],
    hint: 'AWS no longer opens this feature to new accounts; deploy to an account that used it before (docs/preflight.md).',
  },
  {
    codes: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError'],
    words: [/\bis not authorized to perform: [a-z0-9-]+:[A-Za-z]+/],
    hint: 'The deployment role lacks the permission named in the message; add it to the role and retry.',
  },
  {
    codes: [
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'InvalidSignatureException',
    ],
    words: [/\bNo valid credential sources found\b/, /\bfailed to refresh cached credentials\b/],
    hint: "The service's AWS credentials are not valid any more; renew them and retry.",
  },
  {
    codes: ['InsufficientInstanceCapacity', 'CapacityError'],
    words: [
      /\bInsufficientInstanceCapacity\b/,
      /\bCapacityError: /,
      /\bUnable to provision requested ML compute capacity\b/i,
    ],
    hint: 'AWS has no capacity for this instance type at the moment; retry later or choose another one.',
  },
  {
    codes: [
      'ResourceLimitExceeded',
      'LimitExceeded',
      'LimitExceededException',
      'ServiceQuotaExceededException',
      'QuotaExceededException',
      'CodeStorageExceededException',
    ],
    words: [/^ResourceLimitExceeded: /],
    hint: 'A quota of the account is exhausted; request an increase in Service Quotas, or choose another instance type.',
  },
  {
    codes: [
      'Throttling',
      'ThrottlingException',
      'ThrottledException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'RequestThrottled',
      'SlowDown',
    ],
    words: [/\bRate exceeded\s*$/],
    hint: 'AWS throttled the calls; retry later.',
  },
  {
    codes: [
      'EntityAlreadyExists',
      'ResourceAlreadyExistsException',
      'AlreadyExistsException',
      'BucketAlreadyExists',
      'BucketAlreadyOwnedByYou',
      'RepositoryAlreadyExistsException',
      'PipelineNameInUseException',
      'ResourceInUse',
    ],
    words: [
      /: Cannot create already existing \w+/,
      /\bResourceConflictException: Function already exist\b/,
      /\bJob name must be unique within an AWS account and region\b/,
    ],
    hint: 'A resource with this name already exists outside this stack; choose another name, or remove or import the existing one.',
  },
  {
    codes: ['NoSuchKey'],
    words: [/\bCould not (?:find|access) model data at s3:\/\//],
    hint: 'The model artifact does not exist at the given key of the assets bucket; upload it and retry.',
  },
  {
    codes: ['RepositoryNotFoundException', 'ImageNotFoundException', 'CannotPullContainerError'],
    words: [
      /\bCannotPullContainerError: /,
      /\bRequested image \S+ not found\b/,
      /\bThe image '[^']+' does not exist in the repository\b/i,
    ],
    hint: 'The container image cannot be pulled; check its URI and that the account may read the repository.',
  },
  {
    codes: [],
    words: [CONNECTION_LOST],
    hint: 'The provider process ended before it answered, possibly because memory ran out; retry, which first looks for what it created.',
  },
  {
    codes: [],
    words: [/\bdid not pass the ping health check\b/],
    hint: 'The container did not answer GET /ping in time; the CloudWatch logs of the endpoint show why. Correct the image or the artifact and send the request again.',
  },
];

/** Collects error events of the engine; at the end, the child asks for the error to report. */
export class FailureCollector {
  readonly #diagnostics: { message: string; urn?: string }[] = [];

  add(event: EngineEvent): void {
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === 'error' && diagnostic.message.trim() !== '') {
      this.#diagnostics.push({
        message: diagnostic.message.trim(),
        ...(diagnostic.urn ? { urn: diagnostic.urn } : {}),
      });
    }
  }

  /** The first error that names a resource is the cause; the engine's final "update failed" is not. */
  toStageError(thrown: unknown): StageError {
    const ofResource = this.#diagnostics.find((diagnostic) => diagnostic.urn && !isClosingWord(diagnostic.message));
    const first = ofResource ?? this.#diagnostics.find((diagnostic) => !isClosingWord(diagnostic.message));
    const message = first?.message ?? messageOf(thrown);
    return describeFailure(message, first?.urn);
  }
}

function isClosingWord(message: string): boolean {
  return /^(update|preview|destroy|refresh) (failed|canceled)$/.test(message);
}

/**
 * A Lambda function that failed: the provider prints the payload, which contains the runtime's error. Providers before 2026
 * add text around it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
const FUNCTION_ERROR =
  /^(?:.*: |\s*\* )?invoking Lambda Function \([^()]+\): (?:Lambda function \([^()]+\) returned error: \()?(\{.*\})\)?\s*$/m;

/** The error that the function threw, which is the cause. */
function functionError(message: string): { errorType: string; errorMessage: string } | undefined {
  const [, payload] = FUNCTION_ERROR.exec(message) ?? [];
  if (!payload) return undefined;
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as Record<string, unknown>;
    return typeof errorMessage === 'string' ? { errorType: String(errorType ?? 'Error'), errorMessage } : undefined;
  } catch {
    return undefined;
  }
}

/** Turns the provider's text into the error of a stage. */
export function describeFailure(text: string, urn?: string, code = 'OPERATION_FAILED'): StageError {
  const thrown = functionError(text);
  const message = thrown ? `${thrown.errorType}: ${thrown.errorMessage}` : text;
  // The AWS SDK for Go prints a code that its API model lists as the error's type, any other after "api error".
  const providerCode =
    /\bRequestID: [^,]*, (?:api error )?([A-Za-z0-9.]+): |\bapi error ([A-Za-z0-9.]+): /
      .exec(message)
      ?.slice(1)
      .find((code) => code !== undefined) ?? thrown?.errorType;
  const requestId = /RequestID: ([0-9a-f-]{8,})/i.exec(message)?.[1];
  const hint = hintFor(providerCode, message);
  return {
    code,
    message,
    ...(urn ? { urn } : {}),
    ...(providerCode ? { providerCode } : {}),
    ...(requestId ? { requestId } : {}),
    ...(hint ? { hint } : {}),
  };
}

function hintFor(code: string | undefined, message: string): string | undefined {
  const found = HINTS.find(
    ({ codes, words }) => (code !== undefined && codes.includes(code)) || words.some((one) => one.test(message)),
  );
  return found?.hint;
}

/** The SDK's `CommandError` contains the whole output of the CLI; only the last lines with `error:` matter. */
function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const errors = text
    .split('\n')
    .map((line) => /error: (.+)$/.exec(line)?.[1]?.trim())
    .filter((line) => line !== undefined && !isClosingWord(line));
  return errors[0] ?? text.split('\n', 1)[0] ?? 'the engine failed without a message';
}

/** Whether another operation holds the stack, according to the CLI's text (error classes are lost between processes). */
export function isLocked(thrown: unknown): boolean {
  return /^.*\[409\] Conflict: Another update is currently in progress|\bthe stack is currently locked by \d+ lock/m.test(
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}

/** Whether the engine does not know the stack. */
export function isUnknownStack(thrown: unknown): boolean {
  return /\bno stack named '[^']*' found\b/.test(thrown instanceof Error ? thrown.message : String(thrown));
}

/** Whether the engine lost its connection to a provider during a call: the call may have taken effect. */
export function isConnectionLost(message: string): boolean {
  return CONNECTION_LOST.test(message);
}

const PLAN_VIOLATION = /error: (.*(?:violates plan|not allowed by the plan).*)/;

/** Whether the engine refused a step that is not in its update plan. */
export function isPlanViolation(thrown: unknown): boolean {
  return planViolationIn(thrown) !== '';
}

/** @returns the engine's message; empty for any other error */
export function planViolationIn(thrown: unknown): string {
  return PLAN_VIOLATION.exec(thrown instanceof Error ? thrown.message : '')?.[1] ?? '';
}
