import type { Properties } from '../provider.ts';
import type { Alias } from './aliases.ts';
import type { ResourceState } from './state.ts';

/** The state that a program wants a resource to have. */
export interface Goal {
  urn: string;
  type: string;
  name: string;
  custom: boolean;
  inputs: Properties;
  parent: string;
  protect: boolean;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  /** Provider reference; empty for components and provider resources. */
  provider: string;
  additionalSecretOutputs: string[];
  aliases: Alias[];
  ignoreChanges: string[];
  replaceOnChanges: string[];
  hideDiffs: string[];
  deleteBeforeReplace?: boolean;
  importId: string;
  customTimeouts?: ResourceState['customTimeouts'];
  retainOnDelete: boolean;
  deletedWith: string;
  replaceWith: string[];
  sourcePosition?: string;
  stackTrace?: ResourceState['stackTrace'];
}

/** @returns a goal without resource options */
export function plainGoal(parts: Pick<Goal, 'urn' | 'type' | 'name' | 'custom' | 'inputs'>): Goal {
  return {
    ...parts,
    parent: '',
    protect: false,
    dependencies: [],
    propertyDependencies: {},
    provider: '',
    additionalSecretOutputs: [],
    aliases: [],
    ignoreChanges: [],
    replaceOnChanges: [],
    hideDiffs: [],
    importId: '',
    retainOnDelete: false,
    deletedWith: '',
    replaceWith: [],
  };
}

/** @returns the state for a goal, before any call to the provider. */
export function stateOfGoal(goal: Goal, inputs: Properties, aliases: string[]): ResourceState {
  return {
    urn: goal.urn,
    custom: goal.custom,
    type: goal.type,
    inputs,
    parent: goal.parent,
    protect: goal.protect,
    dependencies: goal.dependencies,
    provider: goal.provider,
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    aliases,
    ...(goal.customTimeouts && { customTimeouts: goal.customTimeouts }),
    retainOnDelete: goal.retainOnDelete,
    deletedWith: goal.deletedWith,
    replaceWith: goal.replaceWith,
    importID: goal.importId,
    ignoreChanges: goal.ignoreChanges,
    hideDiff: goal.hideDiffs,
    replaceOnChanges: goal.replaceOnChanges,
    sourcePosition: goal.sourcePosition,
    stackTrace: goal.stackTrace,
  };
}
