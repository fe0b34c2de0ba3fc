/**
 * What a changed request does to each resource, determined without an engine: the program runs with the old request and with the
 * new one, and the provider of the sandbox says what a difference of inputs means. A replacement gets another name, which
 * may change what refers to it, so the new request runs until no more is replaced.
 */
import type { Blueprint } from '../../blueprints/blueprint.ts';
import { diffResource } from '../../sandbox/aws/diff.ts';
import { requireType } from '../../sandbox/aws/registry.ts';
import type { Properties } from '../../sandbox/provider.ts';
import type { Body } from '../unit/blueprints/requests.ts';
import type { Registered } from '../../blueprints/testing.ts';
import { run } from '../../blueprints/testing.ts';

const TOPIC = 'arn:aws:sns:us-east-1:111111111111:topic';

/** A request that is deployed, to compare others of its type with. */
export class Comparison {
  readonly #blueprint: Blueprint;
  readonly #deployed: readonly Registered[];

  private constructor(blueprint: Blueprint, deployed: readonly Registered[]) {
    this.#blueprint = blueprint;
    this.#deployed = deployed;
  }

  static async from(blueprint: Blueprint, request: Body): Promise<Comparison> {
    return new Comparison(blueprint, await resourcesOf(blueprint, request, 1));
  }

  /**
   * @param changed keys of the request that have another value
   * @returns `<logical name> <create|update|replace|delete>` of everything that is not left alone, sorted
   */
  async with(request: Body, changed: readonly string[]): Promise<string[]> {
    const { runKeys } = this.#blueprint;
    const runsAgain = changed.some((key) => runKeys?.includes(key) ?? true);
    for (let replaced = new Set<string>(); ;) {
      const resources = await resourcesOf(this.#blueprint, request, runsAgain ? 2 : 1, replaced);
      const operations = compare(this.#deployed, resources);
      const all = [...operations].flatMap(([name, operation]) => (operation === 'replace' ? [name] : []));
      const more = all.filter((name) => !replaced.has(name));
      const referredTo = new Set(resources.flatMap(({ references }) => Object.values(references).flat()));
      if (!more.some((name) => referredTo.has(name))) return [...operations].map((one) => one.join(' ')).sort();
      replaced = new Set(all);
    }
  }
}

async function resourcesOf(
  blueprint: Blueprint,
  request: Body,
  revision: number,
  replaced?: ReadonlySet<string>,
): Promise<Registered[]> {
  const program = await blueprint.loadProgram?.();
  if (!program) throw new Error(`${blueprint.pipelineType} has no program`);
  const context = { run: revision, notificationsTopicArn: TOPIC };
  return (await run(program, request, context, {}, { replaced })).resources;
}

function compare(before: readonly Registered[], after: readonly Registered[]): Map<string, string> {
  const operations = new Map<string, string>();
  for (const one of before) if (!after.some(({ name }) => name === one.name)) operations.set(one.name, 'delete');
  for (const one of after) {
    const old = before.find(({ name, type }) => name === one.name && type === one.type);
    const operation = old ? changeOf(old, one) : 'create';
    if (operation) operations.set(one.name, operation);
  }
  return operations;
}

function changeOf(old: Registered, one: Registered): 'update' | 'replace' | undefined {
  // Components and providers have no inputs that anything follows from.
  if (!/^aws:.*\/.*:/.test(one.type)) return undefined;
  const { diffs = [], replaces = [] } = diffResource(
    requireType(one.type),
    old.wire as Properties,
    one.wire as Properties,
    [],
  );
  if (replaces.length > 0 || diffs.some((key) => one.replaceOnChanges.includes(key))) return 'replace';
  return diffs.length > 0 ? 'update' : undefined;
}
