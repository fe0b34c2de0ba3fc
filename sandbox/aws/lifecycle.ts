/** Creates, updates and deletes resources in the (simulated) accounts. */
import type { Properties } from '../provider.ts';
import { ProviderError, UNKNOWN } from '../provider.ts';
import { requireValidInputs } from './api-rules.ts';
import { requireConsistentInputs } from './input-rules.ts';
import { refuse } from './aws-errors.ts';
import type { Fault, Faults } from './faults.ts';
import { record } from './journal.ts';
import type { Scope } from './partitions.ts';
import { DEFAULTS, isAbsent, text, withoutContent } from './properties.ts';
import { findType } from './registry.ts';
import type { CallContext, NameRule, ResourceType } from './resource-type.ts';
import { AT_ONCE } from './resource-type.ts';
import type { Store, StoredResource } from './store.ts';
import { placeOf, settled } from './store.ts';
import { pause } from './waiting.ts';

/** One call on one resource. */
export interface Call {
  type: ResourceType;
  urn: string;
  /** ARN of who calls, for the journal. */
  caller?: string;
  scope: Scope;
  store: Store;
  signal: AbortSignal;
  /** Factor on all waiting. */
  speed: number;
  /** For what the call sets off: a function that calls AWS. */
  faults: Faults;
  fault?: Fault;
}

/** Inputs that the provider sends but never reads back, so the engine's own copy is kept. */
const CONTENT = ['code', 'source', 'content', 'contentBase64'];

/** A resource's outputs: its inputs, what AWS filled in, and what AWS gave. */
export function outputsOf(type: ResourceType, inputs: Properties, computed: Properties): Properties {
  const given = Object.entries(inputs).filter(([key, value]) => key !== DEFAULTS && !isAbsent(value));
  return { ...type.defaults, ...Object.fromEntries(given), ...computed };
}

/** The outputs in the preview of a creation: what only AWS knows is unknown. */
export function previewCreate(type: ResourceType, inputs: Properties): Properties {
  const named = isAbsent(inputs[type.autoName?.property ?? '']) && type.autoName ? [type.autoName.property] : [];
  const unknown = [...type.computed.filter((key) => isAbsent(inputs[key])), ...named];
  return outputsOf(type, inputs, Object.fromEntries(unknown.map((key) => [key, UNKNOWN])));
}

/** The outputs in the preview of an update: those so far, with the new inputs, and unknown what will change. */
export function previewUpdate(
  type: ResourceType,
  news: Properties,
  oldInputs: Properties,
  olds: Properties,
): Properties {
  const kept = type.computed.filter((key) => olds[key] !== undefined && isAbsent(news[key]));
  const computed = Object.fromEntries(kept.map((key) => [key, olds[key] ?? null]));
  const unknown = Object.fromEntries((type.volatile?.(news, oldInputs) ?? []).map((key) => [key, UNKNOWN]));
  return outputsOf(type, news, { ...computed, ...unknown });
}

/**
 * @param chosen the name that AWS' provider makes of a prefix
 * @throws AwsRefusal, or ProviderError of a resource that did not become ready
 */
export async function createResource(
  call: Call,
  given: Properties,
  chosen: Properties,
): Promise<{ id: string; properties: Properties }> {
  const { type, store } = call;
  const inputs = { ...given, ...chosen };
  await requireCreatable(call, inputs);
  await type.keep?.(inputs, store);
  const resource = await newResource(call, inputs, chosen);
  const ms = milliseconds(call, 'create');
  if (type.transitional?.(inputs, undefined)) resource.transition = { status: 'Creating', readyAt: Date.now() + ms };
  if (!(await store.create(resource))) await overwrite(call, resource, inputs);
  await record(store.directory, 'create', resource, by(call));
  const properties = outputsOf(type, given, resource.outputs);
  await settle(call, resource, ms, properties);
  return { id: resource.id, properties };
}

/** The key is taken: most types refuse, the others put the new settings over what is there. */
async function overwrite(call: Call, resource: StoredResource, inputs: Properties): Promise<void> {
  const { type, scope, store } = call;
  const { softDelete, duplicate } = type;
  const name = nameOf(type, inputs);
  if (softDelete && (await store.isBeingDeleted(resource, resource.key))) {
    refuse(softDelete.code, softDelete.message(name));
  }
  if (duplicate) refuse(duplicate.code, duplicate.message(name), duplicate.status);
  const existing = await store.read(resource, resource.key);
  // What AWS gave the first one stays; what follows from the settings is that of the new ones.
  if (existing)
    resource.outputs = {
      ...resource.outputs,
      ...existing.outputs,
      ...(await type.updated?.(inputs, existing, scope, store, call)),
    };
  await store.write(resource);
}

