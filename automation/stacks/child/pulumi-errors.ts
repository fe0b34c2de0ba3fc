/**
 * Makes the errors of a stack operation readable. The only place in stacks/ that matches error texts of Pulumi, its provider
 * and AWS.
 */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { StageError } from '../../model.ts';

/** What a caller can do about an AWS error, identified by its exact code or by what its message begins with. */
interface Hint {
  codes: readonly string[];
  words: readonly RegExp[];
  hint: string;
}

/**
 * A message that begins so: at the start of a line, or after the text that the provider, the AWS SDK for Go or gRPC put before
 * it, which ends with a colon. Names, which may contain anything, do not stand there.
 */
function begins(words: string): RegExp {
  return new RegExp(`(?:^|: |^\\s*\\* |\\bdesc = )(?:${words})`, 'm');
}

/**
 * gRPC's wording.
 * @see https://github.com/grpc/grpc-go/blob/master/internal/transport/http2_client.go
 */
const CONNECTION_LOST = begins(
  'error reading from server: |transport is closing$|closing transport due to: |connection error: desc = ',
);

/** What monitors are made with, and what AWS answers whom it does not offer them: IAM would name the missing action. */
const MONITORS_CLOSED =
  'operation error SageMaker: Create(?:MonitoringSchedule|[A-Z][A-Za-z]+JobDefinition), ' +
  '[^:]+: 40\\d, RequestID: [^,]+, (?:api error )?AccessDenied(?:Exception)?: (?!.*\\bis not authorized to perform: )';
/** The same through Cloud Control. */
const MONITORS_CLOSED_TO_CLOUD_CONTROL =
  'waiting for Cloud Control API \\(AWS::SageMaker::[A-Z][A-Za-z]+JobDefinition\\) .*' +
  '\\blast error: AccessDenied: (?!.*\\bis not authorized to perform: )';

