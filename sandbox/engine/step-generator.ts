/** Generates the steps for one registration by comparing the old state with what the program wants. */
import type { CheckFailure, DiffResult, Properties } from '../provider.ts';
import { DependentReplacements } from './dependent-replacements.ts';
import { deniedPackage } from './default-providers.ts';
import type { Goal } from './goal.ts';
import { stateOfGoal } from './goal.ts';
import { describeFailure, GenerationError, importedMessage, replaceProtectedMessage } from './generation-error.ts';
import { FormerNames } from './former-names.ts';
import { importStep } from './import-step.ts';
import { applyReplaceOnChanges, isReplacement, providerChanged } from './replace-on-changes.ts';
import { equalProperties } from './properties.ts';
import { ignoreChanges } from './property-path.ts';
import type { ProviderRegistry } from './provider-registry.ts';
import { readStep } from './read-steps.ts';
import type { ResourceState } from './state.ts';
import type { Step } from './step.ts';
import { createStep, deleteStep, replaceStep, sameStep, skippedCreateStep, updateStep } from './steps.ts';
import type { Targets, UrnPatterns } from './targets.ts';
import { allDependencies, dependentsOf } from './dependency-graph.ts';
import { isProviderType, STACK_TYPE } from './urn.ts';

export interface GeneratorOptions {
  preview: boolean;
  registry: ProviderRegistry;
  targets: Targets;
  /** What `--replace` names. */
  replace: UrnPatterns;
  /** URNs of what failed, or was skipped because of that, in an operation that continues. */
  skipped: ReadonlySet<string>;
  diagnostic(severity: 'info' | 'error', urn: string, message: string): void;
}

/** Steps, and how to continue if more is known only after them. */
export interface Generated {
  steps: Step[];
  /** What the program gets if no step determines it. */
  state?: ResourceState;
  /** The resource is skipped, because it does not exist. */
  unknown?: boolean;
  next?: () => Promise<Generated>;
}

/** Intermediate results for one registration. */
interface Registration {
  goal: Goal;
  old: ResourceState | undefined;
  fresh: ResourceState;
  imported: boolean;
}

export class StepGenerator {
  readonly olds: ResourceState[];
  readonly options: GeneratorOptions;
  /** Something is wrong, but a preview continues, to show the rest. */
  errored = false;
  readonly byUrn: Map<string, ResourceState>;
  /** URNs that were registered, or stand in for what was. */
  readonly seen = new Set<string>();
  readonly replaced = new Set<string>();
  readonly created = new Set<string>();
  /** URNs whose resources are, or will be, deleted. */
  readonly deleted = new Set<string>();
  readonly #operated = new Set<string>();
  readonly #imported = new Set<string>();
  readonly #skippedCreates = new Set<string>();
  readonly #former: FormerNames;
  readonly #dependents: DependentReplacements;

  constructor(olds: ResourceState[], options: GeneratorOptions) {
    this.olds = olds;
    this.options = options;
    this.byUrn = new Map(olds.filter((state) => state.delete !== true).map((state) => [state.urn, state]));
    this.#former = new FormerNames(this.byUrn, this.seen);
    this.#dependents = new DependentReplacements(this);
  }

  /** @throws GenerationError, or whatever a provider's check or diff throws */
  async register(goal: Goal): Promise<Generated> {
    this.#claim(goal.urn, goal.parent);
    const { old, alias, problems } = this.#former.find(goal);
    const fresh = stateOfGoal(goal, goal.inputs, alias === undefined ? [] : [alias]);
    fresh.created = old?.created;
    fresh.modified = old?.modified;
    if (this.dependsOnSkipped(fresh)) {
      return this.#standIn({ goal, old, fresh, imported: false });
    }
    const importing =
      goal.custom &&
      goal.importId !== '' &&
      (old === undefined || old.external === true || (old.importID || old.id) !== goal.importId);
    if (!importing) {
      return this.#compare({ goal, old, fresh, imported: false }, problems);
    }
    const taken = stateOfGoal(goal, goal.inputs, fresh.aliases ?? []);
    this.#imported.add(goal.urn);
    const replaces = old !== undefined && !this.deleted.has(goal.urn);
    const steps = [importStep(taken, replaces ? old : undefined)];
    if (replaces) {
      steps.push(replaceStep(old, taken, {}));
    }
    const wanted = stateOfGoal(goal, goal.inputs, fresh.aliases ?? []);
    return {
      steps,
      state: taken,
      next: () => {
        wanted.created = taken.created;
        wanted.modified = taken.modified;
        return this.#compare({ goal, old: taken, fresh: wanted, imported: true }, problems);
      },
    };
  }

