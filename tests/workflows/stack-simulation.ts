/**
 * Stacks without an engine: an operation runner that keeps in memory what is deployed, for tests of the workflow that are
 * not about Pulumi. It writes down what it was asked to do and what it changed, and notices what must never happen.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ResourceChange } from '../../automation/model.ts';
import { beyondApproval } from '../../automation/stacks/approved-change.ts';
import type {
  OperationFailed,
  OperationResult,
  StackAction,
  StackOperation,
} from '../../automation/stacks/operation.ts';
import { CANCELLED, CHANGE_NOT_APPROVED, notRun, stackKey } from '../../automation/stacks/operation.ts';
import type { OperationRunner, RunOptions } from '../../automation/stacks/stack-runner.ts';

/** How an operation is to go wrong: once a fault. `slow` ends well unless it is cancelled, `hang` only ends by that. */
export type FaultMode = 'fail' | 'killed' | 'slow' | 'hang';

/** One operation, as it was asked for and as it went. */
export interface Recorded {
  action: StackAction;
  stack: string;
  pipelineId: string;
  environment: string;
  revision: number;
  /** Absent for what a caller waits for, such as a preview. */
  executionId?: string;
  /** The hash of the change that was approved. */
  approved?: string;
  /** What it changed, one resource after the other. */
  applied: ResourceChange[];
  outcome: 'running' | 'succeeded' | 'failed' | 'refused' | 'cancelled' | 'killed';
}

interface Stack {
  deployed: Map<string, string>;
  running?: { alive: boolean };
  /** An operation was cut off: the next one that changes anything has to recover first. */
  cutOff: boolean;
  /** Changed by somebody else since the last operation. */
  drifted: boolean;
  faults: { action: StackAction; mode: FaultMode }[];
}

/** Long enough for others to come in between, short enough to run thousands of. */
const STEP_MS = 1;
/** More than the service needs to notice that an execution is to be cancelled. */
const SLOW_MS = 650;
/** Longer than any test waits. */
const HANG_MS = 600_000;

export class StackSimulation implements OperationRunner {
  /** In the order in which they began. */
  readonly journal: Recorded[] = [];
  /** What must never happen and did. */
  readonly violations: string[] = [];
  readonly #stacks = new Map<string, Stack>();

  /** Has the next operation of this kind on a stack go wrong. */
  arm(stack: string, action: StackAction, mode: FaultMode): void {
    this.#stack(stack).faults.push({ action, mode });
  }

  /** Somebody changes a resource behind the service's back. @returns whether there was one */
  drift(stack: string): boolean {
    const { deployed } = this.#stack(stack);
    const [name] = deployed.keys();
    if (name === undefined) return false;
    deployed.set(name, 'changed by hand');
    this.#stack(stack).drifted = true;
    return true;
  }

  /** What is deployed; empty where nothing is. */
  deployed(stack: string): Record<string, string> {
    return Object.fromEntries(this.#stack(stack).deployed);
  }

  /** Whether the last who changed the stack was an operation that came to its end. */
  isSound(stack: string): boolean {
    const { cutOff, drifted, running } = this.#stack(stack);
    return !cutOff && !drifted && !running;
  }

  /** The process that all operations belong to is gone: they stop where they are, and nothing reports them. */
  crash(): void {
    for (const stack of this.#stacks.values()) {
      if (!stack.running) continue;
      stack.running.alive = false;
      stack.running = undefined;
    }
    for (const record of this.journal.filter(({ outcome }) => outcome === 'running')) {
      record.outcome = 'killed';
      if (changesAnything(record.action)) this.#stack(record.stack).cutOff = true;
    }
  }

  async run(operation: StackOperation, { cancel }: RunOptions = {}): Promise<OperationResult> {
    const key = stackKey(operation);
    const stack = this.#stack(key);
    if (stack.running) this.violations.push(`two operations at a time on ${key}`);
    if (changesAnything(operation.action)) {
      if (stack.cutOff && !operation.recover) this.violations.push(`${key} was not recovered after it was cut off`);
      stack.cutOff = false;
    }
    const process = { alive: true };
    stack.running = process;
    const record = recordOf(operation, key);
    this.journal.push(record);
    const fault = takeFault(stack, operation.action);
    const result = await this.#work(operation, stack, record, { fault, cancel, process });
    if (!process.alive) return await new Promise<never>(() => undefined);
    stack.running = undefined;
    record.outcome = outcomeOf(result);
    if (!result.ok && result.cutOff && changesAnything(operation.action)) stack.cutOff = true;
    else if (result.ok && changesAnything(operation.action)) stack.drifted = false;
    return result;
  }

  async #work(
    operation: StackOperation,
    stack: Stack,
    record: Recorded,
    { fault, cancel, process }: { fault?: FaultMode; cancel?: AbortSignal; process: { alive: boolean } },
  ): Promise<OperationResult> {
    await delay(STEP_MS);
    const holdUpMs = fault === 'slow' ? SLOW_MS : fault === 'hang' ? HANG_MS : 0;
    if (holdUpMs) await delay(holdUpMs, undefined, { signal: cancel, ref: false }).catch(() => undefined);
    const { action, approved } = operation;
    const changes = changesOf(operation, stack.deployed);
    if (action === 'preview' || action === 'preview-destroy' || action === 'history') {
      if (fault === 'killed') return killed();
      if (cancel?.aborted) return cancelled();
      return fault === 'fail' ? failed() : succeeded(changes);
    }
    if (approved) {
      const beyond = beyondApproval(approved.changes, changes);
      const isOther = action === 'up' && approved.blueprintVersion !== operation.blueprintVersion;
      if (beyond.length > 0 || isOther) {
        return { ...notRun(CHANGE_NOT_APPROVED, 'The change is another one.'), changes };
      }
    }
    for (const change of changes) {
      if (cancel?.aborted) return cancelled();
      if (!process.alive) break;
      apply(change, stack.deployed);
      record.applied.push(change);
      await delay(STEP_MS);
      if (fault === 'fail') return failed();
      if (fault === 'killed') return killed();
    }
    if (fault === 'fail') return failed();
    return fault === 'killed' ? killed() : succeeded(changes, Object.fromEntries(stack.deployed));
  }

