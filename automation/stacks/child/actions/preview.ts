/** Previews a deployment; changes nothing. */
import type { ResourceChange } from '../../../model.ts';
import type { StackOperation } from '../../operation.ts';
import { ChangeCollector } from '../change-collector.ts';
import type { ExecuteContext, Outcome } from '../context.ts';
import type { OpenStack } from '../open-stack.ts';
import { preflightFailure, runPreflight } from '../preflight.ts';
import { policyOptions } from '../policy-violations.ts';
import { makeProgram } from '../program.ts';
import { lostState } from '../saved-state.ts';
import type { StackWorkspace } from '../workspace.ts';

export async function preview(
  operation: StackOperation,
  context: ExecuteContext,
  workspace: StackWorkspace,
): Promise<Outcome> {
  const loaded = await context.loadProgram(operation.pipelineType);
  const program = makeProgram(operation, loaded.program);
  const existing = await workspace.select(program);
  const lost = await lostState(existing, operation);
  if (lost) return { ok: false, error: lost };
  const { findings, replace, failed } = await runPreflight(existing, operation, context, loaded);
  // A preview needs a stack; one that was created only for this is removed again.
  const stack = existing ?? (await workspace.create(program));
  try {
    return {
      changes: await previewChanges(stack, operation, context, failed ? [...replace, failed.urn] : replace),
      findings,
    };
  } catch (thrown) {
    // A finding of the preflight is the likely cause, and says more.
    const notReady = preflightFailure(findings, operation);
    if (notReady) return notReady;
    throw thrown;
  } finally {
    if (!existing) await stack.remove();
  }
}

/**
 * @returns the changes in the engine's order
 * @param replace URNs of resources that a deployment replaces in any case
 * @param plan file that the engine writes its update plan to; default: none
 */
export async function previewChanges(
  stack: OpenStack,
  operation: StackOperation,
  context: Pick<ExecuteContext, 'onEngineEvent' | 'signal'>,
  replace: string[],
  plan?: string,
): Promise<ResourceChange[]> {
  const collector = new ChangeCollector();
  await stack.preview({
    message: operation.message,
    signal: context.signal,
    refresh: operation.refresh,
    ...(plan === undefined ? {} : { plan }),
    replace,
    ...policyOptions(operation.engine),
    onEvent: (event) => {
      collector.add(event);
      context.onEngineEvent(event);
    },
  });
  return collector.changes();
}
