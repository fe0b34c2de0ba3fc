/**
 * What a killed operation leaves behind, and how the next one starts clean: its lock is cleared, what it had created but
 * not yet recorded is adopted into the state, and the rest of the pending operations is settled by a refresh.
 * @see https://www.pulumi.com/docs/support/troubleshooting/common-issues/interrupted-updates/
 */
import type { Deployment, Stack } from '@pulumi/pulumi/automation/index.js';
import type { Cloud } from '../cloud/cloud.ts';
import type { Environment } from '../environments.ts';

interface StateResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

interface PendingOperation {
  type: string;
  resource: StateResource;
}

interface State {
  resources?: StateResource[];
  pending_operations?: PendingOperation[];
}

/** What recovery did, for the events of the execution. */
export interface Recovery {
  pending: number;
  adopted: string[];
}

/**
 * Makes a stack fit for the next operation. Only to be called by the holder of the stack's lease, after the former
 * holder is proven dead: it clears the engine's lock.
 */
export async function recoverStack(stack: Stack, environment: Environment, cloud: Cloud): Promise<Recovery> {
  // Without a lock there is nothing to cancel, which some back ends report as an error.
  await stack.cancel().catch(() => undefined);
  const exported = await stack.exportStack();
  const state = exported.deployment as State | undefined;
  const pending = state?.pending_operations ?? [];
  if (!state || pending.length === 0) return { pending: 0, adopted: [] };
  const adopted: string[] = [];
  for (const operation of pending) {
    if (operation.type !== 'creating') continue;
    const { resource } = operation;
    const id = await cloud.findCreated(environment, resource.type, resource.inputs ?? {});
    if (!id) continue;
    adopt(state, resource, id);
    adopted.push(resource.urn);
  }
  state.pending_operations = [];
  await stack.importStack({ ...exported, deployment: state } as Deployment);
  await stack.refresh({ clearPendingCreates: true });
  return { pending: pending.length, adopted };
}

/** Puts a created resource where the engine would have put it; in a replacement the former one waits for its deletion. */
function adopt(state: State, resource: StateResource, id: string): void {
  const resources = (state.resources ??= []);
  const known = resources.filter((other) => other.urn === resource.urn);
  if (known.some((other) => other.id === id)) return;
  for (const former of known) former.delete = true;
  resources.push({ ...resource, id, outputs: resource.outputs ?? resource.inputs ?? {} });
}
