/** Deletes everything in a stack, or previews that. No program is run: the state lists what there is. */
import type { ResourceChange } from '../../../model.ts';
import type { StackOperation } from '../../operation.ts';
import { ChangeCollector } from '../change-collector.ts';
import type { ExecuteContext, Outcome } from '../context.ts';
import { watchOf, withoutEvents } from '../context.ts';
import type { OpenStack } from '../open-stack.ts';
import { recover } from '../recovery.ts';
import { lostState, reportState } from '../saved-state.ts';
import { stopSchedules } from '../stop-schedules.ts';
import type { StackWorkspace } from '../workspace.ts';
import { notApproved } from './refusals.ts';

export async function destroy(
  operation: StackOperation,
  context: ExecuteContext,
  workspace: StackWorkspace,
): Promise<Outcome> {
  const stack = await workspace.select();
  const lost = await lostState(stack, operation);
  if (lost) return { ok: false, error: lost };
  if (!stack) return {};
  if (operation.recover) await recover(stack, operation, context);
  if (operation.approved) {
    const changes = await deletions(stack, operation, withoutEvents(context));
    const refusal = notApproved(operation, changes);
    context.note('change.checked', { changes: changes.length, beyondApproval: refusal?.beyond ?? [] });
    if (refusal) return refusal.outcome;
  }
  await stopSchedules(stack, watchOf(operation, context));
  try {
    await stack.destroy({ message: operation.message, onEvent: context.onEngineEvent, signal: context.signal });
  } catch (thrown) {
    await reportState(stack, context);
    throw thrown;
  }
  context.onState({ time: '', resources: [] });
  return {};
}

/** If the backend does not have the stack, there is nothing to delete. */
export async function previewDestroy(
  operation: StackOperation,
  context: ExecuteContext,
  workspace: StackWorkspace,
): Promise<Outcome> {
  const stack = await workspace.select();
  const lost = await lostState(stack, operation);
  if (lost) return { ok: false, error: lost };
  return { changes: stack ? await deletions(stack, operation, context) : [] };
}

async function deletions(
  stack: OpenStack,
  operation: StackOperation,
  context: Pick<ExecuteContext, 'onEngineEvent' | 'signal'>,
): Promise<ResourceChange[]> {
  const collector = new ChangeCollector();
  await stack.previewDestroy({
    message: operation.message,
    signal: context.signal,
    onEvent: (event) => {
      collector.add(event);
      context.onEngineEvent(event);
    },
  });
  return collector.changes();
}
