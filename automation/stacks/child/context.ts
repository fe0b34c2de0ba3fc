/** What an operation is given by the process that it runs in, and what an action gives back. Types, and one view of them. */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { Engine } from '../../engine/engine.ts';
import type { SavedState } from '../deployed-stacks.ts';
import type { OperationFailed, OperationSucceeded, StackOperation } from '../operation.ts';
import type { LoadedProgram } from './load-program.ts';
import type { EndpointWatch } from './verification/endpoint.ts';

export interface ExecuteContext {
  engine: Engine;
  loadProgram: (type: string) => Promise<LoadedProgram>;
  onEngineEvent: (event: EngineEvent) => void;
  note: (name: string, detail: Record<string, unknown>) => void;
  /** Called with the state that an `up` or a `destroy` has left in the backend. */
  onState: (state: SavedState) => void;
  signal: AbortSignal;
}

/** What an action has to say; the rest of a result is the same for all of them. */
export type Outcome = Partial<OperationSucceeded> | Pick<OperationFailed, 'ok' | 'error' | 'cutOff' | 'changes'>;

/** The environment of an operation, as those see it who wait for something in it. */
export function watchOf(operation: StackOperation, { engine, signal, note }: ExecuteContext): EndpointWatch {
  return { cloud: engine.cloud, environment: operation.environment, signal, note };
}
