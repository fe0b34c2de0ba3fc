/** Previews and histories, for which the caller waits. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { LeasedOperations } from './leased-operations.ts';
import type { OperationBuilder, Subject } from './operation-builder.ts';
import type { HistoryEntry, PreviewAnswer } from '../model.ts';
import type { OperationSucceeded, StackAction } from './operation.ts';
import { POLICY_VIOLATED, stackKey } from './operation.ts';
import type { ReadCall, ReadLimits } from './read-limits.ts';
import type { OperationRunner } from './stack-runner.ts';

export interface PreviewsDependencies {
  operations: OperationBuilder;
  leased: LeasedOperations;
  /** For reads that need no lease. */
  runner: OperationRunner;
  limits: ReadLimits;
  logger: Logger;
}

/** Callers wait for these, so they get less time than a deployment. */
const PREVIEW_TIMEOUT_SECONDS = 120;
const HISTORY_TIMEOUT_SECONDS = 60;
/** How long a preview waits for a deployment on the same stack before it answers 409. */
const PREVIEW_PATIENCE_MS = 2_000;
const PREVIEW_HOLDER = 'preview';

export class Previews {
  readonly #dependencies: PreviewsDependencies;

  constructor(dependencies: PreviewsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Reads several environments for one call; the first that fails ends the others.
   * @throws OrchestratorError `CALLER_LIMIT_REACHED`, `SERVICE_BUSY`, and what `read` throws
   */
  async all<T>(
    environments: readonly EnvironmentName[],
    { caller, signal }: ReadCall,
    read: (environment: EnvironmentName, signal: AbortSignal) => Promise<T>,
  ): Promise<T[]> {
    return await this.#dependencies.limits.request(caller, async () => {
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      try {
        return await Promise.all(environments.map((environment) => read(environment, either)));
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    });
  }

  /**
   * @param signal ends the child process
   * @throws OrchestratorError `PIPELINE_BUSY`, `STACK_NOT_FOUND`, `OPERATION_FAILED`, `OPERATION_TIMED_OUT`
   */
  async preview(
    subject: Subject,
    environment: EnvironmentName,
    signal: AbortSignal,
    action: 'preview' | 'preview-destroy' = 'preview',
  ): Promise<PreviewAnswer['environments'][number]> {
    const { stack, summary, changes, findings } = await this.#run(
      subject,
      environment,
      action,
      PREVIEW_TIMEOUT_SECONDS,
      signal,
    );
    return { environment, stack, summary, changes, ...(findings?.length ? { findings } : {}) };
  }

  /** Newest first. @throws OrchestratorError `OPERATION_FAILED`, `OPERATION_TIMED_OUT` */
  async history(subject: Subject, environment: EnvironmentName, signal: AbortSignal): Promise<HistoryEntry[]> {
    return (await this.#run(subject, environment, 'history', HISTORY_TIMEOUT_SECONDS, signal)).history;
  }

  /** A preview acquires the lease of the stack: it may have to create the stack. */
  async #run(
    subject: Subject,
    environment: EnvironmentName,
    action: Extract<StackAction, 'preview' | 'preview-destroy' | 'history'>,
    timeoutSeconds: number,
    signal: AbortSignal,
  ): Promise<OperationSucceeded & { stack: string }> {
    const { operations, leased, runner, limits, logger } = this.#dependencies;
    const planned = await operations.build(subject, environment, action);
    const stack = stackKey(planned);
    const run = () =>
      action !== 'history'
        ? leased.run(
            {
              stack,
              // A holder that asks again counts as one that died: each preview is a separate holder.
              holder: `${PREVIEW_HOLDER} ${randomUUID()}`,
              // Another preview ends soon, but a deployment may take an hour.
              patienceMs: (holder) =>
                holder.startsWith(PREVIEW_HOLDER) ? PREVIEW_TIMEOUT_SECONDS * 1_000 : PREVIEW_PATIENCE_MS,
              // The caller waits: an unavailable database is reported immediately.
              databasePatienceMs: 0,
              plan: () => Promise.resolve(planned),
              timeoutSeconds,
              cancel: signal,
            },
            logger.child({ pipelineId: subject.pipelineId, environment, stack }),
          )
        : runner.run(planned, { timeoutSeconds, cancel: signal });
    const result = await limits.child(signal, run);
    if (result.ok) return { ...result, stack };
    const { message, hint, urn, code } = result.error;
    // Violations of mandatory policies are a valid result, as are missing prerequisites.
    if (code === POLICY_VIOLATED) {
      const { summary, changes = [], error } = result;
      return { ok: true, outputs: {}, history: [], drift: [], summary, changes, findings: error.findings ?? [], stack };
    }
    throw new OrchestratorError(
      code === 'OPERATION_TIMED_OUT' || code === 'STACK_NOT_FOUND' ? code : 'OPERATION_FAILED',
      [`The ${action} failed: ${message}`, urn && `Resource: ${urn}`, hint].filter(Boolean).join(' '),
    );
  }
}
