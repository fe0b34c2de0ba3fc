/** Reading a component's inputs. */
import { UNKNOWN } from '../../../sandbox/provider.ts';
import type { Properties, Property } from '../../../sandbox/provider.ts';
import { RESOURCE_REFERENCE, SECRET, SIGNATURE } from '../../../sandbox/provider.ts';

export function record(value: Property | undefined): Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

export function list(value: Property | undefined): Property[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: Property | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: Property | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Ids of what is given as ids, or as references to resources. */
export function idOf(value: Property): Property {
  const { [SIGNATURE]: mark, id } = record(value);
  return mark === RESOURCE_REFERENCE ? (id ?? UNKNOWN) : value;
}

/** JSON text of a value: unknown where a part of it is, secret where a part of it is. */
export function jsonOf(value: Property): Property {
  const plain = JSON.stringify(value, (_key, part: Property) => {
    const { [SIGNATURE]: mark, value: inner } = record(part);
    return mark === SECRET ? inner : part;
  });
  if (plain.includes(UNKNOWN)) return UNKNOWN;
  return JSON.stringify(value).includes(`"${SIGNATURE}":"${SECRET}"`) ? { [SIGNATURE]: SECRET, value: plain } : plain;
}
