import type { DiffKind, DiffResult, Properties } from '../provider.ts';
import { ProviderError, UNKNOWN } from '../provider.ts';
import { equalProperties } from './properties.ts';
import { ignoreChanges } from './property-path.ts';
import type { ProviderClient } from './provider-client.ts';
import type { ResourceState } from './state.ts';
import type { Step } from './step.ts';
import { clientOf, keepPartial, now, step, withSecretOutputs } from './step.ts';
import { isProviderType } from './urn.ts';

/** Reads a resource that others own. */
export function readStep(fresh: ResourceState, old: ResourceState | undefined): Step {
  const replacing = old !== undefined && (old.external !== true || old.id !== fresh.id);
  return step({
    operation: replacing ? 'read-replacement' : 'read',
    state: fresh,
    old,
    new: fresh,
    logical: true,
    pending: 'reading',
    async apply(context) {
      const id = fresh.id ?? '';
      fresh.created = old?.created ?? now();
      fresh.modified = old?.modified ?? fresh.created;
      if (id === UNKNOWN) {
        fresh.outputs = {};
        return;
      }
      const client = await clientOf(fresh, context);
      const answer = await client.read({ urn: fresh.urn, id, inputs: {}, outputs: fresh.inputs ?? {} });
      if (answer.id === '') {
        throw new Error(`resource '${id}' does not exist`);
      }
      fresh.id = answer.id;
      fresh.outputs = withSecretOutputs(answer.properties, fresh);
    },
    commit(snapshot) {
      if (old !== undefined) {
        snapshot.remove(old);
      }
      snapshot.add(fresh);
    },
    keepPartial(partial) {
      keepPartial(fresh, partial);
    },
  });
}

/** Takes an existing resource under management. @see https://www.pulumi.com/docs/iac/concepts/resources/options/import/ */
export function importStep(fresh: ResourceState, ignored: string[], replacing?: ResourceState): Step {
  const id = fresh.importID ?? '';
  const imported: Step = step({
    operation: 'import',
    state: fresh,
    old: replacing,
    new: fresh,
    logical: true,
    pending: 'importing',
    async apply(context) {
      const client = await clientOf(fresh, context);
      const found = await client.read({ urn: fresh.urn, id, inputs: {}, outputs: {} });
      if (found.id === '') {
        throw new Error(`resource '${id}' does not exist`);
      }
      const news = ignoreChanges(fresh.inputs ?? {}, found.inputs, ignored);
      const wanted = await client.check({ urn: fresh.urn, olds: found.inputs, news });
      const existing: ResourceState = { ...fresh, id: found.id, inputs: found.inputs, outputs: found.properties };
      const diff = await client.diff({ urn: fresh.urn, old: existing, news: wanted.inputs, ignoreChanges: ignored });
      fresh.id = found.id;
      fresh.inputs = wanted.inputs;
      fresh.outputs = withSecretOutputs(found.properties, fresh);
      fresh.created = now();
      fresh.modified = fresh.created;
      imported.diffs = diff.diffs ?? [];
      if (diff.changes === 'some') {
        const message = `inputs to import do not match the existing resource: [${imported.diffs.join(' ')}]`;
        if (!context.preview) {
          throw new Error(message);
        }
        context.warn(fresh.urn, `${message}; importing this resource will fail`);
      }
    },
    commit(snapshot) {
      snapshot.add(fresh);
      if (replacing !== undefined) {
        replacing.delete = true;
      }
    },
  });
  return imported;
}

/** Brings what the state says of a resource in line with the cloud. */
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
        inputs: old.external === true ? old.inputs : found.inputs,
        ...(found.initErrors && { initErrors: found.initErrors }),
      };
      refreshed.new = fresh;
      if (old.external === true) {
        // Nobody asked for anything about a resource of others, so that only what it gives can have changed.
        if (!equalProperties(old.outputs ?? {}, fresh.outputs ?? {})) {
          refreshed.result = 'update';
          fresh.modified = now();
        }
        return;
      }
      const diff = await client.diff({
        urn: old.urn,
        old: fresh,
        news: old.inputs ?? {},
        ignoreChanges: old.ignoreChanges ?? [],
      });
      if (diff.changes === 'some') {
        refreshed.result = 'update';
        refreshed.diffs = diff.diffs ?? [];
        refreshed.detailedDiff = inverted(diff.detailedDiff);
        fresh.modified = now();
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

/** The provider is asked what `up` would do about it; a refresh tells what happened, which is the way back. */
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
