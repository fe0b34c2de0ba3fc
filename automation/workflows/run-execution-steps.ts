/** The effects that the workflow of an execution is made of. Each may run again after a crash, so each is safe to repeat. */
import type { Logger } from 'pino';
import { findBlueprint } from '../../blueprints/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../config/config.ts';
import { untilDatabaseBack } from '../platform/database.ts';
import { EventWriter } from '../executions/event-writer.ts';
import type { ExecutionEvents } from '../executions/events.ts';
import type { Executions, StoredExecution } from '../executions/executions.ts';
import { hasEnded } from '../executions/executions.ts';
import type { Leases } from '../platform/leases.ts';
import type { Operations } from '../stacks/operation-builder.ts';
import type { ExecutionStage } from '../orchestrator.ts';
import { toExecutionEvent } from '../stacks/child/engine-events.ts';
import type { OperationResult, StackAction } from '../stacks/operation.ts';
import { CHANGE_NOT_APPROVED, SUPERSEDED, notRun, stackKey, stackNames } from '../stacks/operation.ts';
import { describeFailure } from '../stacks/child/pulumi-errors.ts';
import type { OperationRunner } from '../stacks/stack-runner.ts';
import type { StageWork } from '../pipelines/stages.ts';
import { nextStage, workOf } from '../pipelines/stages.ts';
import { finishTurn, goOn } from '../executions/transitions.ts';
import type { Segment, StageRun } from './run-execution.ts';
import { segmentWorkflowId } from './run-execution.ts';

export interface StepsDependencies {
  config: Config;
  executions: Executions;
  operations: Operations;
  events: ExecutionEvents;
  leases: Leases;
  runner: OperationRunner;
  clock: Clock;
  logger: Logger;
}

/** An operation that was killed from outside is taken up again this often. */
const ATTEMPTS = 3;
/** How soon an operation hears that it is to be cancelled. */
const CANCEL_POLL_MS = 500;

const ACTIONS: Record<Exclude<StageWork, 'source'>, StackAction> = {
  approve: 'preview',
  deploy: 'up',
  destroy: 'destroy',
};

export class StageSteps {
  readonly #dependencies: StepsDependencies;
  readonly #running = new Set<string>();

