/** The child's side of the IPC channel: reports that it is ready, runs one operation, returns the result. */
import '@pulumi/pulumi/automation/index.js';
import { monotonicMs } from '../../platform/monotonic-clock.ts';
import { killSession } from '../../platform/process-identity.ts';
import { observedCommand } from '../../engine/command.ts';
import { keepCompiledCode } from '../bundle/compiled-code.ts';
import { withSourceLines } from '../bundle/source-lines.ts';
import { armDeadMansSwitch } from './dead-mans-switch.ts';
import { executeOperation } from './execute.ts';
import type { ExecuteContext } from './context.ts';
import { loadEngineModule, preloadEngineModule } from '../../engine/engine-module.ts';
import { preloadPrograms } from './load-program.ts';
import type { FromChild, ToChild } from '../messages.ts';
import type { OperationResult, StackOperation } from '../operation.ts';
import { describeFailure } from './pulumi-errors.ts';

/** @param loadProgram loads the program of a pipeline type: from the blueprints, except in tests */
export async function serveOneOperation(loadProgram: ExecuteContext['loadProgram']): Promise<void> {
  const cancel = new AbortController();
  // The service is gone: whatever this process does now would go unrecorded, and its successor starts over.
  process.on('disconnect', () => killSession(process.pid));
  armDeadMansSwitch();
  await Promise.all([preloadPrograms(), preloadEngineModule()]);
  keepCompiledCode('started');
  process.on('message', (message: ToChild) => {
    if (message.type === 'cancel') cancel.abort();
    // A process that was paused before it could start must not start now: another one may be working on the stack.
    else if (message.deadline !== undefined && monotonicMs() > message.deadline) killSession(process.pid);
    else void run(message.operation, loadProgram, cancel.signal);
  });
  send({ type: 'ready' });
}

async function run(
  operation: StackOperation,
  loadProgram: ExecuteContext['loadProgram'],
  signal: AbortSignal,
): Promise<void> {
  const result = await execute(operation, loadProgram, signal);
  // Others do less than that.
  if (result.ok && operation.action === 'up') keepCompiledCode('worked');
  // The service ends this process once it has the result, so nothing that a program left running keeps it alive.
  send({ type: 'result', result });
}

async function execute(
  operation: StackOperation,
  loadProgram: ExecuteContext['loadProgram'],
  signal: AbortSignal,
): Promise<OperationResult> {
  try {
    const { createEngine } = await loadEngineModule(operation.engine.module);
    const engine = await createEngine(operation.engine);
    const command = observedCommand(engine.command, (name) => send({ type: 'invocation', command: name }));
    try {
      return await executeOperation(operation, {
        engine: { ...engine, command },
        loadProgram,
        onEngineEvent: (event) => send({ type: 'engine-event', event }),
        onSignOfLife: () => send({ type: 'sign-of-life' }),
        note: (name, detail) => send({ type: 'note', name, detail }),
        onState: (state) => send({ type: 'state', state }),
        signal,
      });
    } finally {
      await engine.close();
    }
  } catch (thrown) {
    return {
      ok: false,
      error: describeFailure(thrown instanceof Error ? thrown.message : String(thrown)),
      summary: {},
    };
  }
}

function send(message: FromChild): void {
  const text = hasTraces(message) ? withSourceLines(JSON.stringify(message)) : undefined;
  if (process.connected) process.send?.(text === undefined ? message : (JSON.parse(text) as FromChild));
}

/** Messages that may contain stack traces. */
function hasTraces(message: FromChild): boolean {
  if (message.type === 'engine-event') return message.event.diagnosticEvent !== undefined;
  return message.type === 'result' && !message.result.ok;
}
