/** Interprets AWS errors: the only place in this folder that matches codes and texts. */

/** An error of an SDK client. */
interface ServiceError {
  name?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Name that the SDK gives to errors without a body (S3's HEAD). */
const NAMELESS = /^(Unknown(Error)?|\d{3})$/;

/** `AccessDeniedException: User … is not authorized …`; the SDK's name where AWS gave a code, else the HTTP status. */
export function describe(error: unknown): string {
  const { name = 'Error', message = '', $metadata } = error as ServiceError;
  const code = NAMELESS.test(name) ? `HTTP ${$metadata?.httpStatusCode ?? 'error'}` : name;
  return message === '' || NAMELESS.test(message) || message === name ? code : `${code}: ${message}`;
}

const DENIED =
  /^(AccessDenied(Exception)?|UnauthorizedOperation|AuthorizationError(Exception)?|Forbidden(Exception)?)$/;

/** Whether a permission is missing, of the caller or on the resource. */
export function isDenied(error: unknown): boolean {
  const { name = '', $metadata } = error as ServiceError;
  if (DENIED.test(name)) return true;
  return NAMELESS.test(name) && $metadata?.httpStatusCode === 403;
}

/** How IAM names the policy, at the end of its sentence. */
const EXPLICIT = /^User: .* is not authorized to perform: .*\bwith an explicit deny in an? [a-z -]+/;

/**
 * Whether a policy denies it explicitly.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function isExplicitlyDenied(error: unknown): boolean {
  return isDenied(error) && EXPLICIT.test((error as ServiceError).message ?? '');
}

/** IAM names the action that is not allowed. */
const IAM_DENIAL = /^User: .* is not authorized to perform: /;
const CLOSED = /^[^:"]*\b(?:is )?no longer (?:open|available) to new (?:customers|accounts)\b/i;

/** Whether AWS does not offer the feature to the account, whatever the permissions of the caller. */
export function isClosedToAccount(error: unknown): boolean {
  const { message = '' } = error as ServiceError;
  return CLOSED.test(message) || (isDenied(error) && message !== '' && !IAM_DENIAL.test(message));
}

const ABSENT = /^(NoSuch[A-Z]\w*|\w*NotFound(Exception)?|\w+DoesNotExist(Exception)?)$/;
/** The message may go on with the name; it begins with nothing else, since names can be anything. */
const ABSENT_WORDS =
  /^(Could not find|Requested resource not found)\b|^[\w :/.-]+ does not exist\b|^[\w ]+"[^"]*" does not exist\b/;

/** Whether the resource does not exist. SageMaker returns `ValidationException: Could not find …`. */
export function isAbsent(error: unknown): boolean {
  const { name = '', message = '', $metadata } = error as ServiceError;
  if (NAMELESS.test(name)) return $metadata?.httpStatusCode === 404;
  return ABSENT.test(name) || (name === 'ValidationException' && ABSENT_WORDS.test(message));
}

/** Whether the name is already in use. */
export function isTaken(error: unknown): boolean {
  return (error as ServiceError).name === 'ConflictException';
}

/** @returns undefined if the resource does not exist */
export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
