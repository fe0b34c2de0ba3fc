/** Deletes all that a stack has. No program is run: the state says what there is. */
import type { StackOperation } from '../../operation.ts';
import type { ExecuteContext, Outcome } from '../context.ts';
import { watchOf } from '../context.ts';
import { recover } from '../recovery.ts';
import { stopSchedules } from '../stop-schedules.ts';
import type { StackWorkspace } from '../workspace.ts';

export async function destroy(
  operation: StackOperation,
  context: ExecuteContext,
  workspace: StackWorkspace,
): Promise<Outcome> {
  const stack = await workspace.select();
  if (!stack) return {};
  if (operation.recover) await recover(stack, operation, context);
  await stopSchedules(stack, watchOf(operation, context));
  await stack.destroy({ message: operation.message, onEvent: context.onEngineEvent, signal: context.signal });
  return {};
}
