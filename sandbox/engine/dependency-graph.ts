import type { ResourceState } from './state.ts';
import { parseReference } from './urn.ts';

/** @returns whether `state` cannot be without `other`: it is its parent, dependency or provider, or is deleted with it. */
export function dependsOn(state: ResourceState, other: ResourceState): boolean {
  if (state === other) {
    return false;
  }
  if (
    state.parent === other.urn ||
    state.deletedWith === other.urn ||
    state.dependencies?.includes(other.urn) === true ||
    Object.values(state.propertyDependencies ?? {}).some((urns) => urns.includes(other.urn))
  ) {
    return true;
  }
  if (state.provider === undefined || state.provider === '') {
    return false;
  }
  const reference = parseReference(state.provider);
  return reference.urn === other.urn && reference.id === other.id;
}

/**
 * Orders deletions: each group may go at once, after all groups before it.
 * What a replaced resource's name depends on counts for the replaced and the replacing alike.
 */
export function deletionOrder(states: readonly ResourceState[]): ResourceState[][] {
  const remaining = new Set(states);
  const groups: ResourceState[][] = [];
  while (remaining.size > 0) {
    const group = [...remaining].filter((state) => ![...remaining].some((other) => dependsOn(other, state)));
    // A circle cannot come from a program; if a state has one all the same, take what is left in reverse order.
    const next = group.length > 0 ? group : [...remaining].reverse().slice(0, 1);
    next.forEach((state) => remaining.delete(state));
    groups.push(next);
  }
  return groups;
}

/** @returns those that depend on any of the roots, directly or not, in the order of the state. */
export function dependentsOf(roots: readonly ResourceState[], states: readonly ResourceState[]): ResourceState[] {
  const found = new Set<ResourceState>(roots);
  let grew = true;
  while (grew) {
    grew = false;
    for (const state of states) {
      if (!found.has(state) && [...found].some((other) => dependsOn(state, other))) {
        found.add(state);
        grew = true;
      }
    }
  }
  return states.filter((state) => found.has(state) && !roots.includes(state));
}
