import type { CheckFailure, DiffResult, Properties } from '../provider.ts';
import { UNKNOWN } from '../provider.ts';
import { aliasUrns } from './aliases.ts';
import { CliError } from './cli-error.ts';
import { dependentsOf } from './dependency-graph.ts';
import type { Goal } from './goal.ts';
import { stateOfGoal } from './goal.ts';
import { containsSecret, equalProperties } from './properties.ts';
import { ignoreChanges, pathsMeet } from './property-path.ts';
import type { ProviderRegistry } from './provider-registry.ts';
import type { ResourceState } from './state.ts';
import { importStep, readStep } from './read-steps.ts';
import type { Step } from './step.ts';
import { createStep, deleteStep, removePendingReplaceStep, replaceStep, sameStep, updateStep } from './steps.ts';
import type { Targets } from './targets.ts';
import { isDefaultProvider, isProviderType, parseReference } from './urn.ts';

/** A resource that cannot be made as the program wants it. Its text is a diagnostic of its resource. */
export class GenerationError extends Error {
  readonly urn: string;

  constructor(urn: string, message: string) {
    super(message);
    this.name = 'GenerationError';
    this.urn = urn;
  }
}

/** A resource that `--target` leaves out and that has never been made: nothing can be done about it. */
export class SkippedCreateError extends CliError {}

export interface GeneratorOptions {
  registry: ProviderRegistry;
  targets: Targets;
  /** URNs that `--replace` names. */
  replace: string[];
}

/** Decides, resource by resource, what an update has to do: it compares what was with what the program wants. */
export class StepGenerator {
  readonly #olds: ResourceState[];
  readonly #byUrn: Map<string, ResourceState>;
  readonly #options: GeneratorOptions;
  readonly #seen = new Set<string>();
  /** Old states that the program accounts for: kept, changed or replaced. */
  readonly #accounted = new Set<ResourceState>();
  /** Deleted ahead of time, because something that they depend on had to go before its replacement came. */
  readonly #deletedEarly = new Map<ResourceState, string[]>();
  readonly #replaced = new Set<string>();
  /** URNs that a resource was or might have been known by. */
  readonly #formerUrns = new Map<string, string[]>();

  constructor(olds: ResourceState[], options: GeneratorOptions) {
    this.#olds = olds;
    this.#byUrn = new Map(olds.filter((state) => state.delete !== true).map((state) => [state.urn, state]));
    this.#options = options;
  }

  /** @throws GenerationError, or whatever a provider's check or diff throws */
  async register(goal: Goal): Promise<Step[]> {
    this.#markSeen(goal.urn);
    const former = aliasUrns(goal, goal.aliases, this.#formerUrns.get(goal.parent) ?? []);
    this.#formerUrns.set(goal.urn, former);
    const old = this.#find(goal.urn, former);
    if (!this.#options.targets.includes(goal.urn) && !isProviderType(goal.type) && goal.parent !== '') {
      return this.#leave(goal, old);
    }
    if (old !== undefined) {
      this.#accounted.add(old);
    }
    const early = old === undefined ? undefined : this.#deletedEarly.get(old);
    const recreating = early !== undefined || old?.pendingReplacement === true;
    const wasExternal = old?.external === true;
    const olds = old === undefined || recreating || wasExternal || this.#isForced(goal) ? {} : (old.inputs ?? {});
    const wanted = old === undefined ? goal.inputs : ignoreChanges(goal.inputs, old.inputs ?? {}, goal.ignoreChanges);
    if (
      goal.importId !== '' &&
      goal.custom &&
      (old === undefined || (old.id !== goal.importId && old.importID !== goal.importId))
    ) {
      const imported: ResourceState = { ...stateOfGoal(goal, wanted, former), importID: goal.importId };
      return [importStep(imported, goal.ignoreChanges, old)];
    }
    const inputs = await this.#check(goal, olds, wanted);
    const fresh = stateOfGoal(goal, inputs, former);
    if (old === undefined) {
      return [createStep(fresh)];
    }
    if (recreating || wasExternal) {
      this.#replaced.add(goal.urn);
      const change = { keys: early ?? [], diffs: early ?? [] };
      return [replaceStep(old, fresh, {}), createStep(fresh, { old, gone: true, ...change })];
    }
    return this.#change(goal, old, fresh);
  }

  /** A resource that the program only reads. */
  read(goal: Goal, id: string): Step {
    this.#markSeen(goal.urn);
    const old = this.#find(goal.urn, []);
    if (old !== undefined) {
      this.#accounted.add(old);
    }
    return readStep({ ...stateOfGoal(goal, goal.inputs, []), id, external: true }, old);
  }

  /** What is left of the old state once the program has said all it wants. */
  deletes(): Step[] {
    const steps: Step[] = [];
    for (const old of this.#olds) {
      if (old.delete === true) {
        steps.push(deleteStep(old, { replaced: true }));
      } else if (old.pendingReplacement === true && !this.#accounted.has(old)) {
        steps.push(removePendingReplaceStep(old));
      } else if (!this.#accounted.has(old) && this.#options.targets.includes(old.urn)) {
        steps.push(deleteStep(old));
      }
    }
    this.#requireDependents(steps);
    return steps;
  }

  /** @throws GenerationError where a target would be deleted under something that is none and stays */
  #requireDependents(steps: Step[]): void {
    const doomed = steps.flatMap((step) => (step.operation === 'delete' && step.old !== undefined ? [step.old] : []));
    const orphan = dependentsOf(doomed, this.#olds).find(
      (state) => !this.#options.targets.includes(state.urn) && !this.#accounted.has(state) && state.delete !== true,
    );
    if (orphan !== undefined) {
      throw new GenerationError(
        orphan.urn,
        `Resource '${orphan.urn}' will be destroyed but was not specified in --target list.\n` +
          'Either include resource in --target list or pass --target-dependents to proceed.',
      );
    }
  }

