/**
 * The inputs of a component as plain values, with what they were: unknown in a preview, secret, or made by other resources.
 * A blueprint decides by its request which resources there are, so it cannot work with outputs.
 */
import * as pulumi from '@pulumi/pulumi';

export interface ReadInputs {
  /** Unknown values are {@link UNKNOWN}. */
  values: Record<string, unknown>;
  /** What was secret in them. */
  secrets: unknown[];
  /** Resources that the inputs come from: everything that is made from the inputs has to wait for them. */
  dependencies: pulumi.Resource[];
}

/** A value that a preview cannot know, on the wire and in {@link ReadInputs}. */
export const UNKNOWN = pulumi.runtime.unknownValue;

/** Only in a preview may there be unknown values. */
export async function readInputs(inputs: pulumi.Inputs): Promise<ReadInputs> {
  const [wire, resources] = await pulumi.runtime.serializeResourceProperties('inputs', inputs);
  const secrets: unknown[] = [];
  const values = plain(wire, secrets) as Record<string, unknown>;
  const dependencies = [...new Set([...resources.values()].flatMap((one) => [...one]))];
  return { values, secrets, dependencies };
}

function plain(value: unknown, secrets: unknown[]): unknown {
  if (Array.isArray(value)) return value.map((one) => plain(one, secrets));
  if (typeof value !== 'object' || value === null) return value;
  if (isSecret(value)) {
    const inner = plain(value.value, secrets);
    secrets.push(inner);
    return inner;
  }
  return Object.fromEntries(
    Object.entries(value)
      // The wire has no way to say that an optional input was left out.
      .filter(([, one]) => one !== null)
      .map(([key, one]) => [key, plain(one, secrets)]),
  );
}

function isSecret(value: object): value is { value: unknown } {
  return Reflect.get(value, pulumi.runtime.specialSigKey) === pulumi.runtime.specialSecretSig;
}
