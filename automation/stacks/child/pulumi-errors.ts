/** The way back for errors: the only place that matches the words of Pulumi and of AWS. */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { StageError } from '../../orchestrator.ts';

/** What a person may do about an AWS error code. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /AccessDenied|UnauthorizedOperation|not authorized/i,
    'The deployment role lacks a permission that the message names; add it to the role and retry.',
  ],
  [
    /ExpiredToken|InvalidClientTokenId|UnrecognizedClient/,
    "The service's AWS credentials are not valid any more; renew them and retry.",
  ],
  [
    /ResourceLimitExceeded|LimitExceeded|ServiceQuota/,
    'A quota of the account is used up; ask for an increase in Service Quotas, or choose another instance type.',
  ],
  [/Throttling|TooManyRequests|RequestLimitExceeded/, 'AWS throttled the calls; the same request will succeed later.'],
  [
    /already exist|AlreadyExists|Cannot create already existing|ResourceInUse/i,
    'A resource of that name exists already outside this stack; choose another name, or remove or import the other one.',
  ],
  [
    /Could not find model data|NoSuchKey|model artifact/i,
    'The model artifact is not at the given key of the assets bucket; upload it and retry.',
  ],
  [
    /CannotPullContainer|RepositoryNotFound|image .* (not found|does not exist)/i,
    'The container image cannot be pulled; check its URI and that the account may read the repository.',
  ],
  [
    /cannot assume|sts:AssumeRole|AssumeRole/,
    "The deployment role of this environment cannot be assumed; check its trust policy and the environment's settings.",
  ],
  [
    /ICE|InsufficientInstanceCapacity|insufficient capacity/i,
    'AWS has no such instance free at the moment; retry later or choose another instance type.',
  ],
];

/** Collects what the engine said went wrong, event by event; the child asks at the end for the error to report. */
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

  /** The first error that names a resource is the cause; the engine's closing words ("update failed") are not. */
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
 * A Lambda function that failed: the provider prints the payload in which the runtime put the error.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
const FUNCTION_ERROR = /returned error: \((\{.*\})\)/s;

/** What the function's error says: that is the news, not that a function was called. */
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

/** Makes the error of a stage from the text that the provider gave. */
export function describeFailure(text: string, urn?: string, code = 'OPERATION_FAILED'): StageError {
  const thrown = functionError(text);
  const message = thrown ? `${thrown.errorType}: ${thrown.errorMessage}` : text;
  // The AWS SDK for Go prints a code that its API model lists as the error's type, any other after "api error".
  const providerCode =
    /RequestID: [^,]*, (?:api error )?([A-Za-z0-9.]+):|api error ([A-Za-z0-9.]+)/
      .exec(message)
      ?.slice(1)
      .find((code) => code !== undefined) ?? thrown?.errorType;
  const requestId = /RequestID: ([0-9a-f-]{8,})/i.exec(message)?.[1];
  const hint = HINTS.find(([pattern]) => pattern.test(`${providerCode ?? ''} ${message}`))?.[1];
  return {
    code,
    message,
    ...(urn ? { urn } : {}),
    ...(providerCode ? { providerCode } : {}),
    ...(requestId ? { requestId } : {}),
    ...(hint ? { hint } : {}),
  };
}

/** The SDK's `CommandError` carries the whole output of the CLI: the last lines that say `error:` are the news in it. */
function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const errors = text
    .split('\n')
    .map((line) => /error: (.+)$/.exec(line)?.[1]?.trim())
    .filter((line) => line !== undefined && !isClosingWord(line));
  return errors[0] ?? text.split('\n', 1)[0] ?? 'the engine failed without a word';
}

/** Whether somebody else works on the stack, by the words of the CLI (the SDK's own class is lost across processes). */
export function isLocked(thrown: unknown): boolean {
  return /\[409\] Conflict|the stack is currently locked by/.test(
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}

/** Whether the engine does not know the stack. */
export function isUnknownStack(thrown: unknown): boolean {
  return /no stack named .* found/.test(thrown instanceof Error ? thrown.message : String(thrown));
}

const PLAN_VIOLATION = /error: (.*(?:violates plan|not allowed by the plan).*)/;

/** Whether the engine refused a step that its update plan does not have. */
export function isPlanViolation(thrown: unknown): boolean {
  return planViolationIn(thrown) !== '';
}

/** @returns the engine's own words; empty for any other error */
export function planViolationIn(thrown: unknown): string {
  return PLAN_VIOLATION.exec(thrown instanceof Error ? thrown.message : '')?.[1] ?? '';
}
