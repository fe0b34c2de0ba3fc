/** The effects that the workflow of a drift check is made of. Each may run again after a crash, so each is safe to repeat. */
import type { Logger } from 'pino';
import { untilDatabaseBack } from '../platform/database.ts';
import type { Leases } from '../platform/leases.ts';
import type { DriftCheck } from '../orchestrator.ts';
import type { OperationResult, StackOperation } from '../stacks/operation.ts';
import { describeFailure } from '../stacks/child/pulumi-errors.ts';
import type { OperationRunner } from '../stacks/stack-runner.ts';
import type { DriftChecks, DriftOutcome } from '../drift/drift-checks.ts';

export interface DriftRunnerDependencies {
  checks: DriftChecks;
  leases: Leases;
  runner: OperationRunner;
  /** What to run in the child. @param recover a predecessor died over the stack */
  plan: (check: DriftCheck, recover: boolean) => Promise<StackOperation>;
  logger: Logger;
}

/** A look is put off rather than waited for: the stack is being changed, and the check would have to be made again. */
const PATIENCE_MS = 2_000;
/** A look reads each resource once, some seconds each at the worst; a deployment that waits for it must not wait long. */
const TIMEOUT_SECONDS = 600;
/** An operation that was killed from outside is taken up again this often. */
const ATTEMPTS = 3;

export class DriftRunner {
  readonly #dependencies: DriftRunnerDependencies;
  readonly #running = new Set<string>();

  constructor(dependencies: DriftRunnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** Remembers what runs in this process, so that the sweep can tell a stranded workflow from a busy one. */
  async whileRunning(workflowId: string, story: () => Promise<void>): Promise<void> {
    this.#running.add(workflowId);
    try {
      await story();
    } finally {
      this.#running.delete(workflowId);
    }
  }

  isRunning(workflowId: string): boolean {
    return this.#running.has(workflowId);
  }

  /** @returns false where there is nothing to do any more */
  async begin(checkId: string): Promise<boolean> {
    return (await untilDatabaseBack(() => this.#dependencies.checks.begin(checkId))) !== undefined;
  }

  /** Never throws: a workflow that throws would end without anybody being told. */
  async look(checkId: string): Promise<DriftOutcome> {
    const { checks } = this.#dependencies;
    const check = await untilDatabaseBack(() => checks.get(checkId));
    const { pipelineId, environment, stack } = check;
    const log = this.#dependencies.logger.child({ checkId, pipelineId, environment, stack });
    try {
      for (let attempt = 1; ; attempt++) {
        const result = await this.#attempt(check, log);
        if (result.ok) {
          log.info({ findings: result.drift.length }, 'drift check ended');
          return { findings: result.drift };
        }
        if (result.cutOff === 'killed' && attempt < ATTEMPTS) continue;
        log.warn({ err: result.error }, 'drift check failed');
        return { error: result.error };
      }
    } catch (thrown) {
      const { code, message } = thrown as { code?: unknown; message?: string };
      // Of what may be thrown, this one is an answer and no surprise.
      if (code === 'PIPELINE_BUSY') return { error: { code, message: message ?? '' } };
      log.error({ err: thrown }, 'a drift check could not be run');
      return { error: describeFailure(message ?? String(thrown)) };
    }
  }

  async finish(checkId: string, outcome: DriftOutcome): Promise<void> {
    await untilDatabaseBack(() => this.#dependencies.checks.finish(checkId, outcome));
  }

  async #attempt(check: DriftCheck, log: Logger): Promise<OperationResult> {
    const { leases, runner, plan } = this.#dependencies;
    // The same holder at every attempt: a lease that is still in its name is one that it died over.
    const lease = await untilDatabaseBack(() =>
      leases.acquire(check.stack, `drift check ${check.checkId}`, PATIENCE_MS),
    );
    let orderly = false;
    try {
      const result = await runner.run(await plan(check, lease.afterDeath), {
        timeoutSeconds: TIMEOUT_SECONDS,
        onStart: (child) => untilDatabaseBack(() => leases.recordChild(lease, child.pid, child.started)),
      });
      orderly = result.ok || result.cutOff === undefined;
      return result;
    } finally {
      // Looking repairs nothing: whoever changes the stack next is still told that somebody died over it.
      const keep = lease.afterDeath || !orderly;
      const ours = await untilDatabaseBack(() => (keep ? leases.abandon(lease) : leases.release(lease)));
      if (!ours) log.warn('the lease of the stack was taken over while the check ran');
    }
  }
}
