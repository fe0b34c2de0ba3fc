/** The messages between the service and a child process, over IPC. */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { SavedState } from './deployed-stacks.ts';
import type { OperationResult, StackOperation } from './operation.ts';

export type ToChild =
  /** `deadline`: milliseconds of `monotonicMs`, after which the child may not begin; absent: without limit. */
  { type: 'run'; operation: StackOperation; deadline?: number } | { type: 'cancel' };

export type FromChild =
  /** Pulumi and the blueprints are imported; an operation may be given. */
  | { type: 'ready' }
  | { type: 'engine-event'; event: EngineEvent }
  /** The operation goes on, with nothing to show. */
  | { type: 'sign-of-life' }
  /** The Pulumi CLI is run: its command, such as `stack select`. */
  | { type: 'invocation'; command: string }
  /** Something that is not the engine's, such as a step of recovery; `detail` is for people. */
  | { type: 'note'; name: string; detail: Record<string, unknown> }
  /** The state in the backend after the operation, whether it succeeded or not. */
  | { type: 'state'; state: SavedState }
  | { type: 'result'; result: OperationResult };
