import { providerOutputs } from './provider-registry.ts';
import type { ResourceState } from './state.ts';
import type { Change, Step, StepContext } from './step.ts';
import { clientOf, keepPartial, now, step, withSecretOutputs } from './step.ts';
import { isProviderType } from './urn.ts';

/**
 * @param fresh the registered state; id and outputs are taken from the old one
 * @param options.untargeted whether it is the same only because it is no target
 */
export function sameStep(old: ResourceState, fresh: ResourceState, { untargeted = false } = {}): Step {
  return step({
    operation: 'same',
    state: fresh,
    old,
    new: fresh,
    logical: true,
    async apply(context) {
      fresh.id = old.id;
      fresh.outputs = old.outputs;
      if (isProviderType(fresh.type) && fresh.id !== undefined && !untargeted) {
        // A provider that takes changed inputs for no change goes on with the old ones.
        await context.registry.same(fresh.urn, old.inputs ?? {}, fresh.id);
      }
    },
    commit(snapshot) {
      snapshot.rename(old.urn, fresh.urn);
      snapshot.remove(old);
      snapshot.add(fresh);
    },
  });
}

/** Represents a resource that does not exist and is not created now: the state does not include it. */
export function skippedCreateStep(fresh: ResourceState): Step {
  return step({
    operation: 'same',
    state: fresh,
    old: { ...fresh },
    new: fresh,
    logical: true,
    skippedCreate: true,
  });
}

/** @param replacing the resource that the new one takes the place of; it is deleted later unless it is gone already */
export function createStep(fresh: ResourceState, replacing?: { old: ResourceState; gone: boolean } & Change): Step {
  const { old, gone = false, ...change } = replacing ?? {};
  return step({
    operation: replacing === undefined ? 'create' : 'create-replacement',
    state: fresh,
    old,
    new: fresh,
    change,
    logical: replacing === undefined,
    ...(fresh.custom && !isProviderType(fresh.type) && { pending: 'creating' as const }),
    async apply(context) {
      await create(fresh, context);
      if (old !== undefined && !gone) {
        old.delete = true;
      }
    },
    commit(snapshot) {
      snapshot.add(fresh);
      if (old !== undefined && gone) {
        snapshot.remove(old);
      } else if (old !== undefined) {
        snapshot.rename(old.urn, fresh.urn);
        old.delete = true;
      }
    },
    keepPartial(partial) {
      keepPartial(fresh, partial);
    },
  });
}

async function create(fresh: ResourceState, context: StepContext): Promise<void> {
  const inputs = fresh.inputs ?? {};
  fresh.created = now();
  fresh.modified = fresh.created;
  if (isProviderType(fresh.type)) {
    fresh.id = await context.registry.configure(fresh.urn, inputs, { preview: context.preview });
    fresh.outputs = providerOutputs(inputs);
  } else if (fresh.custom) {
    const client = await clientOf(fresh, context);
    const answer = await client.create({
      urn: fresh.urn,
      inputs,
      preview: context.preview,
      timeout: fresh.customTimeouts?.create,
    });
    fresh.id = answer.id;
    fresh.outputs = withSecretOutputs(answer.properties, fresh);
  }
}

export function updateStep(
  old: ResourceState,
  fresh: ResourceState,
  change: Change & { ignoreChanges: string[] },
): Step {
  const { diffs = [], detailedDiff, ignoreChanges } = change;
  return step({
    operation: 'update',
    state: fresh,
    old,
    new: fresh,
    change: { diffs, detailedDiff },
    logical: true,
    ...(fresh.custom && !isProviderType(fresh.type) && { pending: 'updating' as const }),
    async apply(context) {
      fresh.id = old.id;
      fresh.created = old.created;
      fresh.modified = old.modified;
      if (isProviderType(fresh.type)) {
        await context.registry.configure(fresh.urn, fresh.inputs ?? {}, { id: old.id, preview: context.preview });
        fresh.outputs = providerOutputs(fresh.inputs ?? {});
      } else if (fresh.custom) {
        const client = await clientOf(fresh, context);
        const answer = await client.update({
          urn: fresh.urn,
          old,
          news: fresh.inputs ?? {},
          ignoreChanges,
          preview: context.preview,
          timeout: fresh.customTimeouts?.update,
        });
        fresh.outputs = withSecretOutputs(answer.properties, fresh);
      }
      if (fresh.custom) {
        fresh.modified = now();
      }
    },
    commit(snapshot) {
      snapshot.rename(old.urn, fresh.urn);
      snapshot.remove(old);
      snapshot.add(fresh);
    },
    keepPartial(partial) {
      keepPartial(fresh, { ...partial, id: old.id ?? '' });
      fresh.modified = now();
    },
    afterPartial() {
      // It exists, but not as it was asked for: the next operation compares with the inputs of before.
      fresh.inputs = old.inputs;
    },
  });
}

/** Shows a replacement as one change; does nothing itself. */
export function replaceStep(old: ResourceState, fresh: ResourceState, change: Change): Step {
  return step({
    operation: 'replace',
    state: fresh,
    old,
    new: fresh,
    change,
    logical: true,
  });
}

/**
 * @param replaced whether it goes because another takes its place
 * @param pendingReplacement whether that other is still to be made: then the state remembers so
 */
export function deleteStep(
  old: ResourceState,
  options: { replaced?: boolean; pendingReplacement?: boolean } = {},
): Step {
  const { replaced = false, pendingReplacement = false } = options;
  const discards = old.external === true;
  return step({
    operation: replaced ? (discards ? 'discard-replaced' : 'delete-replaced') : discards ? 'discard' : 'delete',
    state: old,
    old,
    logical: !replaced,
    ...(old.custom && !discards && !isProviderType(old.type) && { pending: 'deleting' as const }),
    async apply(context) {
      if (!replaced && old.protect === true) {
        throw new DeleteProtectedError(old.urn);
      }
      const spared =
        context.preview ||
        !old.custom ||
        discards ||
        old.retainOnDelete === true ||
        isProviderType(old.type) ||
        (old.deletedWith !== undefined && context.isDeleted(old.deletedWith));
      if (!spared) {
        const client = await clientOf(old, context);
        await client.delete({ urn: old.urn, old, timeout: old.customTimeouts?.delete });
      }
      if (pendingReplacement) {
        old.pendingReplacement = true;
      }
    },
    commit(snapshot) {
      if (!pendingReplacement) {
        snapshot.remove(old);
      }
    },
  });
}

/** Forgets a resource that was deleted for a replacement which the program no longer wants. */
export function removePendingReplaceStep(old: ResourceState): Step {
  return step({
    operation: 'remove-pending-replace',
    state: old,
    old,
    logical: false,
    commit: (snapshot) => snapshot.remove(old),
  });
}

/** Nothing was done: the operation continues, to report everything that is protected at once. */
export class DeleteProtectedError extends Error {
  constructor(urn: string) {
    super(protectedMessage(urn));
    this.name = 'DeleteProtectedError';
  }
}

function protectedMessage(urn: string): string {
  return (
    `resource "${urn}" cannot be deleted\n` +
    'because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in your ' +
    `Pulumi program and run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${urn}'\``
  );
}
