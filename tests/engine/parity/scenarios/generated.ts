/** Stacks made up at random: what each resource takes of others, its options, and how all that changes from step to step. */
import fc from 'fast-check';
import type * as pulumi from '@pulumi/pulumi';
import type { Scenario, Step } from '../support/scenario.ts';
import { destroy, preview, refresh, up } from '../support/scenario.ts';
import { Group, Thing } from '../support/thing.ts';

/** Fixed, so that a failure can be looked into; `PARITY_SEED` tries others. */
const SEED = Number(process.env['PARITY_SEED'] ?? 20_261_129);
const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;

/** One resource of one step. Numbers point at earlier resources, as far as there are that many. */
interface Item {
  present: boolean;
  value: number;
  /** Whose ARN it takes, and whether a change of that replaces it. */
  takes: number | null;
  replaced: boolean;
  waitsFor: number | null;
  replace: number;
  first: boolean;
  inGroup: boolean;
  protect: boolean;
  retain: boolean;
  ignores: boolean;
  deletesFirst: boolean | undefined;
}

const rarely = fc.integer({ min: 0, max: 5 }).map((number) => number === 0);
const earlier = fc.option(fc.nat({ max: NAMES.length - 2 }), { nil: null });
const item: fc.Arbitrary<Item> = fc.record({
  present: fc.integer({ min: 0, max: 4 }).map((number) => number > 0),
  value: fc.nat({ max: 2 }),
  takes: earlier,
  replaced: fc.boolean(),
  waitsFor: earlier,
  replace: fc.integer({ min: 0, max: 5 }).map((number) => Math.max(0, number - 3)),
  first: rarely,
  inGroup: rarely,
  protect: rarely,
  retain: rarely,
  ignores: rarely,
  deletesFirst: fc.constantFrom(undefined, undefined, undefined, true, false),
});
const stacks = fc.array(fc.array(item, { minLength: NAMES.length, maxLength: NAMES.length }), {
  minLength: 3,
  maxLength: 3,
});

function program(items: Item[]): () => void {
  return () => {
    const made: Thing[] = [];
    const group = items.some(({ inGroup }) => inGroup) ? new Group('group') : undefined;
    for (const [index, each] of items.entries()) {
      if (!each.present) continue;
      const args: Record<string, pulumi.Input<unknown>> = { value: each.value, replace: each.replace };
      const taken = each.takes === null ? undefined : made[each.takes];
      if (taken) args[each.replaced ? 'replaceBy' : 'by'] = taken.arn;
      if (each.first) args['first'] = true;
      const needed = each.waitsFor === null ? undefined : made[each.waitsFor];
      made.push(
        new Thing(NAMES[index] ?? 'f', args, {
          ...(needed && { dependsOn: needed }),
          ...(each.inGroup && group && { parent: group }),
          ...(each.protect && { protect: true }),
          ...(each.retain && { retainOnDelete: true }),
          ...(each.ignores && { ignoreChanges: ['value'] }),
          ...(each.deletesFirst !== undefined && { deleteBeforeReplace: each.deletesFirst }),
        }),
      );
    }
  };
}

/** @param count how many */
export function generatedScenarios(count: number): Scenario[] {
  return fc.sample(stacks, { numRuns: count, seed: SEED }).map((changes, index) => {
    const steps: Step[] = changes.flatMap((items, step) => [
      ...(step === 1 ? [preview(program(items))] : []),
      up(program(items)),
    ]);
    return { name: `number ${index + 1}`, steps: [...steps, refresh(), destroy()] };
  });
}
