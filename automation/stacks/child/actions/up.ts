/** Deploys a stack: recovery, preflight, check against the approval, `up`, verification. */
import type { StageError } from '../../../model.ts';
import type { StackOperation } from '../../operation.ts';
import type { ExecuteContext, Outcome } from '../context.ts';
import { watchOf, withoutEvents } from '../context.ts';
import type { FailedEndpoint } from '../failed-endpoint.ts';
import { deleteFailedEndpoint } from '../failed-endpoint.ts';
import type { OpenStack } from '../open-stack.ts';
import { preflightFailure, runPreflight } from '../preflight.ts';
import type { Verification } from '../program.ts';
import { policyOptions } from '../policy-violations.ts';
import { makeProgram } from '../program.ts';
import { isPlanViolation, planViolationIn } from '../pulumi-errors.ts';
import { recover } from '../recovery.ts';
import { lostState, reportState } from '../saved-state.ts';
import { plainOutputs } from '../state.ts';
import { NOT_UPDATED, verifyEndpoint } from '../verification/endpoint.ts';
import { trySmokeRequest } from '../verification/smoke.ts';
import { stackUrlIn } from '../stack-url.ts';
import type { StackWorkspace } from '../workspace.ts';
import { previewChanges } from './preview.ts';
import type { Refusal } from './refusals.ts';
import { notApproved, protectedEndpoint } from './refusals.ts';

export async function up(
  operation: StackOperation,
  context: ExecuteContext,
  workspace: StackWorkspace,
): Promise<Outcome> {
  const loaded = await context.loadProgram(operation.pipelineType);
  const { program, endpointOutput, endpointConfigOutput = 'endpointConfigName' } = loaded;
  const smoke = loaded.smokeRequest?.(operation.request);
  let error: StageError | undefined;
  const verify: Verification | undefined = endpointOutput
    ? {
        outputs: [endpointOutput, endpointConfigOutput],
        check: async ({ [endpointOutput]: name, [endpointConfigOutput]: wanted }) => {
          const watch = watchOf(operation, context);
          error =
            (await verifyEndpoint(String(name), String(wanted), watch)) ??
            (smoke && (await trySmokeRequest(String(name), smoke, watch)));
          if (error) throw new Error(error.message);
        },
      }
    : undefined;
  const inline = makeProgram(operation, program, verify);
  const existing = await workspace.select(inline);
  const lost = await lostState(existing, operation);
  if (lost) return { ok: false, error: lost };
  const isNew = existing === undefined;
  const stack = existing ?? (await workspace.create(inline));
  if (operation.recover) await recover(stack, operation, context);
  const found = await runPreflight(isNew ? undefined : stack, operation, context, loaded);
  const notReady = preflightFailure(found.findings, operation);
  if (notReady) return notReady;
  const { replace, failed } = found;
  try {
    const result = await deploy(stack, operation, context, { workspace, isNew, replace, failed });
    if (typeof result !== 'string') return result;
    const stackUrl = stackUrlIn(result, operation);
    return { outputs: plainOutputs((await stack.state()) ?? {}), ...(stackUrl ? { stackUrl } : {}) };
  } catch (thrown) {
    // The state has what the provider reported; if that is wrong, the next operation must refresh it.
    if (error) return { ok: false, error, ...(error.code === NOT_UPDATED ? { cutOff: 'drifted' } : {}) };
    throw thrown;
  } finally {
    await reportState(stack, context);
  }
}

/** What a deployment knows about the stack besides the operation. */
interface Change {
  workspace: StackWorkspace;
  /** A new stack has no endpoint yet that could be lost. */
  isNew: boolean;
  /** URNs of resources that the engine must replace in any case. */
  replace: string[];
  failed: FailedEndpoint | undefined;
}

/**
 * A change that needs an approval, or might affect a protected endpoint, is previewed again and checked, then deployed with the
 * update plan of that preview: the engine refuses anything that has become necessary since.
 * An endpoint in state Failed is deleted in between.
 * @returns what the engine printed, or the refusal if the change is not allowed
 */
async function deploy(
  stack: OpenStack,
  operation: StackOperation,
  context: ExecuteContext,
  { workspace, isNew, replace, failed }: Change,
): Promise<string | Refusal['outcome']> {
  const { message } = operation;
  const { onEngineEvent: onEvent, signal } = context;
  const options = {
    message,
    refresh: operation.refresh || failed !== undefined,
    replace,
    onEvent,
    signal,
    ...policyOptions(operation.engine),
  };
  const forced = failed ? [...replace, failed.urn] : replace;
  const looks = operation.approved !== undefined || (operation.protected === true && !isNew);
  // The deletion in between would invalidate a plan.
  const plan = looks && !failed && context.engine.kind === 'cli' ? workspace.planFile : undefined;
  const refusal = looks ? await refuseChange(stack, operation, context, forced, plan) : undefined;
  if (refusal) return refusal;
  if (failed) await deleteFailedEndpoint(failed, operation, context);
  try {
    return await stack.up({ ...options, ...(plan === undefined ? {} : { plan }) });
  } catch (thrown) {
    if (!isPlanViolation(thrown)) throw thrown;
    // Either the change is a different one by now, which the comparison detects, or the same change takes other steps than
    // planned, and is still the approved one.
    context.note('plan.refused', { reason: planViolationIn(thrown) });
    return (await refuseChange(stack, operation, context, forced)) ?? (await stack.up(options));
  }
}

/** Previews once more, just before a deployment that must not exceed its approval or affect a protected endpoint. */
async function refuseChange(
  stack: OpenStack,
  operation: StackOperation,
  context: ExecuteContext,
  replace: string[],
  plan?: string,
): Promise<Refusal['outcome'] | undefined> {
  const begun = performance.now();
  const changes = await previewChanges(stack, operation, withoutEvents(context), replace, plan);
  const refusal = protectedEndpoint(operation, changes) ?? notApproved(operation, changes);
  context.note('change.checked', {
    changes: changes.length,
    beyondApproval: refusal?.beyond ?? [],
    milliseconds: Math.round(performance.now() - begun),
  });
  return refusal?.outcome;
}
