/** What an operation does before a program runs and after it has registered everything. */
import type { Properties } from '../provider.ts';
import { allDependencies, deletionOrder } from './dependency-graph.ts';
import type { DeploymentOptions } from './deployment-options.ts';
import type { StepExecutor } from './executor.ts';
import { StepStopped } from './executor.ts';
import { GenerationError } from './generation-error.ts';
import { leftoverSteps } from './leftover-steps.ts';
import type { ProviderRegistry } from './provider-registry.ts';
import { refreshStep } from './read-steps.ts';
import type { ResourceState } from './state.ts';
import type { StepGenerator } from './step-generator.ts';
import type { Step } from './step.ts';
import type { UrnPatterns } from './targets.ts';
import { isProviderType } from './urn.ts';

type Execute = (step: Step) => Promise<void>;

/** @throws GenerationError if an option names a resource that neither existed nor exists */
export function requireKnown(patterns: UrnPatterns, generator: StepGenerator): void {
  const unknown = unknownUrns(patterns, generator);
  if (unknown.length > 0) {
    throw new GenerationError('', ...unknown.map(unknownTargetMessage));
  }
}

/** Refreshes the state. Failures are reported as they occur; the rest is still read. */
export async function refreshState(
  { snapshot, targets }: DeploymentOptions,
  registry: ProviderRegistry,
  execute: Execute,
): Promise<void> {
  const chosen: ResourceState[] = [];
  for (const state of snapshot.olds) {
    const included = targets.includes(state);
    targets.note(state, included);
    if (included) {
      await registry.ensure(state.provider);
      chosen.push(state);
    }
  }
  const reading: Array<Promise<void>> = [];
  for (const step of chosen.map(refreshStep)) {
    const done = execute(step).catch(ignoreStop);
    if (step.pending === undefined) {
      // These need no provider call; they complete before the refresh begins.
      await done;
    }
    reading.push(done);
  }
  await Promise.all(reading);
  snapshot.repair();
}

/** Deletes what the program no longer registers. */
export async function deleteLeftovers(
  generator: StepGenerator,
  executor: StepExecutor,
  execute: Execute,
): Promise<void> {
  const { olds, options } = generator;
  const unknown = unknownUrns(options.targets.targets, generator);
  const { stay, deletions } = await leftoverSteps(generator);
  for (const step of stay) {
    await execute(step);
  }
  const byState = new Map(deletions.map((step) => [step.old as ResourceState, step]));
  const needed = new Set<ResourceState>();
  for (const group of deletionOrder([...byState.keys()], olds)) {
    // The dependencies of a resource that could not be deleted stay too.
    const steps = group.filter((state) => !needed.has(state)).map((state) => byState.get(state) as Step);
    await Promise.all(steps.map((step) => execute(step).catch(ignoreStop)));
    if (executor.stopped) {
      return;
    }
    executor.erroredSteps.forEach(({ old }) => collectNeeds(old, olds, needed));
  }
  if (unknown.length > 0) {
    throw new GenerationError('', ...unknown.map(unknownTargetMessage));
  }
}

/** The outputs that a skipped resource would have, as far as its provider can tell. */
export async function dryRunOutputs(
  registry: ProviderRegistry,
  steps: Step[],
  state: ResourceState,
): Promise<Properties> {
  if (!state.custom || isProviderType(state.type)) {
    return {};
  }
  try {
    const client = await registry.get(state.provider ?? '');
    const { urn } = state;
    const old = steps.find((step) => step.old !== undefined && step.skippedCreate !== true)?.old;
    const inputs = state.inputs ?? {};
    const { properties } =
      old === undefined
        ? await client.create({ urn, inputs, preview: true })
        : await client.update({ urn, old, news: inputs, ignoreChanges: state.ignoreChanges ?? [], preview: true });
    return properties;
  } catch {
    return {};
  }
}

function unknownUrns({ literals }: UrnPatterns, { seen, olds }: StepGenerator): string[] {
  return literals.filter((urn) => !seen.has(urn) && !olds.some((state) => state.urn === urn));
}

function unknownTargetMessage(urn: string): string {
  // The type of a child has a $ in it, which a shell takes for a variable.
  const hint = urn.includes('$') ? '' : ' Did you forget to escape $ in your shell?';
  return `Target '${urn}' could not be found in the stack.${hint}`;
}

/** Adds what a resource depends on, directly or not. Of two that share a URN, one that is to be deleted needs the other such. */
function collectNeeds(
  state: ResourceState | undefined,
  olds: readonly ResourceState[],
  needed: Set<ResourceState>,
): void {
  const before = state === undefined ? [] : olds.slice(0, Math.max(0, olds.indexOf(state)));
  for (const urn of state === undefined ? [] : allDependencies(state)) {
    const candidates = before.filter((old) => old.urn === urn);
    const doomed = candidates.filter((old) => old.delete === true);
    const living = candidates.filter((old) => old.delete !== true);
    const found = doomed.length > 0 && (state?.delete === true || living.length === 0) ? doomed : living;
    for (const old of found.filter((each) => !needed.has(each))) {
      needed.add(old);
      collectNeeds(old, olds, needed);
    }
  }
}

function ignoreStop(error: unknown): void {
  if (!(error instanceof StepStopped)) {
    throw error;
  }
}
