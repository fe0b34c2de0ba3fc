/**
 * What a killed operation leaves behind, and how the next one starts clean: its lock is cleared, what it had created but
 * not yet recorded is adopted into the state, and the rest of the pending operations is settled by a refresh.
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
  /** What may have been created, is in no state, and cannot be found: somebody has to look for it in the account. */
  orphans: string[];
}

/**
 * Makes a stack fit for the next operation. Only to be called by the holder of the stack's lease, after the former
 * holder is proven dead: it clears the engine's lock.
 */
async function recoverStack(
  stack: OpenStack,
  uncertain: readonly BegunCreation[],
  watch: EndpointWatch,
): Promise<Recovery> {
  await stack.unlock();
  const state = await stack.state();
  const pending = withUncertain(state?.pending_operations ?? [], uncertain);
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
  await stack.refresh({ clearPendingCreates: true });
  return { pending: pending.length, adopted, orphans };
}

/** Recovers the stack if the operation asks for it, and records that as an event of the execution. */
export async function recover(stack: OpenStack, operation: StackOperation, context: ExecuteContext): Promise<void> {
  const recovery = await recoverStack(stack, operation.uncertain ?? [], watchOf(operation, context));
  context.note('operation.recovered', { ...recovery });
}

/** The engine takes a creation off its pending operations also where the provider ended before it could answer. */
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
 * Puts a created resource where the engine would have put it; in a replacement the former one waits for its deletion.
 * @returns false where the state has it already
 */
function adopt(state: StackState, resource: StateResource, id: string): boolean {
  const resources = (state.resources ??= []);
  const known = resources.filter((other) => other.urn === resource.urn);
  if (known.some((other) => other.id === id)) return false;
  for (const former of known) former.delete = true;
  resources.push({ ...resource, id, outputs: resource.outputs ?? resource.inputs ?? {} });
  return true;
}
