/**
 * Compares the state of a stack in the backend with the records in the database before an operation, and reports the new
 * state after it. Runs in a child process, under the stack's lease.
 */
import type { StageError } from '../../model.ts';
import type { SavedState } from '../deployed-stacks.ts';
import type { StackOperation } from '../operation.ts';
import { stackKey } from '../operation.ts';
import type { ExecuteContext } from './context.ts';
import type { OpenStack } from './open-stack.ts';

/** Nothing in an account corresponds to components, providers and the stack itself. */
const RECORDS = /^pulumi:/;

/** @returns undefined if the backend has no state of the stack at all */
async function savedState(stack: OpenStack): Promise<SavedState | undefined> {
  const state = await stack.state();
  if (!state) return undefined;
  return {
    time: state.manifest?.time ?? '',
    resources: (state.resources ?? []).flatMap(({ custom, type, urn, id, delete: isLeftover, dependencies = [] }) =>
      custom && id && !isLeftover && !RECORDS.test(type)
        ? [{ type, urn, id, name: urn.split('::').at(-1) ?? urn, ...(dependencies.length > 0 ? { dependencies } : {}) }]
        : [],
    ),
  };
}

/** The result of the operation does not depend on whether its state can be read once more. */
export async function reportState(
  stack: OpenStack,
  { onState, note }: Pick<ExecuteContext, 'onState' | 'note'>,
): Promise<void> {
  try {
    const state = await savedState(stack);
    if (state) onState(state);
  } catch (thrown) {
    note('state.not-read', { reason: String(thrown) });
  }
}

/**
 * @param stack undefined if the backend has no such stack
 * @returns why the operation must not run: it would create everything a second time; undefined if it may run
 */
export async function lostState(
  stack: OpenStack | undefined,
  operation: Pick<StackOperation, 'deployed' | 'recover' | 'project' | 'stack' | 'environment' | 'pipelineId'>,
): Promise<StageError | undefined> {
  const { deployed } = operation;
  if (!deployed) return undefined;
  const state = stack && (await savedState(stack));
  if (!state || state.resources.length === 0) {
    return stackNotFound(
      operation,
      `The backend has no stack ${stackKey(operation)}, although ${deployed.resources} resources were deployed to it.`,
    );
  }
  // After a crash the state may be one that was never reported.
  const isOlder = !operation.recover && deployed.time !== '' && Date.parse(state.time) < Date.parse(deployed.time);
  if (!isOlder) return undefined;
  return stackNotFound(
    operation,
    `The state of stack ${stackKey(operation)} is older (${state.time}) than the last operation on it (${deployed.time}).`,
  );
}

function stackNotFound(
  { pipelineId, environment }: Pick<StackOperation, 'pipelineId' | 'environment'>,
  message: string,
): StageError {
  const path = `/pipelines/${pipelineId}/environments/${environment.name}/state`;
  return {
    code: 'STACK_NOT_FOUND',
    message: `${message} Nothing was changed.`,
    hint:
      'Check that PULUMI_BACKEND_URL and the passphrase are those the pipeline was deployed with, or restore the state. ' +
      `or import the resources with "pulumi import --file" (GET ${path} gives the file). ` +
      `An administrator can also accept the current state, or have everything created again: POST ${path} with "adopt" or "recreate".`,
  };
}