async function newResource(call: Call, inputs: Properties, chosen: Properties): Promise<StoredResource> {
  const { type, scope, store } = call;
  const { identity } = type;
  const assigned = identity.kind === 'assigned' ? identity.newId(scope, inputs) : undefined;
  const key = identity.kind === 'derived' ? identity.key(inputs, scope) : (assigned ?? '');
  const id = identity.kind === 'derived' ? (identity.id?.(inputs, scope) ?? key) : key;
  return {
    ...placeOf(type, scope),
    type: type.token,
    key,
    id,
    urn: call.urn,
    inputs: withoutContent(inputs),
    outputs: { ...chosen, ...(await type.outputs?.(inputs, id, scope, store, call)) },
    createdAt: new Date().toISOString(),
  };
}

/** Waits until the resource is ready. A process that dies meanwhile leaves the time at which it will be. */
async function settle(call: Call, resource: StoredResource, ms: number, properties: Properties): Promise<void> {
  const { type, fault, store } = call;
  try {
    await pause(ms, call.signal);
  } catch (error) {
    // It exists in AWS, so the engine must keep it in the state although the call was cut short.
    const reasons = [error instanceof Error ? error.message : String(error)];
    throw new ProviderError(reasons[0] ?? 'cancelled', {
      partial: { id: resource.id, properties, reasons },
      cause: error,
    });
  }
  if (fault?.action === 'partial') {
    const { transition: _over, ...rest } = resource;
    // A failed creation leaves a failed endpoint; a failed update leaves the former configuration in service.
    const status = resource.transition?.status === 'Updating' ? 'InService' : 'Failed';
    await store.write({ ...rest, status, failureReason: fault.message });
    const reason =
      `waiting for ${type.title} (${resource.id}): unexpected state 'Failed', wanted target 'InService'. ` +
      `last error: ${fault.code}: ${fault.message}`;
    throw new ProviderError(reason, { partial: { id: resource.id, properties, reasons: [reason] } });
  }
  if (resource.transition) await store.write(settled(resource, resource.transition.readyAt));
}

/** @param news the inputs from now on. @throws AwsRefusal, or ProviderError of a resource that did not become ready */
export async function updateResource(
  call: Call,
  before: StoredResource,
  news: Properties,
): Promise<{ properties: Properties }> {
  const { type, scope, store, fault } = call;
  const context: CallContext = { scope, store, inputs: news };
  requireValidInputs(type.token, news);
  await requireConsistentInputs(type.token, context);
  await requireReferences(call, news);
  await type.refuseUpdate?.(context, before);
  await type.keep?.(news, store);
  const computed = { ...before.outputs, ...(await type.updated?.(news, before, scope, store, call)) };
  const properties = outputsOf(type, news, computed);
  const ms = milliseconds(call, 'update');
  const inputs = withoutContent(news);
  await record(store.directory, 'update', before, by(call));
  if (fault?.action === 'rollback') {
    await pause(ms, call.signal);
    await store.write({ ...before, failureReason: fault.message });
    return { properties };
  }
  const { failureReason: _past, status: _former, ...sound } = before;
  const slow = type.transitional?.(news, before.inputs) ?? false;
  // Until a slow change has happened, the former inputs are in force: an endpoint goes on serving its old configuration.
  const after: StoredResource = slow
    ? { ...sound, outputs: computed, transition: { status: 'Updating', readyAt: Date.now() + ms, inputs } }
    : { ...sound, outputs: computed, inputs };
  await store.write(after);
  if (slow || !type.transitional) await settle(call, after, ms, properties);
  return { properties };
}

/** @throws AwsRefusal */
export async function deleteResource(call: Call, before: StoredResource): Promise<void> {
  const { type, scope, store, speed } = call;
  if (type.keepOnDelete?.(before.inputs)) return;
  const context: CallContext = { scope, store, inputs: before.inputs };
  await type.refuseDelete?.(context, before);
  await pause(milliseconds(call, 'delete'), call.signal);
  const nameTaken = (type.softDelete?.milliseconds(before.inputs) ?? 0) * speed;
  if (nameTaken > 0) await store.write({ ...before, deletedUntil: Date.now() + nameTaken });
  else await removeWithChildren(context, type, before);
  await record(store.directory, 'delete', before, by(call));
}

