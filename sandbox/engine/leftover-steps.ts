/** Old resources that a program did not register: most are deleted, some stay. */
import { dependenciesOf, dependentsOf } from './dependency-graph.ts';
import { DependentReplacements } from './dependent-replacements.ts';
import type { ResourceState } from './state.ts';
import type { StepGenerator } from './step-generator.ts';
import type { Step } from './step.ts';
import { deleteStep, removePendingReplaceStep, sameStep } from './steps.ts';

export interface Leftovers {
  /** Those that are no targets. */
  stay: Step[];
  deletions: Step[];
}

export async function leftoverSteps(generator: StepGenerator): Promise<Leftovers> {
  const { targets, registry, preview } = generator.options;
  const included = await includedInDeletion(generator);
  const leftovers: Leftovers = { stay: [], deletions: [] };
  for (const old of generator.olds) {
    if (!included(old)) {
      if (!generator.isOperatedOn(old.urn) && old.delete !== true) {
        leftovers.stay.push(sameStep(old, { ...old, id: undefined }, { untargeted: true }));
      }
    } else if (old.delete === true || !generator.isOperatedOn(old.urn)) {
      await registry.ensure(old.provider);
      generator.deleted.add(old.urn);
      leftovers.deletions.push(
        old.pendingReplacement === true
          ? removePendingReplaceStep(old)
          : deleteStep(old, { replaced: old.delete === true }),
      );
    }
  }
  if (targets.targets.given && !targets.targetDependents) {
    const strays = leftovers.deletions.filter(({ urn }) => !targets.targets.matches(urn));
    for (const { urn } of strays) {
      generator.report(
        urn,
        `Resource '${urn}' will be destroyed but was not specified in --target list.\n` +
          'Either include resource in --target list or pass --target-dependents to proceed.',
      );
    }
    if (strays.length > 0 && !preview) {
      return { stay: [], deletions: [] };
    }
  }
  return leftovers;
}

async function includedInDeletion(generator: StepGenerator): Promise<(state: ResourceState) => boolean> {
  const { targets } = generator.options;
  if (targets.targets.given) {
    const urns = await targetedForDeletion(generator);
    return ({ urn }) => urns.has(urn);
  }
  if (targets.excludes.given) {
    const urns = excludedFromDeletion(generator);
    return ({ urn }) => !urns.has(urn);
  }
  return () => true;
}

/** Targets, all that depends on them or is inside them, and what would be replaced with those. */
async function targetedForDeletion(generator: StepGenerator): Promise<Set<string>> {
  const { olds, options } = generator;
  const urns = new Set<string>();
  const replacements = new DependentReplacements(generator);
  for (const root of olds.filter(({ urn }) => options.targets.targets.matches(urn))) {
    for (const state of [root, ...dependentsOf(root, olds, { children: true })]) {
      urns.add(state.urn);
      (await replacements.find(state)).forEach((dependent) => urns.add(dependent.state.urn));
    }
  }
  return urns;
}

/** What stays, and everything that it depends on. */
function excludedFromDeletion({ olds, options }: StepGenerator): Set<string> {
  const { excludes, excludeDependents } = options.targets;
  const urns = new Set<string>();
  const frontier = olds.filter(({ urn }) => excludes.matches(urn));
  for (let next = frontier.shift(); next !== undefined; next = frontier.shift()) {
    if (!urns.has(next.urn)) {
      urns.add(next.urn);
      frontier.push(...dependenciesOf(next, olds));
      frontier.push(...(excludeDependents ? dependentsOf(next, olds, { children: true }) : []));
    }
  }
  return urns;
}
