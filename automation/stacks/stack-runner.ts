/**
 * Runs one stack operation in a child process and relies only on its messages and its exit: a hang or a crash affects only
 * that operation.
 */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { Logger } from 'pino';
import { monotonicMs } from '../platform/monotonic-clock.ts';
import type { Liveness } from '../platform/workers.ts';
import type { PooledChild, StackChildren } from './child-pool.ts';
import { killChild } from './child-pool.ts';
import type { SavedState } from './deployed-stacks.ts';
import type { FromChild } from './messages.ts';
import type { OperationFailed, OperationResult, StackAction, StackOperation } from './operation.ts';
import { CANCELLED, notRun, stackKey } from './operation.ts';

export interface RunOptions {
  onEngineEvent?: (event: EngineEvent) => void;
  /** Called with each command of the Pulumi CLI before it is run, such as `stack select`. */
  onInvocation?: (command: string) => void;
  onNote?: (name: string, detail: Record<string, unknown>) => void;
  /** Called with the state that the operation has left in the backend. */
  onState?: (state: SavedState) => void;
  /** Called before the operation is sent, so that the child can be found again after a crash of this process. */
  onStart?: (child: { pid: number; started: string }) => Promise<void>;
  /** Overrides the limit of the runner, in seconds. */
  timeoutSeconds?: number;
  /** Stops the operation; the reason is who cancelled it. */
  cancel?: AbortSignal;
}

export interface RunnerLimits {
  /** The whole operation. */
  timeoutSeconds: number;
  /** Between two messages of the child: engine events, notes, signs of life. */
  silenceSeconds: number;
  /** Between asking the engine to stop and killing the process group. */
  graceSeconds: number;
}

/** Runs one operation on a stack. */
export interface OperationRunner {
  run(operation: StackOperation, options?: RunOptions): Promise<OperationResult>;
}

/** @param command such as `stack select` */
export type OnInvocation = (action: StackAction, command: string) => void;

/** For a runner whose operations cannot be taken over by another process. */
const WITHOUT_LIMIT: Liveness = { validUntil: () => undefined, subscribe: () => () => undefined };

export class StackRunner implements OperationRunner {
  readonly #children: StackChildren;
  readonly #limits: RunnerLimits;
  readonly #logger: Logger;
  readonly #liveness: Liveness;
  readonly #onInvocation: OnInvocation;

  /**
   * @param liveness ends every operation once other workers may declare this process dead; default: never
   * @param onInvocation called with each command of the Pulumi CLI before it is run; default: none
   */
  constructor(
    children: StackChildren,
    limits: RunnerLimits,
    logger: Logger,
    liveness: Liveness = WITHOUT_LIMIT,
    onInvocation: OnInvocation = () => undefined,
  ) {
    this.#onInvocation = onInvocation;
    this.#children = children;
    this.#limits = limits;
    this.#logger = logger;
    this.#liveness = liveness;
  }

  /** Failures in the child do not throw; it throws only if no child could be started or `onStart` fails. */
  async run(operation: StackOperation, options: RunOptions = {}): Promise<OperationResult> {
    const child = await this.#children.take(operation.pipelineType);
    try {
      await options.onStart?.(child);
      return await this.#watch(child, operation, options);
    } finally {
      await this.#children.release(child);
    }
  }

  async #watch(child: PooledChild, operation: StackOperation, options: RunOptions): Promise<OperationResult> {
    const timeoutSeconds = options.timeoutSeconds ?? this.#limits.timeoutSeconds;
    const { promise, resolve } = Promise.withResolvers<OperationResult>();
    let overrun: OperationFailed | undefined;
    let kill: NodeJS.Timeout | undefined;

