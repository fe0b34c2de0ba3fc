/** What an update or replacement changes in a resource, property by property, according to the engine's events. Pure. */
import { createHash } from 'node:crypto';
import type { StepEventMetadata } from '@pulumi/pulumi/automation/index.js';
import get from 'es-toolkit/compat/get';
import toPath from 'es-toolkit/compat/toPath';
import { canonicalJson } from '../../../blueprints/request/digest.ts';
import type { PropertyDifference } from '../../model.ts';
import { withoutSessions } from './session.ts';

/** Placeholder in events for a value that is unknown until deployment. @see sdk/go/common/resource/plugin/rpc.go (UnknownStringValue) */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
/** How it is shown to people. */
export const UNTIL_DEPLOYED = '(known after deployment)';

/** Key of an object that represents another kind of value, such as a secret or an asset. @see sdk/go/common/resource/sig/sig.go */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

/**
 * A longer value is shown as its digest. IAM's own limit for a policy is 10,240 characters, so approvers see all of it.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const SHOWN_AT_MOST = 12_000;

/**
 * @param metadata of an `update` or `replace` step
 * @param madeUp generated names that only this preview has
 */
export function propertyDifferences(
  { old, new: wanted, detailedDiff, diffs }: StepEventMetadata,
  madeUp: ReadonlySet<string>,
): PropertyDifference[] {
  const detailed = Object.keys(detailedDiff ?? {});
  return (detailed.length > 0 ? detailed : (diffs ?? [])).toSorted().map((property) => ({
    property,
    // What was never requested (a default of AWS, drift) is in the outputs only.
    ...side('before', valueAt(old?.inputs ?? {}, property) ?? valueAt(old?.outputs ?? {}, property), madeUp),
    ...side('after', valueAt(wanted?.inputs ?? {}, property), madeUp),
  }));
}

/**
 * The inputs a resource is created with, for people. Keys such as `__defaults` are the provider's own bookkeeping.
 * @param madeUp generated names that only this preview has
 */
export function createdInputs(
  { new: wanted, type }: StepEventMetadata,
  madeUp: ReadonlySet<string>,
): Record<string, unknown> {
  const all = (wanted?.inputs ?? {}) as Record<string, unknown>;
  // A successor that had to fence its predecessor off uses another session: the approved change is the same.
  const inputs = type.startsWith('pulumi:providers:') ? withoutSessions(all) : all;
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([key, value]) => !key.startsWith('__') && value !== undefined && value !== null)
      .map(([key, value]) => [key, forPeople(value, madeUp)]),
  );
}

/** A path into a secret ends at the secret: its content is not in the event. */
function valueAt(inputs: Record<string, unknown>, path: string): unknown {
  const keys = toPath(path);
  for (let length = 1; length <= keys.length; length++) {
    const value: unknown = get(inputs, keys.slice(0, length));
    if (length === keys.length || isSecret(value)) return value;
  }
  return undefined;
}

function side(
  name: 'before' | 'after',
  value: unknown,
  madeUp: ReadonlySet<string>,
): Partial<Pick<PropertyDifference, 'before' | 'after'>> {
  return value === undefined || value === null ? {} : { [name]: forPeople(value, madeUp) };
}

function forPeople(value: unknown, madeUp: ReadonlySet<string>): unknown {
  const masked = masking(value, madeUp);
  const text = canonicalJson(masked);
  return text.length <= SHOWN_AT_MOST
    ? masked
    : `(${text.length} characters, sha256 ${createHash('sha256').update(text).digest('hex').slice(0, 16)})`;
}

function masking(value: unknown, madeUp: ReadonlySet<string>): unknown {
  if (isSecret(value)) return '[secret]';
  if (typeof value === 'string') return unknownUntilDeployed(value, madeUp) ? UNTIL_DEPLOYED : value;
  if (Array.isArray(value)) return value.map((part) => masking(part, madeUp));
  if (typeof value !== 'object' || value === null) return value;
  const { [SIGNATURE]: signature, hash, ...rest } = value as Record<string, unknown>;
  // Assets and archives are identified by their hash, wherever they came from.
  if (signature !== undefined && typeof hash === 'string') return `(content, sha256 ${hash.slice(0, 16)})`;
  return Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, masking(part, madeUp)]));
}

function unknownUntilDeployed(text: string, madeUp: ReadonlySet<string>): boolean {
  return text.includes(UNKNOWN) || [...madeUp].some((name) => text.includes(name));
}

function isSecret(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET;
}
