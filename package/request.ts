/** Inputs of a component → the valid request of its blueprint, or every reason why not, in the names of the properties. */
import { InputPropertiesError } from '@pulumi/pulumi';
import type { Fault } from '../blueprints/faults.ts';
import { RequestInvalid } from '../blueprints/faults.ts';
import type { Blueprint, PipelineRequest } from '../blueprints/blueprint.ts';
import { toFault } from '../blueprints/request/faults.ts';
import { validateRequest } from '../blueprints/request/request.ts';
import { didYouMean } from '../blueprints/request/suggestion.ts';
import type { Component, Variant } from './components.ts';
import { SERVICE_KEYS, blueprintOf, inputSchema, variantSchema } from './components.ts';
import { UNKNOWN } from './inputs.ts';
import type { JsonSchema } from './names.ts';
import { inPropertyNames, keysOf, propertyName, propertyPath, toRequest } from './names.ts';
import type { Settings } from './settings.ts';
import { settingsSchema } from './settings.ts';
import { standIns } from './stand-ins.ts';

export interface ComponentRequest {
  blueprint: Blueprint;
  request: PipelineRequest;
  settings: Settings;
  /** Whether values of it stand in for unknown ones. */
  hasStandIns: boolean;
  /** What is accepted, but probably not meant. */
  warnings: string[];
}

/** Names of pipelines, from which names in AWS are made. */
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/;

/**
 * @param name of the resource: `modelName`, where that is not given
 * @param values unknown ones are {@link UNKNOWN}, and get a stand-in
 * @throws {InputPropertiesError} with every fault at once
 */
export function componentRequest(
  component: Component,
  name: string,
  values: Readonly<Record<string, unknown>>,
): ComponentRequest {
  if (!NAME.test(name)) throw badName(name);
  const schema = inputSchema(component);
  const body = toRequest(values, schema) as Record<string, unknown>;
  const unknown = unknownPlaces(body).map((path, index) => ({ path, forms: [...standIns(index)] }));
  for (;;) {
    for (const { path, forms } of unknown) setAt(body, path, forms[0] ?? UNKNOWN);
    const { faults, valid } = validate(component, name, body, schema);
    // A stand-in of another form may do. Faults of other values stay, and are reported with those that are left.
    const next = unknown.filter(({ path, forms }) => forms.length > 0 && faults.some((one) => isAt(one, path)));
    if (next.length === 0) {
      if (valid && faults.length === 0) return { ...valid, hasStandIns: unknown.length > 0 };
      throw invalid(component, schema, faults, unknown);
    }
    for (const { forms } of next) forms.shift();
  }
}

interface Validated {
  faults: Fault[];
  /** Left out where there are faults. */
  valid?: Omit<ComponentRequest, 'hasStandIns'>;
}

function validate(
  component: Component,
  name: string,
  body: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
): Validated {
  const given = Object.keys(body);
  const variant = variantOf(component, given);
  const used = Object.keys(variantSchema(variant).properties ?? {}).filter((key) => !SERVICE_KEYS.has(key));
  const own = new Set<string>(component.settings);
  const faults = given.flatMap((key) => keyFault(key, { variant, used, own, schema }));
  const settings = settingsOf(component, body);
  faults.push(...settings.faults);
  const request = Object.fromEntries(Object.entries(body).filter(([key]) => used.includes(key)));
  if (used.includes('model_name')) request.model_name ??= name;
  try {
    const valid = validateRequest(
      { ...request, pipeline_type: variant.pipelineType },
      { useModelRegistry: variant.useModelRegistry, multiAccount: false, pipelinePrefix: 'pulumi' },
    );
    if (faults.length > 0 || !settings.value) return { faults };
    const warnings = valid.warnings.map((warning) => inPropertyNames(warning, keysOf(schema)));
    return {
      faults,
      valid: { blueprint: blueprintOf(variant), request: valid.request, settings: settings.value, warnings },
    };
  } catch (error) {
    if (!(error instanceof RequestInvalid)) throw error;
    return { faults: [...faults, ...error.faults] };
  }
}

