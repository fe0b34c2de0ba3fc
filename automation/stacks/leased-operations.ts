/**
 * One stack operation under the lease of its stack: lease → run → release, for deployments, drift checks and previews
 * alike. Called by the steps of the workflows and by previews; calls the leases and the runner of child processes.
 */
import type { Logger } from 'pino';
import { untilDatabaseBack } from '../platform/database.ts';
import { operationSession } from '../aws/session-name.ts';
import type { Lease, Leases, Patience } from '../platform/leases.ts';
import type { DeployedStacks, SavedState } from './deployed-stacks.ts';
import type { Fence } from './fence.ts';
import type { OperationFailed, OperationResult, StackAction, StackOperation } from './operation.ts';
import type { OperationRunner, RunOptions } from './stack-runner.ts';
import type { BegunCreation } from './uncertain-creations.ts';
import { UncertainCreations } from './uncertain-creations.ts';

export interface LeasedRun extends Omit<RunOptions, 'onStart'> {
  /** `<project>/<stack>`: the key of the lease. */
  stack: string;
  /**
   * Unique, and shown to others that wait: an execution id, or a word and an id. The same for every attempt: a lease still in
   * its name belongs to a previous attempt that died.
   */
  holder: string;
  /** How long to wait for another holder, in milliseconds. */
  patienceMs: Patience;
  /** How long to wait for an unavailable database, in milliseconds; default: 15 minutes. */
  databasePatienceMs?: number;
  /**
   * What to run, decided under the lease; or why nothing may run.
   * @param recover whether a former holder died while using the stack
   */
  plan: (recover: boolean) => Promise<StackOperation | OperationFailed>;
  /** Maximum number of runs of an operation that is killed from outside; default: one. */
  attempts?: number;
  /** Called before an operation that was killed externally is retried. */
  onRetry?: (attempt: number, killed: OperationFailed) => void;
}

/** These recover a stack after a dead holder; the others only read it. */
const RECOVERING: ReadonlySet<StackAction> = new Set(['up', 'destroy']);

export class LeasedOperations {
  readonly #leases: Leases;
  readonly #runner: OperationRunner;
  readonly #fence: Pick<Fence, 'shutOut'>;
  readonly #deployed: Pick<DeployedStacks, 'record'>;

  constructor(
    leases: Leases,
    runner: OperationRunner,
    fence: Pick<Fence, 'shutOut'>,
    deployed: Pick<DeployedStacks, 'record'>,
  ) {
    this.#leases = leases;
    this.#runner = runner;
    this.#fence = fence;
    this.#deployed = deployed;
  }

  /**
   * @throws OrchestratorError `PIPELINE_BUSY` if the stack stays leased for longer than `patienceMs`; and what `plan`
   *   throws. What happens to the operation itself is a result.
   */
  async run(run: LeasedRun, log: Logger): Promise<OperationResult> {
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(run, log);
      // Nothing in the program uses SIGKILL: the system or a person did, and the operation is not the cause.
      if (result.ok || result.cutOff !== 'killed' || attempt >= (run.attempts ?? 1)) return result;
      run.onRetry?.(attempt, result);
    }
  }

  async #attempt(run: LeasedRun, log: Logger): Promise<OperationResult> {
    const lease = await this.#patiently(run, () => this.#leases.acquire(run.stack, run.holder, run.patienceMs));
    const creations = new UncertainCreations();
    let inOrder = false;
    let result: OperationResult | undefined;
    try {
      const planned = await this.#patiently(run, () => run.plan(lease.afterDeath));
      if ('error' in planned) {
        inOrder = !lease.afterDeath;
        return planned;
      }
      await this.#fenceFormer(run, lease, planned, log);
      log.info({ action: planned.action, revision: planned.revision, recover: lease.afterDeath }, 'operation started');
      const { environment, stack } = planned;
      const sessionName = operationSession(stack, lease.fencingToken);
      const uncertain = lease.uncertain as BegunCreation[];
      const operation = { ...planned, environment: { ...environment, sessionName }, uncertain };
      let state: SavedState | undefined;
      result = await this.#runner.run(operation, {
        ...run,
        onEngineEvent: (event) => {
          creations.add(event);
          run.onEngineEvent?.(event);
        },
        onState: (saved) => (state = saved),
        onStart: (child) => this.#patiently(run, () => this.#leases.recordChild(lease, child.pid, child.started)),
      });
      if (state) await this.#recordState(run, planned, state);
      const isCertain = result.ok || (result.cutOff === undefined && creations.list().length === 0);
      inOrder = isCertain && (!lease.afterDeath || RECOVERING.has(planned.action));
      log.info(
        { ok: result.ok, ...(result.ok ? { changes: result.summary } : { err: result.error }) },
        'operation ended',
      );
    } finally {
      const ours = await this.#release(run, lease, inOrder ? undefined : creations.list(), log);
      // The successor decides, not the result of this operation.
      if (!ours) result = takenOver(run.stack);
    }
    return result;
  }

  async #recordState(run: LeasedRun, planned: StackOperation, state: SavedState): Promise<void> {
    const { pipelineId, environment } = planned;
    const stack = { stack: run.stack, pipelineId, environment: environment.name };
    await this.#patiently(run, () => this.#deployed.record(stack, state));
  }

  /**
   * Former holders that may still be running are fenced off from AWS before anything is done under the new lease. Without a
   * fence in the environment, only the dead-man's switch has ended them.
   */
  async #fenceFormer(run: LeasedRun, lease: Lease, planned: StackOperation, log: Logger): Promise<void> {
    if (lease.unfenced.length === 0) return;
    const sessions = lease.unfenced.map((token) => operationSession(planned.stack, token));
    const outcome = await this.#patiently(run, () => this.#fence.shutOut(planned.environment, sessions));
    if (outcome.held) {
      run.onNote?.('operation.fenced', { sessions });
    } else {
      log.warn({ sessions, reason: outcome.reason }, 'the sessions of a former operation could not be shut out of AWS');
      run.onNote?.('operation.not-fenced', { sessions, reason: outcome.reason });
    }
    await this.#patiently(run, () => this.#leases.recordFenced(lease));
  }

  /**
   * @param uncertain creations that the next holder must look for when it recovers the stack; undefined: all is in order
   * @returns whether the lease was still ours
   */
  async #release(
    run: LeasedRun,
    lease: Lease,
    uncertain: readonly BegunCreation[] | undefined,
    log: Logger,
  ): Promise<boolean> {
    const ours = await this.#patiently(run, () =>
      uncertain ? this.#leases.abandon(lease, uncertain) : this.#leases.release(lease),
    );
    if (!ours) log.warn('another worker took over the lease of the stack while the operation ran');
    return ours;
  }

  async #patiently<T>({ databasePatienceMs }: LeasedRun, work: () => Promise<T>): Promise<T> {
    return await untilDatabaseBack(work, databasePatienceMs);
  }
}

function takenOver(stack: string): OperationFailed {
  return {
    ok: false,
    summary: {},
    cutOff: 'killed',
    error: {
      code: 'LEASE_LOST',
      message: `Another worker took over stack ${stack} while this operation ran: its result is discarded.`,
      hint: 'The successor continues from what was done.',
    },
  };
}
