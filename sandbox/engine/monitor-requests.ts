import type { ReadResourceRequest, RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js';
import { toProperties } from '../message-fields.ts';
import { alias } from '../provider-messages.ts';
import type { Properties } from '../provider.ts';
import { hashAssets } from './assets.ts';
import type { Goal } from './goal.ts';
import { plainGoal } from './goal.ts';
import { positionOf } from './source-position.ts';
import {
  flattenOutputValue,
  mapProperties,
  outputDependencies,
  stripResourceReferences,
  stripSecrets,
} from './properties.ts';
import type { ResourceState } from './state.ts';
import { createUrn, isProviderType } from './urn.ts';

/** @returns properties in the form that the caller can take. */
export function forCaller(properties: Properties, accepts: { secrets: boolean; resources: boolean }): Properties {
  const plain = accepts.secrets ? properties : stripSecrets(properties);
  return accepts.resources ? plain : stripResourceReferences(plain);
}

/** Context of a request: for URNs, and for relative paths of assets. */
export interface ProgramPlace {
  stack: string;
  project: string;
  directory: string;
  /** Of the project: source positions of the program are reported relative to it. */
  root: string;
}

/** The goal of a `RegisterResource` call. Provider and transforms are handled by the caller. */
export function goalOfRequest(request: RegisterResourceRequest, place: ProgramPlace): Goal {
  const raw = toProperties(request.getObject());
  const type = request.getType();
  const parent = request.getParent();
  const inputs = hashAssets(mapProperties(raw, flattenOutputValue), place.directory);
  if (isProviderType(type)) {
    setPlugin(inputs, request.getVersion(), request.getPlugindownloadurl());
  }
  const { dependencies, propertyDependencies } = dependenciesOf(request, raw);
  return {
    urn: createUrn(place.stack, place.project, parent, type, request.getName()),
    type,
    name: request.getName(),
    custom: request.getCustom(),
    inputs,
    parent,
    protect: request.getProtect() ?? false,
    dependencies,
    propertyDependencies,
    provider: request.getProvider(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList(), ...request.getAliasesList().map(alias.read)],
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    hideDiffs: request.getHidediffsList(),
    ...(request.getDeletebeforereplacedefined() && { deleteBeforeReplace: request.getDeletebeforereplace() }),
    importId: request.getImportid(),
    customTimeouts: timeoutsOf(request),
    retainOnDelete: request.getRetainondelete() ?? false,
    deletedWith: request.getDeletedwith(),
    replaceWith: request.getReplaceWithList(),
    ...positionOf(request, place.root),
  };
}

/** Notes which plugin serves a provider resource. `__internal` is the engine's own, and there only with one of the two. */
export function setPlugin(inputs: Properties, version: string, downloadUrl: string): void {
  if (version !== '' || downloadUrl !== '') {
    inputs['__internal'] = downloadUrl === '' ? {} : { pluginDownloadURL: downloadUrl };
  }
  if (version !== '') {
    inputs['version'] = version;
  }
}

export function goalOfRead(request: ReadResourceRequest, place: ProgramPlace): Goal {
  const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
  const inputs = mapProperties(toProperties(request.getProperties()), flattenOutputValue);
  return {
    ...plainGoal({ urn: createUrn(place.stack, place.project, parent, type, name), type, name, custom: true, inputs }),
    parent,
    dependencies: [...request.getDependenciesList()].sort(),
    provider: request.getProvider(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ...positionOf(request, place.root),
  };
}

function dependenciesOf(
  request: RegisterResourceRequest,
  raw: Properties,
): { dependencies: string[]; propertyDependencies: Record<string, string[]> } {
  const declared = request.getPropertydependenciesMap();
  const byProperty: Record<string, string[]> = {};
  for (const [key, value] of Object.entries(raw)) {
    // With an SDK that does not send dependencies by property, each property depends on everything.
    const named = declared.getLength() === 0 ? request.getDependenciesList() : (declared.get(key)?.getUrnsList() ?? []);
    byProperty[key] = [...new Set([...named, ...outputDependencies(value)])].sort();
  }
  const all = new Set([...request.getDependenciesList(), ...Object.values(byProperty).flat()]);
  return { dependencies: [...all].sort(), propertyDependencies: byProperty };
}

function timeoutsOf(request: RegisterResourceRequest): ResourceState['customTimeouts'] {
  const timeouts = request.getCustomtimeouts();
  const given = {
    create: seconds(timeouts?.getCreate() ?? ''),
    update: seconds(timeouts?.getUpdate() ?? ''),
    delete: seconds(timeouts?.getDelete() ?? ''),
    read: seconds(timeouts?.getRead() ?? ''),
  };
  const set = Object.entries(given).filter(([, value]) => value > 0);
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

/** Reads a duration such as `1h30m`. @returns seconds; 0 for none */
export function seconds(duration: string): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, ns: 1e-9 };
  const parts = duration.matchAll(/([\d.]+)(ms|us|ns|h|m|s)/g);
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
}