  #markSeen(urn: string): void {
    if (this.#seen.has(urn)) {
      throw new GenerationError(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    this.#seen.add(urn);
  }

  #find(urn: string, former: readonly string[]): ResourceState | undefined {
    for (const name of [urn, ...former]) {
      const old = this.#byUrn.get(name);
      if (old !== undefined && !this.#accounted.has(old)) {
        return old;
      }
    }
    return undefined;
  }

  #leave(goal: Goal, old: ResourceState | undefined): Step[] {
    if (old === undefined) {
      throw new SkippedCreateError(`resource '${goal.urn}' is not a target and does not exist yet`);
    }
    this.#accounted.add(old);
    return [sameStep(old, { ...old, urn: goal.urn })];
  }

  async #check(goal: Goal, olds: Properties, news: Properties): Promise<Properties> {
    if (!goal.custom) {
      return news;
    }
    const { inputs, failures } = isProviderType(goal.type)
      ? await this.#options.registry.check(goal.urn, olds, news)
      : await (await this.#options.registry.get(goal.provider)).check({ urn: goal.urn, olds, news });
    if (failures.length > 0) {
      throw new GenerationError(goal.urn, failures.map((failure) => describeFailure(goal, news, failure)).join('\n'));
    }
    return inputs;
  }

  async #change(goal: Goal, old: ResourceState, fresh: ResourceState): Promise<Step[]> {
    const diff = await this.#diff(goal, old, fresh);
    const { diffs, detailedDiff, replaces = [] } = diff;
    if (replaces.length > 0) {
      return this.#replace(goal, old, { ...diff, replaces });
    }
    if (diff.changes === 'some') {
      return [updateStep(old, fresh, { diffs, detailedDiff, ignoreChanges: goal.ignoreChanges })];
    }
    return [sameStep(old, fresh)];
  }

  /** Whether it is replaced whatever its inputs are: by `--replace`, or together with another. */
  #isForced(goal: Goal): boolean {
    return this.#options.replace.includes(goal.urn) || goal.replaceWith.some((urn) => this.#replaced.has(urn));
  }

  async #diff(goal: Goal, old: ResourceState, fresh: ResourceState): Promise<DiffResult> {
    const { registry } = this.#options;
    const news = fresh.inputs ?? {};
    if (goal.custom && this.#isForced(goal)) {
      return { changes: 'some', replaces: ['id'] };
    }
    if (goal.custom && !isProviderType(goal.type) && providerChanged(old.provider ?? '', goal.provider)) {
      return { changes: 'some', replaces: ['provider'] };
    }
    let diff: DiffResult = { changes: 'unknown' };
    if (isProviderType(goal.type)) {
      diff = await registry.diff(goal.urn, old, news, goal.ignoreChanges);
    } else if (goal.custom) {
      const client = await registry.get(goal.provider);
      diff = await client.diff({ urn: goal.urn, old, news, ignoreChanges: goal.ignoreChanges });
    }
    if (diff.changes === 'unknown') {
      diff = { ...diff, changes: equalProperties(old.inputs ?? {}, news) ? 'none' : 'some' };
    }
    if ((old.initErrors ?? []).length > 0 && diff.changes === 'none') {
      // What did not become ready is tried again, though nothing about it has changed.
      diff = { ...diff, changes: 'some' };
    }
    return withReplaceOnChanges(diff, goal.replaceOnChanges);
  }

  async #replace(goal: Goal, old: ResourceState, diff: DiffResult & { replaces: string[] }): Promise<Step[]> {
    this.#replaced.add(goal.urn);
    if (old.protect === true) {
      throw new GenerationError(goal.urn, replaceProtectedMessage(goal.urn));
    }
    // The replacement is a new resource: it is checked as such, so that a generated name differs from the old one's.
    const fresh = stateOfGoal(goal, await this.#check(goal, {}, goal.inputs), this.#formerUrns.get(goal.urn) ?? []);
    const change = { keys: diff.replaces, diffs: diff.diffs, detailedDiff: diff.detailedDiff };
    if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace ?? false)) {
      return [createStep(fresh, { old, gone: false, ...change }), replaceStep(old, fresh, change)];
    }
    const dependents = await this.#dependentReplacements(old);
    const steps = [...dependents].reverse().map(({ state, keys }) => {
      if (state.protect === true) {
        throw new GenerationError(goal.urn, replaceProtectedMessage(state.urn, goal.urn));
      }
      this.#deletedEarly.set(state, keys);
      return deleteStep(state, { replaced: true, pendingReplacement: true });
    });
    this.#deletedEarly.set(old, []);
    return [
      ...steps,
      deleteStep(old, { replaced: true, pendingReplacement: true }),
      replaceStep(old, fresh, change),
      createStep(fresh, { old, gone: true, ...change }),
    ];
  }

  /**
   * Finds what has to go before a resource that is deleted before its replacement exists: all that would itself be
   * replaced if the properties that come from it were to change.
   */
  async #dependentReplacements(root: ResourceState): Promise<Array<{ state: ResourceState; keys: string[] }>> {
    const replaced = new Set([root.urn]);
    const found: Array<{ state: ResourceState; keys: string[] }> = [];
    for (const state of dependentsOf([root], this.#olds)) {
      if (!state.custom || this.#accounted.has(state) || state.delete === true) {
        continue;
      }
      const byProvider = parseReference(state.provider ?? '').urn;
      if (replaced.has(byProvider)) {
        replaced.add(state.urn);
        found.push({ state, keys: ['provider'] });
        continue;
      }
      const touched = Object.entries(state.propertyDependencies ?? {})
        .filter(([, urns]) => urns.some((urn) => replaced.has(urn)))
        .map(([key]) => key);
      if (touched.length === 0 || isProviderType(state.type)) {
        continue;
      }
      const unknowns = Object.fromEntries(touched.map((key) => [key, UNKNOWN]));
      const client = await this.#options.registry.get(state.provider ?? '');
      const news = { ...state.inputs, ...unknowns };
      const diff = await client.diff({ urn: state.urn, old: state, news, ignoreChanges: [] });
      if ((diff.replaces ?? []).length > 0) {
        replaced.add(state.urn);
        found.push({ state, keys: diff.replaces ?? [] });
      }
    }
    return found;
  }
}