async function removeWithChildren(context: CallContext, type: ResourceType, before: StoredResource): Promise<void> {
  for (const child of (await type.cascade?.(context, before)) ?? []) {
    const childType = findType(child.type);
    if (childType) await removeWithChildren(context, childType, child);
  }
  await context.store.remove(before);
}

/** Finds the resource that a state's id and properties stand for. */
export async function locate(
  type: ResourceType,
  store: Store,
  scope: Scope,
  id: string,
  properties: Properties,
): Promise<StoredResource | undefined> {
  const place = placeOf(type, scope);
  const { identity } = type;
  if (identity.kind === 'derived' && identity.id) {
    const byKey = await store.read(place, identity.key(properties, scope));
    if (byKey?.id === id) return byKey;
  }
  const direct = await store.read(place, id);
  if (direct) return direct;
  // An import by the bare id: enough where only one has it. With properties at hand the key above was the answer.
  if (Object.keys(properties).length > 0 || identity.kind !== 'derived' || !identity.id) return undefined;
  const matches = (await store.list(place)).filter((each) => each.id === id);
  return matches.length === 1 ? matches[0] : undefined;
}

/** What a read answers: the resource as it is, with the contents that AWS does not give back taken from the state. */
export function readBack(
  type: ResourceType,
  found: StoredResource,
  known: { inputs: Properties; properties: Properties },
): { inputs: Properties; properties: Properties } {
  const content = (from: Properties): Properties =>
    Object.fromEntries(
      CONTENT.flatMap((key) => (from[key] === undefined || !(key in found.inputs) ? [] : [[key, from[key]]])),
    );
  const inputs = { ...found.inputs, ...content(known.inputs) };
  return { inputs, properties: outputsOf(type, { ...inputs, ...content(known.properties) }, found.outputs) };
}

async function requireCreatable(call: Call, inputs: Properties): Promise<void> {
  const { type, scope, store } = call;
  if (type.nameRule) requireName(type.nameRule, inputs);
  requireValidInputs(type.token, inputs);
  await requireReferences(call, inputs);
  await requireConsistentInputs(type.token, { scope, store, inputs });
  await type.refuseCreate?.({ scope, store, inputs });
}

function requireName(rule: NameRule, inputs: Properties): void {
  const name = text(inputs, rule.property);
  const code = rule.code ?? 'ValidationException';
  const problem = (constraint: string): never =>
    refuse(
      code,
      `1 validation error detected: Value '${name}' at '${rule.property}' failed to satisfy constraint: ${constraint}`,
    );
  if (name.length > rule.maxLength) problem(`Member must have length less than or equal to ${rule.maxLength}`);
  if (name.length < (rule.minLength ?? 1))
    problem(`Member must have length greater than or equal to ${rule.minLength ?? 1}`);
  if (!rule.pattern.test(name)) problem(`Member must satisfy regular expression pattern: ${rule.pattern.source}`);
}

async function requireReferences({ type, scope, store }: Call, inputs: Properties): Promise<void> {
  for (const reference of type.references ?? []) {
    const value = text(inputs, reference.property);
    if (value === '') continue;
    const key = reference.key ? reference.key(value, inputs, scope) : value;
    const global = findType(reference.type)?.global ?? false;
    const found =
      key === undefined ? undefined : await store.read(placeOf({ token: reference.type, global }, scope), key);
    if (!found) refuse(reference.code, reference.message(value), reference.status);
  }
}

/** What the provider calls the resource in its messages. */
export function nameOf(type: ResourceType, inputs: Properties): string {
  const property = type.autoName?.property ?? type.nameRule?.property;
  const name = property === undefined ? '' : text(inputs, property);
  return name || type.required?.map((key) => text(inputs, key)).find(Boolean) || type.title;
}

function milliseconds({ type, speed }: Call, operation: 'create' | 'update' | 'delete'): number {
  return (type.seconds?.[operation] ?? AT_ONCE) * 1000 * speed;
}

function by({ urn, caller }: Call): { urn: string; caller?: string } {
  return { urn, ...(caller !== undefined && { caller }) };
}
