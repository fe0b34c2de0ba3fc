/** The changes of one preview, collected from the engine's events. */
import type { EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation/index.js';
import { isEqual } from 'es-toolkit/predicate/isEqual';
import type { ResourceChange } from '../../model.ts';
import { toResourceChange } from './engine-events.ts';
import { withoutSessions } from './session.ts';

/** Operations in which a provider generates names. */
const CREATING = new Set<string>(['create', 'create-replacement']);

export class ChangeCollector {
  readonly #events: EngineEvent[] = [];
  readonly #madeUp = new Set<string>();

  add(event: EngineEvent): void {
    const metadata = event.resourcePreEvent?.metadata;
    if (!metadata || isOtherSession(metadata)) return;
    this.#events.push(event);
    for (const name of madeUpNames(metadata)) this.#madeUp.add(name);
  }

  /** In the engine's order. */
  changes(): ResourceChange[] {
    return (
      this.#events
        .map((event) => toResourceChange(event, this.#madeUp))
        .filter((change) => change !== undefined)
        // With `refresh` the engine reads every resource: that alone is not a change.
        .filter(({ operation }) => operation !== 'refresh')
    );
  }
}

/**
 * Names with a random suffix, which differs in every preview and in the deployment.
 * `__defaults` lists the inputs that the provider chose itself.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
 */
function madeUpNames({ op, new: wanted, old }: StepEventMetadata): string[] {
  if (!CREATING.has(op)) return [];
  const inputs = (wanted?.inputs ?? {}) as Record<string, unknown>;
  const defaults = Array.isArray(inputs.__defaults) ? inputs.__defaults : [];
  return defaults
    .map((key) => inputs[String(key)])
    .filter((value): value is string => typeof value === 'string' && /[0-9a-f]{7}$/.test(value))
    .filter((value) => !Object.values(old?.inputs ?? {}).includes(value));
}

/** A provider that uses another session of the same role is not a change to approve. */
function isOtherSession({ type, op, old, new: wanted }: StepEventMetadata): boolean {
  if (!type.startsWith('pulumi:providers:') || op !== 'update') return false;
  const [before, after] = [old?.inputs, wanted?.inputs].map(withoutSessions);
  return isEqual(before, after);
}