  /** A resource that the program only reads. */
  read(goal: Goal, id: string): Generated {
    this.#claim(goal.urn, goal.parent);
    const { old, alias } = this.#former.find(goal);
    const fresh = { ...stateOfGoal(goal, goal.inputs, alias === undefined ? [] : [alias]), id, external: true };
    const { preview, targets } = this.options;
    targets.note(fresh, targets.includes(fresh));
    // It depends on something that does not exist yet, so it cannot be read before that is created.
    const early = preview && goal.dependencies.some((urn) => this.created.has(urn) || this.replaced.has(urn));
    if (old !== undefined && old.external !== true && old.id !== id) {
      this.replaced.add(goal.urn);
      return { steps: [readStep(fresh, old, { replaces: true, early }), replaceStep(old, fresh, {})], unknown: early };
    }
    this.#operated.add(goal.urn);
    return { steps: [readStep(fresh, old, { replaces: false, early })], unknown: early };
  }

  dependsOnSkipped(state: ResourceState): boolean {
    return allDependencies(state).some((urn) => this.options.skipped.has(urn));
  }

  /** Whether an old resource has been handled, possibly under another name. */
  isOperatedOn(urn: string): boolean {
    const name = this.#former.newName(urn) ?? urn;
    return this.#operated.has(name) || this.replaced.has(name);
  }

  report(urn: string, message: string): void {
    this.options.diagnostic('error', urn, message);
    this.errored = true;
  }

  /** A resource that is to be replaced whatever its inputs are. */
  isForced(urn: string, old: ResourceState | undefined): boolean {
    return this.options.replace.matches(urn) || old?.taint === true;
  }

  /** Takes a URN for a registration. */
  #claim(urn: string, parent: string): void {
    if (parent !== '' && !this.seen.has(parent)) {
      throw new GenerationError(urn, `could not find parent resource ${parent}`);
    }
    if (this.seen.has(urn)) {
      throw new GenerationError(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    this.seen.add(urn);
  }

  /** Replaces a create or update that is not attempted, because a dependency failed. */
  #standIn({ goal, old, fresh }: Registration): Generated {
    this.#operated.add(goal.urn);
    if (old !== undefined) {
      fresh.inputs = old.inputs;
      fresh.outputs = old.outputs;
      return { steps: [sameStep(old, fresh)], state: fresh, unknown: true };
    }
    this.#skippedCreates.add(goal.urn);
    return { steps: [skippedCreateStep(fresh)], state: fresh, unknown: true };
  }

