/** Dependencies in a list of resources in which each comes after what it depends on. */
import type { ResourceState } from './state.ts';
import { parseReference } from './urn.ts';

/** URNs that a resource refers to, except its parent. */
function ownDependencies(state: ResourceState): string[] {
  return [
    ...(state.dependencies ?? []),
    ...Object.values(state.propertyDependencies ?? {}).flat(),
    ...(state.deletedWith ? [state.deletedWith] : []),
    ...(state.replaceWith ?? []),
    ...(state.provider ? [parseReference(state.provider).urn] : []),
  ];
}

/** @returns the URNs that a resource depends on in any way, its parent and provider among them */
export function allDependencies(state: ResourceState): string[] {
  return [...(state.parent ? [state.parent] : []), ...ownDependencies(state)];
}

/**
 * @param children whether children depend on their parents
 * @param ignored URNs to skip
 * @returns those behind `root` that depend on it, directly or not, in the order of the list
 */
export function dependentsOf(
  root: ResourceState,
  states: readonly ResourceState[],
  { children, ignored = new Set() }: { children: boolean; ignored?: ReadonlySet<string> },
): ResourceState[] {
  const urns = new Set([root.urn]);
  const found: ResourceState[] = [];
  for (const state of states.slice(states.indexOf(root) + 1)) {
    const needs = children ? allDependencies(state) : ownDependencies(state);
    if (!ignored.has(state.urn) && needs.some((urn) => urns.has(urn))) {
      found.push(state);
      urns.add(state.urn);
    }
  }
  return found;
}

/** @returns a resource's direct dependencies, its parent, and everything inside the components it depends on */
export function dependenciesOf(state: ResourceState, states: readonly ResourceState[]): Set<ResourceState> {
  const urns = new Set(ownDependencies(state));
  const before = states.slice(0, states.indexOf(state));
  const found = new Set<ResourceState>();
  for (const candidate of before) {
    if (candidate.urn === state.parent || urns.has(candidate.urn)) {
      found.add(candidate);
    }
    if (urns.has(candidate.urn) && !candidate.custom) {
      before.filter((other) => isInside(other, candidate.urn, states)).forEach((other) => found.add(other));
    }
  }
  return found;
}

function isInside(state: ResourceState, ancestor: string, states: readonly ResourceState[]): boolean {
  let parent = state.parent;
  while (parent !== undefined && parent !== '') {
    if (parent === ancestor) {
      return true;
    }
    const urn: string = parent;
    parent = states.find((other) => other.urn === urn)?.parent;
  }
  return false;
}

/**
 * Orders deletions: each group may be deleted at once, after all groups before it.
 * @param states all resources, including those to delete
 */
export function deletionOrder(doomed: readonly ResourceState[], states: readonly ResourceState[]): ResourceState[][] {
  const remaining = new Set(doomed);
  const groups: ResourceState[][] = [];
  while (remaining.size > 0) {
    const group = [...remaining].filter((state) => {
      const needs = dependenciesOf(state, states);
      return ![...remaining].some((other) => other !== state && needs.has(other));
    });
    // A program cannot create a cycle; if a state has one nevertheless, the rest is taken in order.
    const next = group.length > 0 ? group : [...remaining].slice(0, 1);
    next.forEach((state) => remaining.delete(state));
    groups.unshift(next);
  }
  return groups;
}
