/**
 * EventBridge's event patterns, as far as rules here use them: exact values, prefixes, suffixes, `anything-but`, `exists`.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
import type { Properties, Property } from '../provider.ts';
import { isObject } from './properties.ts';

/** True where every field of the pattern has one value that fits. */
export function matches(pattern: Properties, event: Properties): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = event[key];
    if (Array.isArray(wanted)) return wanted.some((one) => fits(one, value));
    return isObject(wanted) && isObject(value) && matches(wanted, value);
  });
}

function fits(wanted: Property, value: Property | undefined): boolean {
  // A field that is a list fits where one of its values does.
  if (Array.isArray(value)) return value.some((one) => fits(wanted, one));
  if (!isObject(wanted)) return wanted === (value ?? null);
  const text = typeof value === 'string' ? value : undefined;
  if ('exists' in wanted) return wanted['exists'] === (value !== undefined);
  if (typeof wanted['prefix'] === 'string') return text?.startsWith(wanted['prefix']) ?? false;
  if (typeof wanted['suffix'] === 'string') return text?.endsWith(wanted['suffix']) ?? false;
  if ('anything-but' in wanted) {
    const not = wanted['anything-but'];
    return value !== undefined && !(Array.isArray(not) ? not : [not]).some((one) => fits(one ?? null, value));
  }
  return false;
}
