/** The part of a stack's exported state that operations look at. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
import type { Deployment, Stack } from '@pulumi/pulumi/automation/index.js';

export interface StateResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

export interface PendingOperation {
  type: string;
  resource: StateResource;
}

export interface StackState {
  /** `time`: when the engine saved this state, as an ISO time. */
  manifest?: { time?: string };
  resources?: StateResource[];
  pending_operations?: PendingOperation[];
}

/** @returns what the back end has, to be imported again, and the state in it; undefined for a stack without one. */
export async function readState(stack: Stack): Promise<{ exported: Deployment; state: StackState | undefined }> {
  const exported = await stack.exportStack();
  return { exported, state: exported.deployment as StackState | undefined };
}
