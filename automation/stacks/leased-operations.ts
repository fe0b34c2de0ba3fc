/**
 * One stack operation under the lease of its stack: lease → run → release, for deployments, drift checks and previews
 * alike. Called by the steps of the workflows and by previews; calls the leases and the runner of child processes.
 */
import type { Logger } from 'pino';
import { untilDatabaseBack } from '../platform/database.ts';
import type { Lease, Leases } from '../platform/leases.ts';
import type { OperationFailed, OperationResult, StackAction, StackOperation } from './operation.ts';
import type { OperationRunner, RunOptions } from './stack-runner.ts';

export interface LeasedRun extends Omit<RunOptions, 'onStart'> {
  /** `<project>/<stack>`: the key of the lease. */
  stack: string;
  /**
   * Named to others who ask, and unique: an execution id, or a word and an id. The same at every attempt: a lease that is
   * still in its name is one that a former attempt died over.
   */
  holder: string;
  /** How long to wait for another holder, in milliseconds. */
  patienceMs: number;
  /** How long a database that is away is waited for, in milliseconds; default: 15 minutes. */
  databasePatienceMs?: number;
  /**
   * What to run, decided under the lease; or why nothing may be run.
   * @param recover a former holder died over the stack
   */
  plan: (recover: boolean) => Promise<StackOperation | OperationFailed>;
  /** How often an operation that was killed from outside is run at most; default: once. */
  attempts?: number;
  /** Told before an operation that was killed from outside is run again. */
  onRetry?: (attempt: number, killed: OperationFailed) => void;
}

/** These leave a stack in order that a dead holder had left in disorder; the others only look. */
const RECOVERING: ReadonlySet<StackAction> = new Set(['up', 'destroy']);

export class LeasedOperations {
  readonly #leases: Leases;
  readonly #runner: OperationRunner;

  constructor(leases: Leases, runner: OperationRunner) {
    this.#leases = leases;
    this.#runner = runner;
  }

  /**
   * @throws OrchestratorError `PIPELINE_BUSY` where the stack stays leased for longer than `patienceMs`; and what `plan`
   *   throws. What happens to the operation itself is a result.
   */
  async run(run: LeasedRun, log: Logger): Promise<OperationResult> {
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(run, log);
      // Nothing in the program kills with SIGKILL: the system did, or somebody, and the work is not to blame.
      if (result.ok || result.cutOff !== 'killed' || attempt >= (run.attempts ?? 1)) return result;
      run.onRetry?.(attempt, result);
    }
  }

  async #attempt(run: LeasedRun, log: Logger): Promise<OperationResult> {
    const lease = await this.#patiently(run, () => this.#leases.acquire(run.stack, run.holder, run.patienceMs));
    let inOrder = false;
    try {
      const planned = await this.#patiently(run, () => run.plan(lease.afterDeath));
      if ('error' in planned) {
        inOrder = !lease.afterDeath;
        return planned;
      }
      log.info({ action: planned.action, revision: planned.revision, recover: lease.afterDeath }, 'operation started');
      const result = await this.#runner.run(planned, {
        ...run,
        onStart: (child) => this.#patiently(run, () => this.#leases.recordChild(lease, child.pid, child.started)),
      });
      inOrder = (result.ok || result.cutOff === undefined) && (!lease.afterDeath || RECOVERING.has(planned.action));
      log.info(
        { ok: result.ok, ...(result.ok ? { changes: result.summary } : { err: result.error }) },
        'operation ended',
      );
      return result;
    } finally {
      await this.#release(run, lease, inOrder, log);
    }
  }

  /** @param inOrder otherwise the next holder is told that the stack needs recovery */
  async #release(run: LeasedRun, lease: Lease, inOrder: boolean, log: Logger): Promise<void> {
    const ours = await this.#patiently(run, () =>
      inOrder ? this.#leases.release(lease) : this.#leases.abandon(lease),
    );
    if (!ours) log.warn('the lease of the stack was taken over while the operation ran');
  }

  async #patiently<T>({ databasePatienceMs }: LeasedRun, work: () => Promise<T>): Promise<T> {
    return await untilDatabaseBack(work, databasePatienceMs);
  }
}