function variantOf({ variants }: Component, given: readonly string[]): Variant {
  return variants.find(({ chosenBy }) => chosenBy !== undefined && given.includes(chosenBy)) ?? variants[0];
}

/** The service takes keys of other types with a warning; a program that sets them means something by them. */
function keyFault(
  key: string,
  of: { variant: Variant; used: readonly string[]; own: ReadonlySet<string>; schema: JsonSchema },
): Fault[] {
  if (of.used.includes(key) || of.own.has(key)) return [];
  const known = Object.keys(of.schema.properties ?? {});
  if (known.includes(key)) {
    const message = `cannot be combined with ${propertyName(of.variant.chosenBy ?? '')}; remove one of them`;
    return [{ pointer: `/${key}`, message, rule: 'conflict' }];
  }
  const names = known.map(propertyName);
  const message = `is no input of this component${didYouMean(key, names) || `; its inputs: ${names.sort().join(', ')}`}`;
  return [{ pointer: `/${key}`, message, rule: 'unknown' }];
}

function settingsOf(
  { settings: names }: Component,
  body: Readonly<Record<string, unknown>>,
): { faults: Fault[]; value?: Settings } {
  const given = Object.fromEntries(names.filter((key) => key in body).map((key) => [key, body[key]]));
  const { error, value } = settingsSchema(names).validate(given, { abortEarly: false });
  if (!error) return { faults: [], value: withDefaults(value as Partial<Settings>) };
  return {
    faults: error.details.map((detail) =>
      toFault(
        detail,
        () => [],
        () => false,
      ),
    ),
  };
}

/** Settings that a component does not have are of no effect there. */
function withDefaults(settings: Partial<Settings>): Settings {
  return { assetsBucket: '', allowDetailedErrorMessage: false, run: 1, tags: {}, ...settings };
}

type Path = readonly (string | number)[];

function unknownPlaces(value: unknown, path: Path = []): Path[] {
  if (value === UNKNOWN) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    unknownPlaces(one, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** @param path of something that is there */
function setAt(body: object, path: Path, value: unknown): void {
  const parent = path.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key) as object, body);
  Reflect.set(parent, path.at(-1) ?? '', value);
}

function isAt({ pointer }: Fault, path: Path): boolean {
  const place = pointerOf(path);
  return pointer === place || pointer.startsWith(`${place}/`);
}

function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function invalid(
  component: Component,
  schema: JsonSchema,
  faults: readonly Fault[],
  unknown: readonly { path: Path }[],
): InputPropertiesError {
  const keys = keysOf(schema);
  const errors = faults.map((fault) => ({
    propertyPath: propertyPath(fault.pointer, schema),
    reason: unknown.some(({ path }) => isAt(fault, path)) ? NOT_KNOWN : inPropertyNames(fault.message, keys),
  }));
  const distinct = [...new Map(errors.map((error) => [JSON.stringify(error), error])).values()];
  const lines = distinct.map(({ propertyPath: path, reason }) => `${path} ${reason}`);
  return new InputPropertiesError({
    message: `${component.name}: ${distinct.length} invalid ${distinct.length === 1 ? 'input' : 'inputs'}: ${lines.join('; ')}`,
    errors: distinct,
  });
}

const NOT_KNOWN =
  'decides which resources there are, so it must be known in a preview, and is the output of a resource that does not ' +
  'exist yet; give a plain value or one from the stack configuration, or create that resource first with ' +
  '`pulumi up --target`';

function badName(name: string): InputPropertiesError {
  const reason =
    `becomes part of names in AWS: it must consist of letters, digits and inner hyphens, unlike "${name}"; rename the ` +
    'resource (with an alias, if it exists already)';
  return new InputPropertiesError({
    message: `The name of the resource ${reason}`,
    errors: [{ propertyPath: 'name', reason }],
  });
}

/** A fault that only AWS or the program finds, in the names of the properties. */
export function programFault(component: Component, error: RequestInvalid): InputPropertiesError {
  return invalid(component, inputSchema(component), error.faults, []);
}
