/** Finds the old state of a resource: under its URN, or under one of its aliases. */
import { aliasUrns } from './aliases.ts';
import type { Goal } from './goal.ts';
import type { ResourceState } from './state.ts';

export class FormerNames {
  readonly #olds: ReadonlyMap<string, ResourceState>;
  readonly #seen: ReadonlySet<string>;
  /** The alias by which a registered resource was found, and the other way round. */
  readonly #aliasOf = new Map<string, string>();
  readonly #aliased = new Map<string, string>();

  /** @param seen URNs that were registered so far */
  constructor(olds: ReadonlyMap<string, ResourceState>, seen: ReadonlySet<string>) {
    this.#olds = olds;
    this.#seen = seen;
  }

  /** @returns the new URN of a renamed resource */
  newName(urn: string): string | undefined {
    return this.#aliased.get(urn);
  }

  /** @returns the old resource, the alias that led to it, and what is wrong with that */
  find(goal: Goal): { old?: ResourceState; alias?: string; problems: string[] } {
    const problems: string[] = [];
    const { urn } = goal;
    const claimant = this.#aliased.get(urn);
    if (claimant !== undefined) {
      problems.push(`Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimant}'`);
    }
    const names = aliasUrns(goal, goal.aliases, (other) => this.#aliasOf.get(other));
    for (const name of [urn, ...names]) {
      const old = this.#olds.get(name);
      if (old === undefined) {
        continue;
      }
      if (name === urn) {
        return { old, problems };
      }
      const duplicate = `Duplicate resource alias '${name}' applied to resource with URN '${urn}' conflicting with resource with URN`;
      if (this.#seen.has(name)) {
        problems.push(`${duplicate} '${urn}'`);
      }
      const other = this.#aliased.get(name);
      if (other !== undefined) {
        problems.push(`${duplicate} '${other}'`);
      }
      this.#aliased.set(name, urn);
      this.#aliasOf.set(urn, name);
      return { old, alias: name, problems };
    }
    return { problems };
  }
}
