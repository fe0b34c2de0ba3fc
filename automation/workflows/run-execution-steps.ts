/** The steps of the execution workflow. Each may run again after a crash, so each is safe to repeat. */
import type { Logger } from 'pino';
import { findBlueprint } from '../../blueprints/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../config/config.ts';
import type { EnvironmentName } from '../config/environments.ts';
import { untilDatabaseBack } from '../platform/database.ts';
import { EventWriter } from '../executions/event-writer.ts';
import type { ExecutionEvents } from '../executions/events.ts';
import type { Executions } from '../executions/executions.ts';
import { hasEnded } from '../executions/status.ts';
import type { CardKeeper } from '../model-cards/card-keeper.ts';
import type { LeasedOperations } from '../stacks/leased-operations.ts';
import type { OperationBuilder, Subject } from '../stacks/operation-builder.ts';
import type { ExecutionStage, RequestedChange, StageKind } from '../model.ts';
import { toExecutionEvent } from '../stacks/child/engine-events.ts';
import type { OperationResult, StackAction } from '../stacks/operation.ts';
import { CHANGE_NOT_APPROVED, PIPELINE_PROTECTED, SUPERSEDED, notRun } from '../stacks/operation.ts';
import { describeFailure } from '../stacks/child/pulumi-errors.ts';
import { nextStage } from '../pipelines/stages.ts';
import { interrupted } from '../executions/transitions/executions.ts';
import { stageFinished, stageStarted } from '../executions/transitions/stages.ts';
import type { StoredExecution } from '../executions/transitions/transition.ts';
import type { EngineInUse } from '../engine/installed-engine.ts';
import { Cancellations } from './cancellations.ts';
import type { StageRun } from './segment.ts';

export interface StepsDependencies {
  config: Config;
  executions: Executions;
  operations: OperationBuilder;
  engine: EngineInUse;
  events: ExecutionEvents;
  leased: LeasedOperations;
  /** Absent: cards are not kept up to date. */
  cards?: CardKeeper | undefined;
  clock: Clock;
  logger: Logger;
}

/** An operation that was killed from outside is resumed this many times. */
const ATTEMPTS = 3;

/** @returns what a stage does to its stack */
function actionOf(kind: Exclude<StageKind, 'source'>, execution: StoredExecution): StackAction {
  if (kind === 'approve') return execution.kind === 'destroy' ? 'preview-destroy' : 'preview';
  return kind === 'deploy' ? 'up' : 'destroy';
}

export class StageSteps {
  readonly #dependencies: StepsDependencies;
  readonly #cancellations: Cancellations;

  constructor(dependencies: StepsDependencies) {
    this.#dependencies = dependencies;
    this.#cancellations = new Cancellations(dependencies.executions, dependencies.logger);
  }

  /** @returns false if there is nothing left to do: the execution has ended, or another process has resumed it. */
  async begin(run: StageRun): Promise<boolean> {
    const { executions, clock } = this.#dependencies;
    const { kind, version } = await this.#dependencies.engine.settings();
    const engine = { kind, ...(version === undefined ? {} : { version }) };
    const blueprintOf = ({ pipelineType }: StoredExecution) => findBlueprint(pipelineType)?.version ?? '';
    const execution = await untilDatabaseBack(() =>
      executions.transition(run.executionId, (before) => {
        if (hasEnded(before) || before.status === 'AwaitingApproval' || before.attempt !== run.attempt)
          return undefined;
        const stage = stageOf(before, run.stage);
        if (stage.status !== 'Pending') return undefined;
        return (
          interrupted(before, undefined) ??
          stageStarted(before, stage, clock(), { engine, blueprintVersion: blueprintOf(before) })
        );
      }),
    );
    return (
      execution.status === 'InProgress' &&
      execution.attempt === run.attempt &&
      stageOf(execution, run.stage).status === 'InProgress'
    );
  }

  /** Acquires the lease of the stack, recovers from a dead predecessor, and runs the operation. */
  async operate(run: StageRun): Promise<OperationResult> {
    const { executions, events, leased, config, logger } = this.#dependencies;
    const execution = await untilDatabaseBack(() => executions.get(run.executionId));
    const stage = stageOf(execution, run.stage);
    const log = logger.child({
      pipelineId: execution.pipelineId,
      executionId: run.executionId,
      environment: stage.environment,
      stack: stage.stack,
    });
    const writer = new EventWriter(events, run.executionId, { stage: run.stage, ...where(stage) }, log);
    const cancel = this.#cancellations.watch(execution.executionId);
    try {
      return await leased.run(
        {
          stack: stage.stack ?? '',
          holder: execution.executionId,
          patienceMs: config.operations.timeoutSeconds * 1_000,
          attempts: ATTEMPTS,
          plan: (recover) => this.#plan(execution, stage, recover),
          onEngineEvent: (event) => {
            // A preview does not change the resources in its steps.
            if (stage.kind !== 'approve' || event.diagnosticEvent) writer.add(toExecutionEvent(event));
          },
          onNote: (type, data) => writer.add({ type, data }),
          onRetry: (attempt, { error }) =>
            writer.add({ type: 'operation.retried', data: { attempt, reason: error.message } }),
          cancel: cancel.signal,
        },
        log,
      );
    } catch (error) {
      // A workflow that throws would end without a recorded result: unexpected errors fail the execution like any other.
      log.error({ err: error }, 'an operation could not be run');
      return { ok: false, summary: {}, error: describeFailure(error instanceof Error ? error.message : String(error)) };
    } finally {
      cancel.stop();
      await writer.close();
    }
  }

