/** What must be deleted before a resource that is deleted before its replacement exists. */
import { UNKNOWN } from '../provider.ts';
import { applyReplaceOnChanges, isReplacement } from './replace-on-changes.ts';
import type { ResourceState } from './state.ts';
import { GenerationError } from './generation-error.ts';
import type { ProviderRegistry } from './provider-registry.ts';
import type { Step } from './step.ts';
import { deleteStep } from './steps.ts';
import { isProviderType, parseReference } from './urn.ts';

/** What the generator knows of the operation so far. */
interface Progress {
  readonly olds: ResourceState[];
  readonly options: { registry: ProviderRegistry };
  /** URNs whose resources are, or will be, deleted. */
  readonly deleted: Set<string>;
  report(urn: string, message: string): void;
  /** Those that depend on a resource and were not yet worked on, in order. */
  laterDependents(root: ResourceState): ResourceState[];
}

interface Dependent {
  state: ResourceState;
  keys: string[];
}

export class DependentReplacements {
  readonly #generator: Progress;
  readonly #keys = new Map<string, string[]>();
  readonly #doomed = new Set<ResourceState>();

  constructor(generator: Progress) {
    this.#generator = generator;
  }

  /** Why a resource was deleted before its own registration. */
  keysOf(urn: string): string[] {
    return this.#keys.get(urn) ?? [];
  }

  /** @returns deletions of all that would be replaced with a resource, the last dependent first */
  async deletions(root: ResourceState, urn: string): Promise<Step[]> {
    const generator = this.#generator;
    const dependents = [
      ...(generator.olds.includes(root) ? await this.find(root) : []),
      ...this.#cascades(urn).map((state) => ({ state, keys: [] })),
    ];
    const steps: Step[] = [];
    for (const { state, keys } of dependents.reverse()) {
      if (this.#doomed.has(state) || state.pendingReplacement === true) {
        continue;
      }
      this.#keys.set(state.urn, keys);
      if (state.delete === true) {
        steps.push(deleteStep(state));
      } else if (state.protect === true) {
        generator.report(urn, protectedMessage(state.urn, urn));
        throw new GenerationError(urn);
      } else {
        steps.push(deleteStep(state, { replaced: true, pendingReplacement: true }));
      }
      generator.deleted.add(state.urn);
      this.#doomed.add(state);
    }
    return steps;
  }

  /** @returns dependents that would be replaced if what they take from the root were to change */
  async find(root: ResourceState): Promise<Dependent[]> {
    const replaced = new Set([root.urn]);
    const found: Dependent[] = [];
    for (const state of this.#generator.laterDependents(root)) {
      const keys = await this.#reasons(state, replaced);
      if (keys !== undefined) {
        replaced.add(state.urn);
        found.push({ state, keys });
      }
    }
    return found;
  }

  /** Those that are replaced or deleted together with a resource. */
  #cascades(urn: string): ResourceState[] {
    return this.#generator.olds.filter(
      (state) => state.delete !== true && (state.replaceWith?.includes(urn) === true || state.deletedWith === urn),
    );
  }

  /** @returns the properties for whose sake a resource would be replaced; undefined if it would not be */
  async #reasons(state: ResourceState, replaced: ReadonlySet<string>): Promise<string[] | undefined> {
    const { registry } = this.#generator.options;
    if (!state.custom || state.external === true) {
      return undefined;
    }
    if (replaced.has(parseReference(state.provider ?? '').urn) || replaced.has(state.deletedWith ?? '')) {
      await registry.ensure(state.provider);
      return [];
    }
    const touched = Object.entries(state.propertyDependencies ?? {})
      .filter(([key, urns]) => key in (state.inputs ?? {}) && urns.some((urn) => replaced.has(urn)))
      .map(([key]) => key);
    if (touched.length === 0) {
      return undefined;
    }
    const news = { ...state.inputs, ...Object.fromEntries(touched.map((key) => [key, UNKNOWN])) };
    const ignoreChanges = state.ignoreChanges ?? [];
    const diff = isProviderType(state.type)
      ? await registry.diff(state.urn, state, news, ignoreChanges)
      : await (await registry.get(state.provider ?? '')).diff({ urn: state.urn, old: state, news, ignoreChanges });
    const complete = applyReplaceOnChanges(diff, state.replaceOnChanges ?? [], []);
    return isReplacement(complete) ? (complete.replaces ?? []) : undefined;
  }
}

function protectedMessage(urn: string, root: string): string {
  return (
    `unable to replace resource "${urn}" as part of replacing "${root}" as it is currently marked for protection. ` +
    'To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, ' +
    `or use the command:\n\`pulumi state unprotect '${urn}'\``
  );
}
