/** Whether a state is consistent: each resource comes after everything it refers to. */
import type { ResourceState } from './state.ts';
import { isProviderType } from './urn.ts';

/** @returns the first problem, or undefined */
export function integrityProblem(resources: readonly ResourceState[]): string | undefined {
  const urns = new Set<string>();
  const providers = new Set<string>();
  for (const [index, state] of resources.entries()) {
    const { urn } = state;
    if (!urn) return `resource at index ${index} missing required 'urn' field`;
    if (!state.type) return `resource '${urn}' missing required 'type' field`;
    if (!state.custom && state.id) return `resource '${urn}' has 'custom false but non-empty ID`;
    if (isProviderType(state.type)) providers.add(`${urn}::${state.id ?? ''}`);
    if (state.provider && !providers.has(state.provider) && state.pendingReplacement !== true) {
      return `resource ${urn} refers to unknown provider ${state.provider}`;
    }
    const problem = dependencyProblem(state, (needed) => {
      if (urns.has(needed)) return undefined;
      return resources.slice(index + 1).some((other) => other.urn === needed) ? 'later' : 'missing';
    });
    if (problem !== undefined) return problem;
    urns.add(urn);
  }
  return undefined;
}

function dependencyProblem(
  { urn, parent, dependencies = [], propertyDependencies = {}, deletedWith, replaceWith = [] }: ResourceState,
  find: (needed: string) => 'later' | 'missing' | undefined,
): string | undefined {
  const lack = (needed: string, later: string, missing: string): string | undefined => {
    const found = find(needed);
    return found === undefined ? undefined : found === 'later' ? later : missing;
  };
  const properties = Object.entries(propertyDependencies).flatMap(([key, needs]) =>
    needs.map((needed) => ({ needed, of: `resource ${urn}'s property dependency ${needed} (from property ${key})` })),
  );
  const problems = [
    parent &&
      lack(
        parent,
        `child resource ${urn}'s parent ${parent} comes after it`,
        `child resource ${urn} refers to missing parent ${parent}`,
      ),
    ...dependencies.map((needed) => {
      const of = `resource ${urn}'s dependency ${needed}`;
      return lack(needed, `${of} comes after it`, `${of} refers to missing resource`);
    }),
    ...properties.map(({ needed, of }) => lack(needed, `${of} comes after it`, `${of} refers to missing resource`)),
    ...[...(deletedWith ? [deletedWith] : []), ...replaceWith].map((needed) => {
      const how = `resource ${urn} is specified as being ${needed === deletedWith ? 'deleted' : 'replaced'} with ${needed}`;
      return lack(needed, `${how}, which comes after it`, `${how}, which is missing`);
    }),
  ];
  return problems.find((problem) => problem !== undefined && problem !== '');
}
