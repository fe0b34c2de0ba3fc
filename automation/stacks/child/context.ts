/** What an operation gets from the process it runs in, and what an action returns: types, and one helper. */
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
  /** Called as work goes on that no event of the operation shows, so that the operation does not look hung. */
  onSignOfLife: () => void;
  note: (name: string, detail: Record<string, unknown>) => void;
  /** Called with the state in the backend after an `up` or a `destroy`. */
  onState: (state: SavedState) => void;
  signal: AbortSignal;
}

/** What differs between actions; the rest of a result is the same for all of them. */
export type Outcome = Partial<OperationSucceeded> | Pick<OperationFailed, 'ok' | 'error' | 'cutOff' | 'changes'>;

/**
 * For a preview within a deployment or a destroy: its events would look like those of the operation itself, so that only
 * policy violations are passed on. The others are signs of life.
 */
export function withoutEvents<Context extends Pick<ExecuteContext, 'onEngineEvent' | 'onSignOfLife'>>(
  context: Context,
): Context {
  return {
    ...context,
    onEngineEvent: (event) => {
      if (event.policyEvent) context.onEngineEvent(event);
      else context.onSignOfLife();
    },
  };
}

/** What code that waits for an endpoint needs to know about the operation. */
export function watchOf(operation: StackOperation, { engine, signal, note }: ExecuteContext): EndpointWatch {
  return { cloud: engine.cloud, environment: operation.environment, signal, note };
}