/** Default providers come and go with versions of a package; what they made stays. */
function providerChanged(old: string, fresh: string): boolean {
  if (old === fresh || old === '') {
    return false;
  }
  return !(isDefaultProvider(parseReference(old).urn) && isDefaultProvider(parseReference(fresh).urn));
}

function withReplaceOnChanges(diff: DiffResult, paths: string[]): DiffResult {
  if (diff.changes !== 'some' || paths.length === 0) {
    return diff;
  }
  const changed = [...Object.keys(diff.detailedDiff ?? {}), ...(diff.detailedDiff ? [] : (diff.diffs ?? []))];
  const asked = changed.filter((path) => paths.some((watched) => watched === '*' || pathsMeet(watched, path)));
  return asked.length === 0 ? diff : { ...diff, replaces: [...new Set([...(diff.replaces ?? []), ...asked])] };
}

function describeFailure(goal: Goal, inputs: Properties, failure: CheckFailure): string {
  if (failure.property === '') {
    return `${goal.type} resource '${goal.name}' has a problem: ${failure.reason}`;
  }
  const given = inputs[failure.property] ?? null;
  const value = containsSecret(given) ? '[secret]' : typeof given === 'string' ? given : JSON.stringify(given);
  return `${goal.type} resource '${goal.name}': property ${failure.property} value {${value}} has a problem: ${failure.reason}`;
}

function replaceProtectedMessage(urn: string, root?: string): string {
  const reason = root === undefined ? '' : ` as part of replacing "${root}"`;
  return (
    `unable to replace resource "${urn}"${reason}\nas it is currently marked for protection. To unprotect the resource, ` +
    'remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n' +
    `\`pulumi state unprotect '${urn}'\``
  );
}