  /** Records the outcome. @returns the next stage; undefined if the execution waits or has ended */
  async finish(run: StageRun, result: OperationResult): Promise<string | undefined> {
    const { executions, config, clock } = this.#dependencies;
    const deployment = await untilDatabaseBack(() => this.#deployment(run));
    const soakSeconds = await untilDatabaseBack(() => this.#soakSeconds(deployment, result));
    const requested = await untilDatabaseBack(() => this.#requested(deployment));
    const execution = await untilDatabaseBack(() =>
      executions.transition(run.executionId, (before) => {
        const stage = stageOf(before, run.stage);
        const isOurs = before.status === 'InProgress' && before.attempt === run.attempt;
        if (!isOurs || stage.status !== 'InProgress' || stage.soakUntil) return undefined;
        return stageFinished(before, stage, result, {
          now: clock(),
          policies: config.approvals.policies,
          expirySeconds: config.approvals.expirySeconds,
          blueprintVersion: before.blueprintVersion ?? '',
          soakSeconds,
          ...(requested ? { requested } : {}),
        });
      }),
    );
    await this.#dependencies.cards?.after(execution, run.stage);
    const next = nextStage(execution);
    const goesOn = execution.status === 'InProgress' && execution.attempt === run.attempt && next?.status === 'Pending';
    return goesOn ? next.name : undefined;
  }

  /** What a stage has run, and where. */
  async #deployment(run: StageRun): Promise<Deployment> {
    const execution = await this.#dependencies.executions.get(run.executionId);
    const stage = stageOf(execution, run.stage);
    return { execution, stage, subject: subjectOf(execution, stage), environment: stage.environment ?? 'main' };
  }

  /** The request behind an approval. Also for a deployment: it may need another approval. */
  async #requested({ execution, subject, environment }: Deployment): Promise<RequestedChange | undefined> {
    const isAskedFor = execution.stages.some((one) => one.environment === environment && one.kind === 'approve');
    return isAskedFor ? await this.#dependencies.operations.requested(subject, environment) : undefined;
  }

  async #soakSeconds({ stage, subject, environment }: Deployment, result: OperationResult): Promise<number> {
    if (!result.ok || stage.kind !== 'deploy') return 0;
    return (await this.#dependencies.operations.soak(subject, environment, result.outputs))?.seconds ?? 0;
  }

  /** @returns the operation, or why it may not run: nothing is deployed to an environment before it was approved. */
  async #plan(execution: StoredExecution, stage: ExecutionStage, recover: boolean) {
    const { executions, operations } = this.#dependencies;
    if (await executions.isSuperseded(execution.executionId)) {
      return notRun(SUPERSEDED, 'A later request for this pipeline was carried out before this one could start.');
    }
    const { kind } = stage;
    if (kind === 'source') throw new Error(`stage ${stage.name} has no operation`);
    const environment = stage.environment ?? 'main';
    const isAskedFor = execution.stages.some((one) => one.environment === environment && one.kind === 'approve');
    const approved = kind !== 'approve' && isAskedFor ? execution.approved[environment] : undefined;
    if (kind !== 'approve' && isAskedFor && !approved) {
      return notRun(CHANGE_NOT_APPROVED, `The change of ${environment} has not been approved. Nothing was changed.`);
    }
    const isProtected = await operations.isProtected(execution.pipelineId);
    if (isProtected && execution.kind === 'destroy') {
      const hint = `An admin can remove the protection with DELETE /pipelines/${execution.pipelineId}/protection.`;
      return notRun(
        PIPELINE_PROTECTED,
        `Pipeline ${execution.pipelineId} is protected. Nothing was destroyed. ${hint}`,
      );
    }
    return await operations.build(subjectOf(execution, stage), environment, actionOf(kind, execution), {
      recover,
      isProtected,
      ...(approved ? { approved } : {}),
    });
  }
}

interface Deployment {
  execution: StoredExecution;
  stage: ExecutionStage;
  subject: Subject;
  environment: EnvironmentName;
}

/** The blueprint is found once a step: the next one may run in another process, with another version of it. */
function subjectOf(execution: StoredExecution, stage: ExecutionStage): Subject {
  const blueprint = findBlueprint(execution.pipelineType);
  return { ...execution, blueprint, revision: stage.revision ?? execution.revision };
}

function stageOf(execution: StoredExecution, name: string): ExecutionStage {
  const stage = execution.stages.find((one) => one.name === name);
  if (!stage) throw new Error(`execution ${execution.executionId} has no stage ${name}`);
  return stage;
}

function where(stage: ExecutionStage): Pick<ExecutionStage, 'environment'> {
  return stage.environment ? { environment: stage.environment } : {};
}
