/** The steps of the drift check workflow. Each may run again after a crash, so each is safe to repeat. */
import type { Logger } from 'pino';
import { untilDatabaseBack } from '../platform/database.ts';
import type { LeasedOperations } from '../stacks/leased-operations.ts';
import type { DriftCheck } from '../model.ts';
import type { StackOperation } from '../stacks/operation.ts';
import { describeFailure } from '../stacks/child/pulumi-errors.ts';
import type { DriftChecks, DriftOutcome } from '../drift/drift-checks.ts';

export interface DriftRunnerDependencies {
  checks: DriftChecks;
  leased: LeasedOperations;
  /** The operation for the child. @param recover whether a predecessor died while using the stack */
  plan: (check: DriftCheck, recover: boolean) => Promise<StackOperation>;
  logger: Logger;
}

/** A check is postponed rather than waiting for a stack that is being changed: it would have to be repeated anyway. */
const PATIENCE_MS = 2_000;
/** A check reads each resource once, at worst a few seconds each; a deployment that waits for it must not wait long. */
const TIMEOUT_SECONDS = 600;
/** An operation that was killed from outside is resumed this many times. */
const ATTEMPTS = 3;

export class DriftRunner {
  readonly #dependencies: DriftRunnerDependencies;

  constructor(dependencies: DriftRunnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** @returns false if there is nothing left to do */
  async begin(checkId: string): Promise<boolean> {
    return (await untilDatabaseBack(() => this.#dependencies.checks.begin(checkId))) !== undefined;
  }

  /** Never throws: a workflow that throws would end without a recorded result. */
  async look(checkId: string): Promise<DriftOutcome> {
    const { checks, leased, plan } = this.#dependencies;
    const check = await untilDatabaseBack(() => checks.get(checkId));
    const { pipelineId, environment, stack } = check;
    const log = this.#dependencies.logger.child({ checkId, pipelineId, environment, stack });
    try {
      const result = await leased.run(
        {
          stack,
          holder: `drift check ${checkId}`,
          patienceMs: PATIENCE_MS,
          timeoutSeconds: TIMEOUT_SECONDS,
          attempts: ATTEMPTS,
          plan: (recover) => plan(check, recover),
        },
        log,
      );
      if (!result.ok) {
        log.warn({ err: result.error }, 'drift check failed');
        return { error: result.error };
      }
      log.info({ findings: result.drift.length }, 'drift check ended');
      return { findings: result.drift };
    } catch (thrown) {
      const { code, message } = thrown as { code?: unknown; message?: string };
      // This error is an expected result.
      if (code === 'PIPELINE_BUSY') return { error: { code, message: message ?? '' } };
      log.error({ err: thrown }, 'a drift check could not be run');
      return { error: describeFailure(message ?? String(thrown)) };
    }
  }

  async finish(checkId: string, outcome: DriftOutcome): Promise<void> {
    await untilDatabaseBack(() => this.#dependencies.checks.finish(checkId, outcome));
  }
}
