/**
 * Session names for assuming a deployment role. Those of operations contain the stack and the fencing token of its lease, so
 * that a successor can deny everything to exactly that session.
 */
import { createHash } from 'node:crypto';

/** The orchestrator's own reads, such as a preflight. */
export const ORCHESTRATOR_SESSION = 'mlops-orchestrator';

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: 2–64 of `[\w+=,.@-]` */
const MAX_LENGTH = 64;
const DIGEST_LENGTH = 12;

/**
 * The name is part of the provider's inputs, so it changes only with the token: the token of a stack is increased only by a
 * successor that had to fence its predecessor off.
 * @param stack `<pipeline id>.<environment>`
 * @param fencingToken default: 0, that of a stack no session of which was ever fenced
 * @returns such as `mlops-<stack>`, and `mlops-<stack>@3` for token 3, as CloudTrail shows it
 */
export function operationSession(stack: string, fencingToken = 0): string {
  const suffix = fencingToken === 0 ? '' : `@${fencingToken}`;
  const whole = `mlops-${stack}`;
  if (whole.length + suffix.length <= MAX_LENGTH) return whole + suffix;
  // Two long names may have the same prefix, and fencing one off must not affect the other.
  const digest = createHash('sha256').update(stack).digest('hex').slice(0, DIGEST_LENGTH);
  return `${whole.slice(0, MAX_LENGTH - suffix.length - DIGEST_LENGTH - 1)}.${digest}${suffix}`;
}

/** @returns whether the session replaced a fenced session */
export function isAfterFence(sessionName: string | undefined): sessionName is string {
  return sessionName !== undefined && /@\d+$/.test(sessionName);
}
