/**
 * Cleans up after a killed operation so that the next one can start: clears its lock, adopts resources that it created but
 * did not record into the state, and settles the other pending operations with a refresh.
 * @see https://www.pulumi.com/docs/support/troubleshooting/common-issues/interrupted-updates/
 */
import { isAfterFence } from '../../aws/session-name.ts';
import { setSession } from './session.ts';
import { recoverability } from '../../aws/created-resources.ts';
import type { EndpointWatch } from './verification/endpoint.ts';
import type { StackOperation } from '../operation.ts';
import type { ExecuteContext } from './context.ts';
import { watchOf } from './context.ts';
import type { OpenStack } from './open-stack.ts';
import type { BegunCreation } from '../uncertain-creations.ts';
import type { PendingOperation, StackState, StateResource } from './state.ts';
import { ENDPOINT_TYPE, settledEndpoint } from './verification/endpoint.ts';

/** What recovery did, for the events of the execution. */
export interface Recovery {
  pending: number;
  adopted: string[];
  /** What may have been created, is not in the state, and was not found: someone has to look for it in the account. */
  orphans: string[];
}

/**
 * Makes a stack ready for the next operation. Clears the engine's lock, so only the holder of the stack's lease may call it,
 * once the former holder is proven dead.
 */
async function recoverStack(stack: OpenStack, operation: StackOperation, context: ExecuteContext): Promise<Recovery> {
  const watch = watchOf(operation, context);
  await stack.unlock();
  const state = await stack.state();
  const pending = withUncertain(state?.pending_operations ?? [], operation.uncertain ?? []);
  if (!state) return { pending: 0, adopted: [], orphans: [] };
  const adopted: string[] = [];
  const orphans: string[] = [];
  for (const { type, resource } of pending) {
    const { id = await created(type, resource, watch) } = resource;
    if (id && resource.type === ENDPOINT_TYPE) await settledEndpoint(id, watch);
    if (id && type === 'creating') {
      if (adopt(state, resource, id)) adopted.push(resource.urn);
    } else if (!id && type === 'creating' && !recoverability(resource.type)) {
      orphans.push(resource.urn);
    }
  }
  const { sessionName } = watch.environment;
  const isOtherSession = isAfterFence(sessionName) && setSession(state, sessionName);
  if (pending.length > 0 || isOtherSession) {
    state.pending_operations = [];
    await stack.replaceState(state);
  }
  await stack.refresh({ clearPendingCreates: true, onEvent: context.onSignOfLife });
  return { pending: pending.length, adopted, orphans };
}

/** Recovers the stack if the operation asks for it, and records that as an event of the execution. */
export async function recover(stack: OpenStack, operation: StackOperation, context: ExecuteContext): Promise<void> {
  const recovery = await recoverStack(stack, operation, context);
  context.note('operation.recovered', { ...recovery });
}

/** The engine drops a creation from its pending operations even if the provider ended before it could answer. */
function withUncertain(pending: PendingOperation[], uncertain: readonly BegunCreation[]): PendingOperation[] {
  const known = new Set(pending.map(({ resource }) => resource.urn));
  const missing = uncertain.filter(({ urn }) => !known.has(urn));
  return [...pending, ...missing.map((resource) => ({ type: 'creating', resource }))];
}

async function created(type: string, resource: StateResource, watch: EndpointWatch): Promise<string | undefined> {
  if (type !== 'creating') return undefined;
  return await watch.cloud.findCreated(watch.environment, resource.type, resource.inputs ?? {});
}

/**
 * Adds a created resource to the state as the engine would have; in a replacement, the former one becomes pending deletion.
 * @returns false if the state has it already
 */
function adopt(state: StackState, resource: StateResource, id: string): boolean {
  const resources = (state.resources ??= []);
  const known = resources.filter((other) => other.urn === resource.urn);
  if (known.some((other) => other.id === id)) return false;
  for (const former of known) former.delete = true;
  resources.push({ ...resource, id, outputs: resource.outputs ?? resource.inputs ?? {} });
  return true;
}