/** The first match counts. */
export const HINTS: readonly Hint[] = [
  {
    codes: [],
    words: [
      begins('operation error STS: AssumeRole, '),
      begins('Cannot assume IAM Role(?:\\.|$)'),
      begins('User: \\S+ is not authorized to perform: sts:AssumeRole\\b'),
    ],
    hint: "The deployment role of this environment cannot be assumed; check its trust policy and the environment's settings.",
  },
  {
    codes: [],
    words: [
      begins('[^:"]* is no longer (?:open|available) to new (?:customers|accounts)\\b'),
      begins(MONITORS_CLOSED),
      begins(MONITORS_CLOSED_TO_CLOUD_CONTROL),
    ],
    hint: 'AWS no longer opens this feature to new accounts; deploy to an account that used it before (docs/preflight.md).',
  },
  {
    codes: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError'],
    words: [begins('User: \\S+ is not authorized to perform: [a-z0-9-]+:[A-Za-z]+')],
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
    words: [begins('No valid credential sources found\\b'), begins('failed to refresh cached credentials, ')],
    hint: "The service's AWS credentials are not valid any more; renew them and retry.",
  },
  {
    codes: ['InsufficientInstanceCapacity', 'CapacityError'],
    words: [begins('CapacityError: '), begins('Unable to provision requested ML compute capacity\\b')],
    hint: 'AWS has no capacity for this instance type at the moment; retry later or choose another one.',
  },
  {
    codes: [
      'ResourceLimitExceeded',
      'LimitExceeded',
      'LimitExceededException',
      'ServiceLimitExceeded',
      'ServiceQuotaExceededException',
      'QuotaExceededException',
      'CodeStorageExceededException',
    ],
    words: [begins('ResourceLimitExceeded: ')],
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
    words: [begins('Rate exceeded\\s*$')],
    hint: 'AWS throttled the calls; retry later.',
  },
  {
    codes: [
      'EntityAlreadyExists',
      'ResourceAlreadyExistsException',
      'AlreadyExists',
      'AlreadyExistsException',
      'BucketAlreadyExists',
      'BucketAlreadyOwnedByYou',
      'RepositoryAlreadyExistsException',
      'PipelineNameInUseException',
      'ResourceInUse',
    ],
    words: [
      begins('Cannot create already existing \\w+'),
      begins('Function already exist\\b'),
      begins('Job name must be unique within an AWS account and region\\b'),
    ],
    hint: 'A resource with this name already exists outside this stack; choose another name, or remove or import the existing one.',
  },
  {
    codes: ['NoSuchKey'],
    words: [begins('Could not (?:find|access) model data at s3://')],
    hint: 'The model artifact does not exist at the given key of the assets bucket; upload it and retry.',
  },
  {
    codes: ['RepositoryNotFoundException', 'ImageNotFoundException', 'CannotPullContainerError'],
    words: [
      begins('CannotPullContainerError: '),
      begins('Requested image \\S+ not found\\b'),
      begins("The image '[^']+' does not exist in the repository\\b"),
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
    words: [begins('The \\S+ container for production variant \\S+ did not pass the ping health check\\b')],
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

/**
 * The AWS SDK for Go prints a code that its API model lists as the error's type, any other after "api error"; S3 adds the id of
 * its host. What Cloud Control failed to do, the provider reports as its last error.
 */
const CODE =
  /\bRequestID: [^,]*,(?: HostID: [^,]*,)? (?:api error )?(?!HostID: )([A-Za-z0-9.]+): |\bapi error ([A-Za-z0-9.]+): |^waiting for Cloud Control API .*\. last error: ([A-Za-z]+): /m;

function codeIn(message: string): string | undefined {
  return CODE.exec(message)
    ?.slice(1)
    .find((code) => code !== undefined);
}

/** Turns the provider's text into the error of a stage. */
export function describeFailure(text: string, urn?: string, code = 'OPERATION_FAILED'): StageError {
  const thrown = functionError(text);
  const message = thrown ? `${thrown.errorType}: ${thrown.errorMessage}` : text;
  const providerCode = codeIn(message) ?? thrown?.errorType;
  const requestId = /\bRequestID: ([A-Za-z0-9-]{8,}),/.exec(message)?.[1];
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
  const text = textOf(thrown);
  const errors = text
    .split('\n')
    .map((line) => /^\s*(?:std(?:out|err): \s*)?error: (.+)$/.exec(line)?.[1]?.trim())
    .filter((line) => line !== undefined && !isClosingWord(line));
  return errors[0] ?? text.split('\n', 1)[0] ?? 'the engine failed without a message';
}

/** A line of the CLI's own that begins so, perhaps after what the SDK or the CLI put before it. */
function cliLine(words: string): RegExp {
  return new RegExp(`^\\s*(?:[a-z ]+: )*(${words})`, 'm');
}

const LOCKED = cliLine(
  '\\[409\\] Conflict: Another update is currently in progress|the stack is currently locked by \\d+ lock',
);
const UNKNOWN_STACK = cliLine("no stack named '[^']*' found");
const PLAN_VIOLATION = cliLine('(?:[a-z-]+ is not allowed by the plan|resource(?: \\S+)? violates plan): .*');

const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Whether another operation holds the stack, according to the CLI's text (error classes are lost between processes). */
export function isLocked(thrown: unknown): boolean {
  return LOCKED.test(textOf(thrown));
}

/** Whether the engine does not know the stack. */
export function isUnknownStack(thrown: unknown): boolean {
  return UNKNOWN_STACK.test(textOf(thrown));
}

/** Whether the engine lost its connection to a provider during a call: the call may have taken effect. */
export function isConnectionLost(message: string): boolean {
  return CONNECTION_LOST.test(message);
}

/** Whether the engine refused a step that is not in its update plan. */
export function isPlanViolation(thrown: unknown): boolean {
  return planViolationIn(thrown) !== '';
}

/** @returns the engine's message; empty for any other error */
export function planViolationIn(thrown: unknown): string {
  return PLAN_VIOLATION.exec(textOf(thrown))?.[1] ?? '';
}
