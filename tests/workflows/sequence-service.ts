/**
 * The service as a separate process that can be killed, its stacks simulated by the process that started it: operations go to
 * the parent and come back as results over the IPC channel. `DATABASE_URL` says where it keeps what it knows.
 */
import pino from 'pino';
import { startService } from '../../api/server.ts';
import { keepCompiledCode } from '../../automation/stacks/bundle/compiled-code.ts';
import type { OperationResult, StackOperation } from '../../automation/stacks/operation.ts';
import type { RunOptions } from '../../automation/stacks/stack-runner.ts';
import { simulatedConfig } from './simulated-settings.ts';

/** What the parent says. */
export type ToService =
  | { type: 'start'; aheadMs: number }
  | { type: 'clock'; aheadMs: number }
  | { type: 'result'; id: number; result: OperationResult };

/** What the service says. */
export type FromService =
  | { type: 'loaded' }
  | { type: 'listening'; url: string }
  | { type: 'run'; id: number; operation: StackOperation }
  | { type: 'cancel'; id: number; by: string };

const say = (message: FromService) => void process.send?.(message);
const waiting = new Map<number, (result: OperationResult) => void>();
let ahead = 0;
let count = 0;

function run(operation: StackOperation, { cancel }: RunOptions = {}): Promise<OperationResult> {
  const id = ++count;
  const { promise, resolve } = Promise.withResolvers<OperationResult>();
  waiting.set(id, resolve);
  cancel?.addEventListener('abort', () => say({ type: 'cancel', id, by: String(cancel.reason) }), { once: true });
  say({ type: 'run', id, operation });
  return promise;
}

process.on('message', (message: ToService) => {
  if (message.type === 'result') {
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
    return;
  }
  ahead = message.aheadMs;
  if (message.type === 'start') void start();
});
// Its parent has ended.
process.on('disconnect', () => process.exit(1));
say({ type: 'loaded' });

async function start(): Promise<void> {
  const { DATABASE_URL: url = '', SERVICE_LOG: log = 'silent' } = process.env;
  const service = await startService(simulatedConfig(url), pino({ level: log }), {
    runner: { run },
    clock: () => new Date(Date.now() + ahead),
  });
  say({ type: 'listening', url: service.url });
  // It is killed, so it would never write it.
  keepCompiledCode('started');
}
