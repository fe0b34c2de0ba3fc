/** What the service and a child process tell each other over IPC. */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { OperationResult, StackOperation } from './operation.ts';

export type ToChild = { type: 'run'; operation: StackOperation } | { type: 'cancel' };

export type FromChild =
  /** Pulumi and the blueprints are imported; an operation may be given. */
  | { type: 'ready' }
  | { type: 'engine-event'; event: EngineEvent }
  /** Something that is not the engine's, such as a step of recovery; `detail` is for people. */
  | { type: 'note'; name: string; detail: Record<string, unknown> }
  | { type: 'result'; result: OperationResult };