  async #compare(registration: Registration, problems: string[]): Promise<Generated> {
    const { goal, old, fresh } = registration;
    const { targets } = this.options;
    const recreating = this.deleted.has(goal.urn);
    const wasExternal = old?.external === true;
    const implied = isProviderType(goal.type) || goal.type === STACK_TYPE;
    const targeted = implied || targets.includes(fresh);
    let { inputs } = goal;
    if (old !== undefined) {
      inputs = this.#withIgnored(goal, old.inputs ?? {});
    }
    fresh.inputs = inputs;
    if (!targeted) {
      fresh.inputs = old?.inputs ?? {};
    } else if (goal.custom) {
      const anew = old === undefined || recreating || wasExternal || this.isForced(goal.urn, old);
      const { failures, ...checked } = await this.#check(
        goal,
        anew ? {} : (old.inputs ?? {}),
        anew ? goal.inputs : inputs,
      );
      fresh.inputs = checked.inputs;
      problems = [...problems, ...failures.map((failure) => describeFailure(goal, inputs, failure))];
    }
    if (problems.length > 0) {
      throw new GenerationError(goal.urn, ...problems);
    }
    if (recreating && old !== undefined) {
      this.deleted.delete(goal.urn);
      this.replaced.add(goal.urn);
      const keys = this.#dependents.keysOf(goal.urn);
      return this.#checked([replaceStep(old, fresh, {}), createStep(fresh, { old, gone: true, keys })]);
    }
    if (wasExternal) {
      this.created.add(goal.urn);
      this.#operated.add(goal.urn);
      return this.#checked([createStep(fresh, { old, gone: false }), replaceStep(old, fresh, {})]);
    }
    targets.note(fresh, targeted);
    if (!targeted) {
      return this.#leave(registration);
    }
    if (old === undefined) {
      this.created.add(goal.urn);
      return this.#checked([createStep(fresh)]);
    }
    return this.#change({ ...registration, old });
  }

  #withIgnored(goal: Goal, olds: Properties): Properties {
    const { properties, invalid } = ignoreChanges(goal.inputs, olds, goal.ignoreChanges);
    if (invalid.length > 0) {
      const paths = invalid.join(', ');
      this.options.diagnostic(
        'info',
        goal.urn,
        `cannot ignore changes in added or removed elements of the path: ${JSON.stringify(paths)}`,
      );
    }
    return properties;
  }

  /** A resource that is not a target stays as it is, and so do its dependencies, even if the program no longer has them. */
  #leave({ goal, old, fresh }: Registration): Generated {
    this.#operated.add(goal.urn);
    if (old === undefined) {
      this.#skippedCreates.add(goal.urn);
      return { steps: [skippedCreateStep(fresh)], state: fresh, unknown: true };
    }
    const steps: Step[] = [];
    const keep = (state: ResourceState): void => {
      this.seen.add(state.urn);
      this.#operated.add(state.urn);
      for (const urn of allDependencies(state)) {
        const needed = this.byUrn.get(urn);
        if (needed !== undefined && !this.seen.has(urn) && !this.isOperatedOn(urn)) {
          keep(needed);
        }
      }
      steps.push(sameStep(state, { ...state, id: undefined }, { untargeted: true }));
    };
    keep(old);
    return this.#checked(steps);
  }

  #change(registration: Registration & { old: ResourceState }): Promise<Generated> | Generated {
    return this.#diff(registration).then((diff) => {
      const { goal, old, fresh, imported } = registration;
      const due = old.pendingReplacement === true;
      const unready = (old.initErrors ?? []).length > 0;
      const change = { keys: diff.replaces, diffs: diff.diffs, detailedDiff: diff.detailedDiff };
      if (due || (diff.changes === 'some' && isReplacement(diff))) {
        return this.#replace(registration, diff);
      }
      if (diff.changes === 'some' || unready) {
        this.#operated.add(goal.urn);
        return this.#checked([updateStep(old, fresh, { ...change, ignoreChanges: goal.ignoreChanges })]);
      }
      this.#operated.add(goal.urn);
      return imported ? { steps: [], state: old } : this.#checked([sameStep(old, fresh)]);
    });
  }

  async #diff({ goal, old, fresh }: Registration & { old: ResourceState }): Promise<DiffResult> {
    const { registry } = this.options;
    const replacedBy = (key: string): DiffResult => ({ changes: 'some', replaces: [key] });
    const news = fresh.inputs ?? {};
    if (this.isForced(goal.urn, old)) {
      return applyReplaceOnChanges(replacedBy('id'), goal.replaceOnChanges, old.initErrors);
    }
    if (goal.replaceWith.some((urn) => this.replaced.has(urn))) {
      return replacedBy('replaceWith');
    }
    if (goal.deletedWith !== '' && this.replaced.has(goal.deletedWith)) {
      return replacedBy('deletedWith');
    }
    if (await providerChanged(old.provider ?? '', goal.provider, this.byUrn, this.#former, registry)) {
      return replacedBy('provider');
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
    return applyReplaceOnChanges(diff, goal.replaceOnChanges, old.initErrors);
  }

  async #replace({ goal, old, fresh }: Registration & { old: ResourceState }, diff: DiffResult): Promise<Generated> {
    const { urn } = goal;
    const { preview, registry } = this.options;
    if (goal.protect && old.protect === true) {
      this.report(urn, replaceProtectedMessage(urn));
      if (!preview) {
        throw new GenerationError(urn);
      }
    }
    if (goal.importId !== '') {
      const message = importedMessage(diff.replaces ?? [], old.inputs ?? {}, fresh.inputs ?? {});
      if (!preview) {
        throw new GenerationError(urn, message);
      }
      this.options.diagnostic('info', urn, message);
    }
    this.replaced.add(urn);
    if (goal.custom && !this.isForced(urn, old)) {
      // The replacement is a new resource: it is checked as such, so that a generated name differs from the old one's.
      const { inputs, failures } = await this.#check(goal, {}, goal.inputs);
      if (failures.length > 0) {
        throw new GenerationError(urn, ...failures.map((failure) => describeFailure(goal, goal.inputs, failure)));
      }
      fresh.inputs = inputs;
    }
    const change = { keys: diff.replaces, diffs: diff.diffs, detailedDiff: diff.detailedDiff };
    const due = old.pendingReplacement === true;
    const deletesFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace ?? false;
    if (!deletesFirst && !due) {
      return this.#checked([createStep(fresh, { old, gone: false, ...change }), replaceStep(old, fresh, change)]);
    }
    const steps: Step[] = deletesFirst ? await this.#dependents.deletions(old, urn) : [];
    if (deletesFirst && !due) {
      await registry.ensure(old.provider);
      this.deleted.add(old.urn);
      steps.push(deleteStep(old, { replaced: true, pendingReplacement: true }));
    }
    return this.#checked([
      ...steps,
      replaceStep(old, fresh, change),
      createStep(fresh, { old, gone: true, ...change }),
    ]);
  }

  /** @throws GenerationError if the resource needs a default provider, and may not have one */
  async #check(
    goal: Goal,
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
    const { registry } = this.options;
    const denied = deniedPackage(goal.provider);
    if (denied !== undefined) {
      throw new GenerationError(
        goal.urn,
        `Default provider for '${denied}' disabled. '${goal.urn}' must use an explicit provider.`,
      );
    }
    return isProviderType(goal.type)
      ? await registry.check(goal.urn, olds, news)
      : await (await registry.get(goal.provider)).check({ urn: goal.urn, olds, news });
  }

  /** With targets: nothing may depend on a resource that is skipped because it does not exist. */
  #checked(steps: Step[]): Generated {
    const { targets, replace, preview } = this.options;
    if (targets.targets.given || replace.given) {
      for (const { new: fresh, skippedCreate } of steps) {
        const missing = fresh === undefined || skippedCreate === true ? [] : allDependencies(fresh);
        for (const urn of new Set(missing.filter((each) => this.#skippedCreates.has(each)))) {
          const own = fresh?.urn ?? '';
          this.report(own, `Resource '${own}' depends on '${urn}' which was was not specified in --target list.`);
          if (!preview) {
            throw new GenerationError(own);
          }
          this.#skippedCreates.delete(urn);
        }
      }
    }
    for (const { operation, urn } of steps) {
      if (operation === 'same' || operation === 'update') {
        this.#operated.add(urn);
      }
    }
    return { steps };
  }

  /** @returns those that depend on a resource and were not yet worked on, in order */
  laterDependents(root: ResourceState): ResourceState[] {
    const done = new Set([...this.#operated, ...this.created, ...this.deleted, ...this.replaced]);
    return dependentsOf(root, this.olds, { children: false, ignored: done });
  }
}
