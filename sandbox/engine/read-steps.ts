import type { DiffKind, DiffResult, Properties } from '../provider.ts';
import { ProviderError, UNKNOWN } from '../provider.ts';
import { equalProperties } from './properties.ts';
import type { ProviderClient } from './provider-client.ts';
import type { ResourceState } from './state.ts';
import type { Step } from './step.ts';
import { clientOf, keepPartial, now, step, withSecretOutputs } from './step.ts';
import { isProviderType } from './urn.ts';

/**
 * Reads a resource that others own.
 * @param options.replaces whether it replaces the stack's own resource of that name
 * @param options.early whether what it waits for does not exist yet
 */
export function readStep(
  fresh: ResourceState,
  old: ResourceState | undefined,
  { replaces, early }: { replaces: boolean; early: boolean },
): Step {
  return step({
    operation: replaces ? 'read-replacement' : 'read',
    state: fresh,
    old,
    new: fresh,
    logical: !replaces,
    pending: 'reading',
    async apply(context) {
      const id = fresh.id ?? '';
      if (early || id === UNKNOWN) {
        fresh.outputs = {};
        fresh.id = '';
      } else {
        const client = await clientOf(fresh, context);
        const answer = await client.read({
          urn: fresh.urn,
          id,
          inputs: fresh.inputs ?? {},
          outputs: fresh.inputs ?? {},
        });
        if (!answer.exists) {
          throw new Error(`resource '${id}' does not exist`);
        }
        fresh.id = answer.id || id;
        fresh.outputs = withSecretOutputs(answer.properties, fresh);
      }
      if (replaces && old !== undefined) {
        old.delete = true;
      }
      fresh.created = old?.created;
      fresh.modified = old?.modified;
      if (
        old !== undefined &&
        !(
          equalProperties(old.inputs ?? {}, fresh.inputs ?? {}) &&
          equalProperties(old.outputs ?? {}, fresh.outputs ?? {})
        )
      ) {
        fresh.modified = now();
      }
    },
    commit(snapshot) {
      if (old !== undefined && !replaces) {
        snapshot.remove(old);
      }
      snapshot.add(fresh);
    },
    keepPartial(partial) {
      keepPartial(fresh, partial);
    },
  });
}

/** Refreshes the state of one resource. */
export function refreshStep(old: ResourceState): Step {
  const refreshed: Step = step({
    operation: 'refresh',
    state: old,
    old,
    new: old,
    logical: false,
    ...(old.custom && !isProviderType(old.type) && old.id !== undefined && { pending: 'reading' as const }),
    async apply(context) {
      refreshed.result = 'same';
      if (!old.custom || isProviderType(old.type) || old.id === undefined || old.pendingReplacement === true) {
        return;
      }
      const client = await clientOf(old, context);
      const found = await readForRefresh(client, old);
      if (found?.initErrors !== undefined) {
        const reasons = found.initErrors.map((reason) => `\n* ${reason}`).join('');
        context.warn(old.urn, `Refreshed resource is in an unhealthy state:${reasons}`);
      }
      if (found === undefined) {
        refreshed.new = undefined;
        refreshed.result = 'delete';
        return;
      }
      const { initErrors: _fixed, ...kept } = old;
      const fresh: ResourceState = {
        ...kept,
        id: found.id,
        outputs: withSecretOutputs(found.properties, old),
        inputs: found.inputs,
        ...(found.initErrors && { initErrors: found.initErrors }),
      };
      refreshed.new = fresh;
      if (
        !equalProperties(old.inputs ?? {}, fresh.inputs ?? {}) ||
        !equalProperties(old.outputs ?? {}, fresh.outputs ?? {})
      ) {
        fresh.modified = now();
      }
      if (old.external === true) {
        // An external resource has no inputs from the program, so only its outputs can have changed.
        if (!equalProperties(old.outputs ?? {}, fresh.outputs ?? {})) {
          refreshed.result = 'update';
        }
        return;
      }
      const diff = await client.diff({
        urn: old.urn,
        old: fresh,
        news: old.inputs ?? {},
        ignoreChanges: old.ignoreChanges ?? [],
      });
      refreshed.diffs = diff.diffs ?? [];
      refreshed.detailedDiff = inverted(diff.detailedDiff);
      if (diff.changes === 'some') {
        refreshed.result = 'update';
      }
    },
    commit(snapshot) {
      snapshot.refresh(old, refreshed.new);
    },
  });
  return refreshed;
}

const INVERSE: Record<DiffKind, DiffKind> = {
  add: 'delete',
  'add-replace': 'delete-replace',
  delete: 'add',
  'delete-replace': 'add-replace',
  update: 'update',
  'update-replace': 'update-replace',
};

/** The provider is asked what `up` would do; a refresh reports the opposite: what happened. */
function inverted(detailedDiff: DiffResult['detailedDiff']): DiffResult['detailedDiff'] {
  return (
    detailedDiff &&
    Object.fromEntries(
      Object.entries(detailedDiff).map(([path, difference]) => [
        path,
        { ...difference, kind: INVERSE[difference.kind] },
      ]),
    )
  );
}

async function readForRefresh(
  client: ProviderClient,
  old: ResourceState,
): Promise<{ id: string; properties: Properties; inputs: Properties; initErrors?: string[] } | undefined> {
  try {
    const found = await client.read({
      urn: old.urn,
      id: old.id ?? '',
      inputs: old.inputs ?? {},
      outputs: old.outputs ?? {},
      timeout: old.customTimeouts?.read,
    });
    return found.id === '' ? undefined : found;
  } catch (error) {
    if (error instanceof ProviderError && error.partial !== undefined) {
      const { id, properties, inputs, reasons } = error.partial;
      return { id, properties, inputs: inputs ?? old.inputs ?? {}, initErrors: reasons };
    }
    throw error;
  }
}
