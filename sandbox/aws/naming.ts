/** Names that the provider chooses: in Check from the engine's random seed, or at creation from a prefix. */
import { createHash, randomBytes } from 'node:crypto';
import type { CheckFailure, Properties } from '../provider.ts';
import { defaulted, isAbsent, text } from './properties.ts';
import type { AutoName } from './resource-type.ts';

const RANDOM_LENGTH = 7;

/** Equal seed → equal suffix, so that a preview and the update after it agree on the name. */
function suffix(seed: Uint8Array): string {
  const bytes = seed.length > 0 ? createHash('sha256').update(seed).digest() : randomBytes(RANDOM_LENGTH);
  return bytes.toString('hex').slice(0, RANDOM_LENGTH);
}

/**
 * The value that Check gives an auto-named input the user left out: that of the resource so far, else a new one.
 * @returns undefined where the user named the resource, or left the name to AWS by a prefix.
 */
export function autoName(
  rule: AutoName,
  logicalName: string,
  news: Properties,
  olds: Properties,
  seed: Uint8Array,
): { value: string } | { failure: CheckFailure } | undefined {
  if (rule.byProvider || !isAbsent(news[rule.property])) return undefined;
  if (rule.conflictsWith?.some((key) => !isAbsent(news[key]))) return undefined;
  const before = text(olds, rule.property);
  if (before !== '' && (defaulted(olds)?.includes(rule.property) ?? true)) return { value: before };
  if (rule.plain) return { value: logicalName };
  const stem = `${rule.lowerCase ? logicalName.toLowerCase() : logicalName}-`;
  if (stem.length + RANDOM_LENGTH > rule.maxLength) {
    const reason = `name '${stem}' plus ${RANDOM_LENGTH} random chars is longer than maximum length ${rule.maxLength}`;
    return { failure: { property: rule.property, reason } };
  }
  const fifo = rule.fifoWhen !== undefined && news[rule.fifoWhen] === true ? '.fifo' : '';
  return { value: `${rule.prefix ?? ''}${stem}${suffix(seed)}${fifo}` };
}

/** A name made of a prefix: the real provider appends the time and a counter, 26 characters in all. */
export function prefixedName(rule: AutoName | undefined, inputs: Properties): Properties {
  if (!rule || !isAbsent(inputs[rule.property])) return {};
  const prefixKey = rule.conflictsWith?.find((key) => text(inputs, key) !== '');
  const prefix = prefixKey === undefined ? (rule.byProvider ? 'tf-' : '') : text(inputs, prefixKey);
  if (prefix === '') return {};
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 17).padEnd(18, '0');
  return { [rule.property]: `${prefix}${time}${randomBytes(4).toString('hex')}` };
}