  #stack(key: string): Stack {
    const stack = this.#stacks.get(key) ?? { deployed: new Map(), cutOff: false, drifted: false, faults: [] };
    this.#stacks.set(key, stack);
    return stack;
  }
}

/** What a request makes of a stack. */
export function wanted(request: Record<string, unknown>): Record<string, string> {
  return {
    role: 'role',
    configuration: String(request.inference_instance),
    capture: String(request.data_capture_location),
    // What the blueprints of monitors look for in the outputs.
    endpointName: `${String(request.model_name)}-endpoint`,
  };
}

function changesOf(operation: StackOperation, deployed: ReadonlyMap<string, string>): ResourceChange[] {
  const target = operation.action.endsWith('destroy') ? {} : wanted(operation.request);
  const names = [...new Set([...Object.keys(target), ...deployed.keys()])];
  return names.flatMap((name): ResourceChange[] => {
    const [before, after] = [deployed.get(name), target[name]];
    if (before === after) return [];
    const type = 'sim:index:Resource';
    const urn = `urn:pulumi:${operation.stack}::${operation.project}::${type}::${name}`;
    const what = after === undefined ? 'delete' : before === undefined ? 'create' : 'update';
    return [
      {
        operation: what,
        urn,
        type,
        name,
        ...(after === undefined ? {} : { differences: [{ property: 'value', after }] }),
      },
    ];
  });
}

function apply({ operation, name, differences }: ResourceChange, deployed: Map<string, string>): void {
  if (operation === 'delete') deployed.delete(name);
  else deployed.set(name, String(differences?.[0]?.after));
}

function takeFault(stack: Stack, action: StackAction): FaultMode | undefined {
  const index = stack.faults.findIndex((fault) => fault.action === action);
  return index === -1 ? undefined : stack.faults.splice(index, 1)[0]?.mode;
}

function recordOf(operation: StackOperation, stack: string): Recorded {
  const { action, pipelineId, environment, revision, approved, message } = operation;
  const executionId = /execution ([0-9a-f-]{36})/.exec(message)?.[1];
  return {
    action,
    stack,
    pipelineId,
    environment: environment.name,
    revision,
    ...(executionId ? { executionId } : {}),
    ...(approved ? { approved: approved.changeHash } : {}),
    applied: [],
    outcome: 'running',
  };
}

function outcomeOf(result: OperationResult): Recorded['outcome'] {
  if (result.ok) return 'succeeded';
  if (result.cutOff === 'killed') return 'killed';
  if (result.error.code === CANCELLED) return 'cancelled';
  return result.error.code === CHANGE_NOT_APPROVED ? 'refused' : 'failed';
}

function changesAnything(action: StackAction): boolean {
  return action === 'up' || action === 'destroy';
}

function succeeded(changes: ResourceChange[], outputs: Record<string, unknown> = {}): OperationResult {
  const counts = Map.groupBy(changes, ({ operation }) => operation);
  const summary = Object.fromEntries([...counts].map(([operation, all]) => [operation, all.length]));
  return { ok: true, outputs, summary, changes, history: [], drift: [] };
}

function failed(): OperationFailed {
  return notRun('OPERATION_FAILED', 'A fault was injected.');
}

function killed(): OperationFailed {
  return { ...notRun('OPERATION_CRASHED', 'It was killed.'), cutOff: 'killed' };
}

function cancelled(): OperationFailed {
  return { ...notRun(CANCELLED, 'It was cancelled.'), cutOff: 'stopped' };
}
