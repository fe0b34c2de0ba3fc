import type { Properties, Property } from '../provider.ts';
import { ARCHIVE, ASSET, OUTPUT_VALUE, RESOURCE_REFERENCE, SECRET, SIGNATURE, UNKNOWN } from '../provider.ts';

type PropertyObject = { [key: string]: Property };

export function isObject(value: Property | undefined): value is PropertyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the mark of a special object, or undefined for a plain value. */
export function signatureOf(value: Property | undefined): string | undefined {
  const mark = isObject(value) ? value[SIGNATURE] : undefined;
  return typeof mark === 'string' ? mark : undefined;
}

export function isSecret(value: Property | undefined): value is PropertyObject {
  return signatureOf(value) === SECRET;
}

export function secret(value: Property): Property {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** @returns the value inside a secret, or the value itself. */
export function reveal(value: Property): Property {
  return isSecret(value) ? (value['value'] ?? null) : value;
}

/** Rebuilds a value from the inside out. */
export function mapProperty(value: Property, change: (value: Property) => Property): Property {
  if (Array.isArray(value)) {
    return change(value.map((item) => mapProperty(item, change)));
  }
  if (isObject(value)) {
    return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapProperty(item, change)])));
  }
  return change(value);
}

export function mapProperties(properties: Properties, change: (value: Property) => Property): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, mapProperty(value, change)]));
}

/** @returns whether any part of the value satisfies the test. */
export function containsProperty(value: Property, test: (value: Property) => boolean): boolean {
  if (test(value)) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.some((item) => containsProperty(item, test));
  }
  return isObject(value) && Object.values(value).some((item) => containsProperty(item, test));
}

export function containsUnknown(value: Property): boolean {
  return containsProperty(value, (part) => part === UNKNOWN);
}

export function containsSecret(value: Property): boolean {
  return containsProperty(value, isSecret);
}

/** Unwraps every secret, for receivers that do not support secrets. */
export function stripSecrets(properties: Properties): Properties {
  return mapProperties(properties, reveal);
}

/** Converts resource references to what older receivers support: the id of a custom resource, else the URN. */
export function stripResourceReferences(properties: Properties): Properties {
  return mapProperties(properties, (value) => {
    if (!isObject(value) || signatureOf(value) !== RESOURCE_REFERENCE) {
      return value;
    }
    const id = value['id'];
    return id === undefined ? (value['urn'] ?? null) : id === '' ? UNKNOWN : id;
  });
}

/** Converts output values to what the state and most providers support: the value, a secret, or an unknown. */
export function flattenOutputValue(value: Property): Property {
  if (!isObject(value) || signatureOf(value) !== OUTPUT_VALUE) {
    return value;
  }
  const inner = value['value'];
  if (inner === undefined) {
    return UNKNOWN;
  }
  return value['secret'] === true ? secret(inner) : inner;
}

/** @returns the resources that output values inside a property depend on. */
export function outputDependencies(value: Property): string[] {
  const found = new Set<string>();
  containsProperty(value, (part) => {
    if (isObject(part) && signatureOf(part) === OUTPUT_VALUE && Array.isArray(part['dependencies'])) {
      part['dependencies'].forEach((urn) => typeof urn === 'string' && found.add(urn));
    }
    return false;
  });
  return [...found];
}

/**
 * Marks each output as secret whose input is a secret, for providers that do not support secrets.
 * The rule is the engine's: names decide, level by level.
 */
export function inheritSecrets(outputs: Properties, inputs: Properties): Properties {
  return Object.fromEntries(Object.entries(outputs).map(([key, output]) => [key, inheritSecret(output, inputs[key])]));
}

function inheritSecret(output: Property, input: Property | undefined): Property {
  if (input === undefined || isSecret(output)) {
    return output;
  }
  if (isSecret(input)) {
    return secret(output);
  }
  if (Array.isArray(output) && Array.isArray(input)) {
    return output.map((item, index) => inheritSecret(item, input[index]));
  }
  if (isObject(output) && isObject(input) && signatureOf(output) === undefined && signatureOf(input) === undefined) {
    return inheritSecrets(output, input);
  }
  return output;
}

/** Compares by value; two assets or archives are equal when their hashes are. */
export function equalProperties(left: Property | undefined, right: Property | undefined): boolean {
  if (left === right) {
    return true;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => equalProperties(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) {
    return false;
  }
  const mark = signatureOf(left);
  if ((mark === ASSET || mark === ARCHIVE) && mark === signatureOf(right) && left['hash'] !== undefined) {
    return left['hash'] === right['hash'];
  }
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalProperties(left[key], right[key]))
  );
}

/** @returns a copy with sorted keys at every level, so that equal values print and store alike. */
export function sortKeys<T extends Property>(value: T): T {
  const sorted = mapProperty(value, (part) =>
    isObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)))
      : part,
  );
  return sorted as T;
}