  constructor(dependencies: StepsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Remembers what runs in this process, so that the sweep can tell a stranded workflow from a busy one. */
  async whileRunning(segment: Segment, story: () => Promise<void>): Promise<void> {
    const id = segmentWorkflowId(segment);
    this.#running.add(id);
    try {
      await story();
    } finally {
      this.#running.delete(id);
    }
  }

  isRunning(workflowId: string): boolean {
    return this.#running.has(workflowId);
  }

  /** @returns false where there is nothing to do any more: the execution has ended, or others have taken it up. */
  async begin(run: StageRun): Promise<boolean> {
    const { executions, clock } = this.#dependencies;
    const execution = await untilDatabaseBack(() =>
      executions.turn(run.executionId, (before) => {
        if (hasEnded(before) || before.status === 'AwaitingApproval' || before.attempt !== run.attempt)
          return undefined;
        const stage = stageOf(before, run.stage);
        if (stage.status !== 'Pending') return undefined;
        const isFirst = !before.stages.some(({ name, started }) => started && name !== 'Source');
        const cancelled = before.cancelledBy ? goOn(before, undefined) : undefined;
        if (cancelled) return cancelled;
        const stack = stackKey(stackNames(before.pipelineType, before.pipelineId, stage.environment ?? 'main'));
        const blueprint = findBlueprint(before.pipelineType);
        return {
          status: 'InProgress',
          stages: { [stage.name]: { status: 'InProgress', started: clock().toISOString(), stack } },
          events: [{ type: 'stage.started', stage: stage.name, ...where(stage), data: { stack } }],
          ...(blueprint ? { blueprintVersion: blueprint.version } : {}),
          ...(isFirst ? { notify: { kind: 'started' as const, stage: stage.name } } : {}),
        };
      }),
    );
    return (
      execution.status === 'InProgress' &&
      execution.attempt === run.attempt &&
      stageOf(execution, run.stage).status === 'InProgress'
    );
  }

  /** Takes the stack's lease, recovers what a dead predecessor left, and runs the operation. */
  async operate(run: StageRun): Promise<OperationResult> {
    const { executions, events, logger } = this.#dependencies;
    const execution = await untilDatabaseBack(() => executions.get(run.executionId));
    const stage = stageOf(execution, run.stage);
    const log = logger.child({
      pipelineId: execution.pipelineId,
      executionId: run.executionId,
      environment: stage.environment,
      stack: stage.stack,
    });
    const writer = new EventWriter(events, run.executionId, { stage: run.stage, ...where(stage) }, log);
    try {
      for (let attempt = 1; ; attempt++) {
        const result = await this.#attempt(execution, stage, writer, log);
        // Nothing in the program kills with SIGKILL: the system did, or somebody, and the work is not to blame.
        if (result.ok || result.cutOff !== 'killed' || attempt === ATTEMPTS) return result;
        writer.add({ type: 'operation.retried', data: { attempt, reason: result.error.message } });
      }
    } catch (error) {
      // A workflow that throws would end without anybody being told: what is unforeseen is a failure like any other.
      log.error({ err: error }, 'an operation could not be run');
      return { ok: false, summary: {}, error: describeFailure(error instanceof Error ? error.message : String(error)) };
    } finally {
      await writer.close();
    }
  }

  /** Records the outcome. @returns the stage to go on with, undefined where the execution waits or has ended */
  async finish(run: StageRun, result: OperationResult): Promise<string | undefined> {
    const { executions, config, clock } = this.#dependencies;
    const soakSeconds = await untilDatabaseBack(() => this.#soakSeconds(run, result));
    const execution = await untilDatabaseBack(() =>
      executions.turn(run.executionId, (before) => {
        const stage = stageOf(before, run.stage);
        const isOurs = before.status === 'InProgress' && before.attempt === run.attempt;
        if (!isOurs || stage.status !== 'InProgress' || stage.soakUntil) return undefined;
        return finishTurn(before, stage, result, {
          now: clock(),
          policies: config.approvals.policies,
          expirySeconds: config.approvals.expirySeconds,
          blueprintVersion: before.blueprintVersion ?? '',
          soakSeconds,
        });
      }),
    );
    const next = nextStage(execution);
    const goesOn = execution.status === 'InProgress' && execution.attempt === run.attempt && next?.status === 'Pending';
    return goesOn ? next.name : undefined;
  }

  async #soakSeconds(run: StageRun, result: OperationResult): Promise<number> {
    if (!result.ok || workOf({ name: run.stage }) !== 'deploy') return 0;
    const { executions, operations } = this.#dependencies;
    const execution = await executions.get(run.executionId);
    const stage = stageOf(execution, run.stage);
    const { environment = 'main', revision = execution.revision } = stage;
    return (await operations.soak({ ...execution, revision }, environment, result.outputs))?.seconds ?? 0;
  }

  async #attempt(
    execution: StoredExecution,
    stage: ExecutionStage,
    writer: EventWriter,
    log: Logger,
  ): Promise<OperationResult> {
    const { executions, leases, runner, config } = this.#dependencies;
    const key = stage.stack ?? '';
    const patience = config.operations.timeoutSeconds * 1_000;
    const lease = await untilDatabaseBack(() => leases.acquire(key, execution.executionId, patience));
    const cancel = this.#cancellation(execution.executionId);
    let cutOff = true;
    try {
      if (await untilDatabaseBack(() => executions.isOvertaken(execution.executionId))) {
        cutOff = lease.afterDeath;
        return notRun(SUPERSEDED, 'A later request for this pipeline was carried out before this one could start.');
      }
      const planned = await this.#plan(execution, stage, lease.afterDeath);
      if ('error' in planned) {
        cutOff = lease.afterDeath;
        return planned;
      }
      const { action, revision } = planned;
      log.info({ action, revision, recover: lease.afterDeath }, 'operation started');
      const result = await runner.run(planned, {
        onStart: (child) => untilDatabaseBack(() => leases.recordChild(lease, child.pid, child.started)),
        onEngineEvent: (event) => {
          // A preview does nothing to the resources that its steps name.
          if (action !== 'preview' || event.diagnosticEvent) writer.add(toExecutionEvent(event));
        },
        onNote: (type, data) => writer.add({ type, data }),
        cancel: cancel.signal,
      });
      // A preview does not recover: the next operation has to, if this one should have.
      cutOff = (!result.ok && result.cutOff !== undefined) || (action === 'preview' && lease.afterDeath);
      log.info(
        { ok: result.ok, ...(result.ok ? { changes: result.summary } : { err: result.error }) },
        'operation ended',
      );
      return result;
    } finally {
      cancel.stop();
      const ours = await untilDatabaseBack(() => (cutOff ? leases.abandon(lease) : leases.release(lease)));
      if (!ours) log.warn('the lease of the stack was taken over while the operation ran');
    }
  }

  /** @returns the operation, or why it may not be run: nothing is deployed to an environment before it was approved. */
  async #plan(execution: StoredExecution, stage: ExecutionStage, recover: boolean) {
    const { operations } = this.#dependencies;
    const work = workOf(stage);
    if (work === 'source') throw new Error(`stage ${stage.name} has no operation`);
    const environment = stage.environment ?? 'main';
    const isAskedFor = execution.stages.some((one) => one.environment === environment && workOf(one) === 'approve');
    const approved = work === 'deploy' && isAskedFor ? execution.approved[environment] : undefined;
    if (work === 'deploy' && isAskedFor && !approved) {
      return notRun(CHANGE_NOT_APPROVED, `Nobody has approved the change of ${environment}. Nothing was done.`);
    }
    const subject = { ...execution, revision: stage.revision ?? execution.revision };
    return await untilDatabaseBack(() =>
      operations.operation(subject, environment, ACTIONS[work], { recover, ...(approved ? { approved } : {}) }),
    );
  }

  /** Watches for somebody who wants the execution cancelled, from whatever process they ask. */
  #cancellation(executionId: string): { signal: AbortSignal; stop: () => void } {
    const { executions, logger } = this.#dependencies;
    const controller = new AbortController();
    const timer = setInterval(() => {
      executions.cancelledBy(executionId).then(
        (by) => by !== undefined && controller.abort(by),
        // A database that is away for a moment is asked again; its absence is reported elsewhere.
        (error: unknown) => logger.debug({ err: error, executionId }, 'could not look for a cancellation'),
      );
    }, CANCEL_POLL_MS);
    return { signal: controller.signal, stop: () => clearInterval(timer) };
  }
}

function stageOf(execution: StoredExecution, name: string): ExecutionStage {
  const stage = execution.stages.find((one) => one.name === name);
  if (!stage) throw new Error(`execution ${execution.executionId} has no stage ${name}`);
  return stage;
}

function where(stage: ExecutionStage): Pick<ExecutionStage, 'environment'> {
  return stage.environment ? { environment: stage.environment } : {};
}
