/** Every key of the request schemas that has a bound or an enumeration, with joi's description of it. */
import { PIPELINE_TYPES } from '../../blueprints/blueprint.ts';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { SINGLE } from '../unit/blueprints/requests.ts';

export interface Description {
  type: string;
  flags?: { only?: boolean };
  allow?: unknown[];
  rules?: { name: string; args?: { limit?: unknown; regex?: string } }[];
  keys?: Record<string, Description>;
  items?: Description[];
  patterns?: { rule: Description }[];
  matches?: Record<'schema' | 'then' | 'otherwise', Description | undefined>[];
}

export interface Bounded {
  type: PipelineType;
  /** `key.key`, `[]` for the items of a list, `.*` for the values of a map; alternatives have the same path. */
  path: string;
  description: Description;
}

export const BOUNDED: readonly Bounded[] = PIPELINE_TYPES.flatMap((type) =>
  walk(BLUEPRINTS[type].schema(SINGLE).describe() as unknown as Description, '').map((one) => ({ type, ...one })),
);

/** Empty texts and nothing at all, in place of a value that is left out, are no enumeration. */
export function enumeration({ flags, allow = [] }: Description): unknown[] {
  return flags?.only ? allow.filter((one) => one !== '' && one !== null && typeof one !== 'object') : [];
}

export function limit({ rules = [] }: Description, name: 'min' | 'max'): number | undefined {
  const found = rules.find((rule) => rule.name === name)?.args?.limit;
  return typeof found === 'number' ? found : undefined;
}

function walk(description: Description, path: string): Omit<Bounded, 'type'>[] {
  const { keys = {}, items = [], patterns = [], matches = [] } = description;
  const isBounded =
    enumeration(description).length > 0 || limit(description, 'min') !== undefined || limit(description, 'max');
  return [
    ...(isBounded ? [{ path, description }] : []),
    ...Object.entries(keys).flatMap(([key, one]) => walk(one, path === '' ? key : `${path}.${key}`)),
    ...items.flatMap((one) => walk(one, `${path}[]`)),
    ...patterns.flatMap(({ rule }) => walk(rule, `${path}.*`)),
    ...matches.flatMap(({ schema, then, otherwise }) =>
      [schema, then, otherwise].flatMap((one) => (one ? walk(one, path) : [])),
    ),
  ];
}
