/** Valid requests of a type, made of its schema: any choice of optional keys, values from end to end of what is allowed. */
import fc from 'fast-check';
import type { PipelineRequest, PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS, exampleFor } from '../../blueprints/registry.ts';
import { validateRequest } from '../../blueprints/request/request.ts';
import type { RequestSettings } from '../../blueprints/request/request.ts';

interface Description {
  type: string;
  flags?: { only?: boolean; presence?: string };
  allow?: unknown[];
  rules?: { name: string; args?: { limit?: unknown } }[];
  examples?: unknown[];
  keys?: Record<string, Description>;
}

/** The same requests in every run of CI. */
const SEED = 14;
/** Rules between keys refuse some of what is made. */
const MOST_TRIES = 40;

/** @returns as many valid requests as asked for, at most */
export function validRequests(type: PipelineType, settings: RequestSettings, count: number): PipelineRequest[] {
  const blueprint = BLUEPRINTS[type];
  const { keys = {} } = blueprint.schema(settings).describe() as unknown as Description;
  const example = exampleFor(blueprint, settings);
  const made = fc.sample(changesOf(keys), { seed: SEED, numRuns: count * MOST_TRIES });
  const valid: PipelineRequest[] = [];
  for (const changes of made) {
    if (valid.length >= count) break;
    try {
      valid.push(validateRequest({ ...example, ...changes }, settings).request);
    } catch {
      // A rule between keys: another choice is tried.
    }
  }
  return valid;
}

function changesOf(keys: Record<string, Description>): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.entries(keys).flatMap(([key, description]) => {
    const value = valueOf(description);
    return key === 'pipeline_type' || !value ? [] : [[key, value] as const];
  });
  return fc.record(Object.fromEntries(values), { requiredKeys: [] });
}

function valueOf({
  type,
  flags,
  allow = [],
  rules = [],
  examples = [],
  keys,
}: Description): fc.Arbitrary<unknown> | undefined {
  const named = allow.filter((one) => one !== null && one !== '' && typeof one !== 'object');
  if (flags?.only && named.length > 0) return fc.constantFrom(...named);
  if (type === 'boolean') return fc.boolean();
  if (type === 'number') {
    const limit = (name: string) => rules.find((rule) => rule.name === name)?.args?.limit;
    const [min, max] = [limit('min'), limit('max')];
    if (typeof min === 'number' && typeof max === 'number' && Number.isInteger(min)) return fc.integer({ min, max });
  }
  if (type === 'object' && keys && examples.length === 0) return changesOf(keys);
  return examples.length > 0 ? fc.constantFrom(...examples) : undefined;
}