    const stop = (result: OperationFailed) => {
      if (overrun) return;
      overrun = result;
      this.#logger.warn({ stack: stackKey(operation), reason: result.error.message }, 'stopping an operation');
      if (child.process.connected) child.process.send({ type: 'cancel' });
      kill = setTimeout(() => killChild(child.process), this.#limits.graceSeconds * 1_000);
    };
    const deadline = setTimeout(
      () =>
        stop(
          timedOut(
            operation,
            `did not end within ${timeoutSeconds} s`,
            'Raise OPERATION_TIMEOUT_SECONDS if it needs longer.',
          ),
        ),
      timeoutSeconds * 1_000,
    );
    const silence = setTimeout(
      () =>
        stop(
          timedOut(
            operation,
            `gave no sign of life for ${this.#limits.silenceSeconds} s`,
            'Raise OPERATION_SILENCE_SECONDS if a single resource takes longer than that.',
          ),
        ),
      this.#limits.silenceSeconds * 1_000,
    );

    // It is not asked to stop gracefully: whatever it still does, a successor may be doing too.
    const onLost = () => {
      overrun = leaseLost(operation);
      killChild(child.process);
      resolve(overrun);
    };
    const isLost = () => {
      const limit = this.#liveness.validUntil();
      return limit !== undefined && monotonicMs() > limit;
    };
    const unsubscribe = this.#liveness.subscribe((limit) =>
      limit === undefined ? onLost() : child.setDeadline(limit),
    );

    const onCancel = () => stop(cancelled(operation, String(options.cancel?.reason)));
    if (options.cancel?.aborted) onCancel();
    else options.cancel?.addEventListener('abort', onCancel, { once: true });

    child.process.on('message', (message: FromChild) => {
      silence.refresh();
      // A process that resumes after a pause reads older messages here, which no longer count.
      if (isLost()) onLost();
      else if (message.type === 'engine-event') options.onEngineEvent?.(message.event);
      else if (message.type === 'invocation') {
        this.#onInvocation(operation.action, message.command);
        options.onInvocation?.(message.command);
      } else if (message.type === 'state') options.onState?.(message.state);
      else if (message.type === 'note') options.onNote?.(message.name, message.detail);
      // An operation that completed in spite of being stopped has succeeded.
      else if (message.type === 'result') resolve(message.result.ok ? message.result : (overrun ?? message.result));
    });
    child.process.once('exit', (code, signal) => {
      const end = () => resolve(overrun ?? crashed(operation, code, signal, child.lastOutput()));
      // What it sent before its end may still be on the way: it tells what was being created.
      if (child.process.connected) child.process.once('disconnect', end);
      else end();
    });
    child.process.once('error', (error) => resolve(overrun ?? crashed(operation, null, null, error.message)));
    const workUntil = this.#liveness.validUntil();
    child.setDeadline(workUntil);
    if (isLost()) onLost();
    else child.process.send({ type: 'run', operation, ...(workUntil === undefined ? {} : { deadline: workUntil }) });
    try {
      return await promise;
    } finally {
      unsubscribe();
      clearTimeout(deadline);
      clearTimeout(silence);
      clearTimeout(kill);
      options.cancel?.removeEventListener('abort', onCancel);
    }
  }
}

function timedOut(operation: StackOperation, what: string, hint: string): OperationFailed {
  return {
    ok: false,
    summary: {},
    cutOff: 'stopped',
    error: {
      code: 'OPERATION_TIMED_OUT',
      message: `The ${operation.action} of stack ${stackKey(operation)} ${what} and was stopped.`,
      hint: `${hint} Sending the request again continues from what was done.`,
    },
  };
}

function leaseLost(operation: StackOperation): OperationFailed {
  return {
    ok: false,
    summary: {},
    cutOff: 'killed',
    error: {
      code: 'LEASE_LOST',
      message: `The ${operation.action} of stack ${stackKey(operation)} was ended because the database did not confirm this process's heartbeat in time: another process may take over.`,
      hint: 'Once the database is available again, the operation continues from what was done, here or in another process.',
    },
  };
}

function cancelled(operation: StackOperation, by: string): OperationFailed {
  return {
    ...notRun(CANCELLED, `The ${operation.action} of stack ${stackKey(operation)} was cancelled by ${by}.`),
    cutOff: 'stopped',
  };
}

function crashed(
  operation: StackOperation,
  code: number | null,
  signal: string | null,
  lastOutput: string,
): OperationFailed {
  const how = signal ? `was killed by ${signal}` : `ended with exit code ${String(code)}`;
  const said = lastOutput ? ` Its last words: ${lastOutput.slice(-1_000)}` : '';
  return {
    ok: false,
    summary: {},
    cutOff: signal === 'SIGKILL' ? 'killed' : 'crashed',
    error: {
      code: 'OPERATION_CRASHED',
      message: `The process of the ${operation.action} of stack ${stackKey(operation)} ${how} before it had a result.${said}`,
      hint: 'Sending the request again continues from what was done; if it happens again, see the log of the service.',
    },
  };
}
