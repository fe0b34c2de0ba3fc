/** The effects that the workflow of a stage is made of. Each may run again after a crash, so each is safe to repeat. */
import type { Logger } from 'pino';
import type { Blueprint, PipelineRequest } from '../blueprints/blueprint.ts';
import { stageValues } from '../blueprints/request.ts';
import { requestDigest } from '../blueprints/shared/request-digest.ts';
import { findBlueprint } from '../blueprints/registry.ts';
import type { Config } from './config.ts';
import { untilDatabaseBack } from './database.ts';
import type { Environment } from './environments.ts';
import { EventWriter } from './event-writer.ts';
import type { ExecutionEvents } from './execution-events.ts';
import type { Leases } from './leases.ts';
import type { Execution, ExecutionStage } from './orchestrator.ts';
import type { Pipelines } from './pipelines.ts';
import { toExecutionEvent } from './stacks/engine-events.ts';
import type { OperationResult, StackAction, StackOperation } from './stacks/operation.ts';
import { SUPERSEDED, stackKey, stackNames } from './stacks/operation.ts';
import { describeFailure } from './stacks/pulumi-errors.ts';
import type { StackRunner } from './stacks/stack-runner.ts';
import type { StageRun } from './workflows/run-stage.ts';
import { stageWorkflowId } from './workflows/run-stage.ts';

export interface StepsDependencies {
  config: Config;
  pipelines: Pipelines;
  events: ExecutionEvents;
  leases: Leases;
  runner: StackRunner;
  logger: Logger;
}

/** An operation that was killed from outside is taken up again this often. */
const ATTEMPTS = 3;

export class StageSteps {
  readonly #dependencies: StepsDependencies;
  readonly #running = new Set<string>();

  constructor(dependencies: StepsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Remembers what runs in this process, so that the sweep can tell a stranded workflow from a busy one. */
  async whileRunning(run: StageRun, story: () => Promise<void>): Promise<void> {
    const id = stageWorkflowId(run);
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

  /** @returns false where there is nothing to do any more: the execution has ended. */
  async begin(run: StageRun): Promise<boolean> {
    return await untilDatabaseBack(async () => {
      const { pipelines, events } = this.#dependencies;
      const before = await pipelines.execution(run.executionId);
      if (hasEnded(before)) return false;
      const stage = stageOf(before, run.stage);
      const execution = await pipelines.advance(run.executionId, {
        status: 'InProgress',
        stage: run.stage,
        patch: {
          status: 'InProgress',
          started: stage.started ?? new Date().toISOString(),
          stack: stackKey(await this.#names(before, stage)),
        },
      });
      const story = stage.started
        ? []
        : [
            {
              type: 'stage.started',
              stage: run.stage,
              data: { stack: stackOf(execution, run.stage) },
              ...where(stage),
            },
          ];
      await events.append(run.executionId, story);
      return true;
    });
  }

  /** Takes the stack's lease, recovers what a dead predecessor left, and runs the operation. */
  async operate(run: StageRun): Promise<OperationResult> {
    const { pipelines, events, logger } = this.#dependencies;
    const execution = await untilDatabaseBack(() => pipelines.execution(run.executionId));
    const stage = stageOf(execution, run.stage);
    const log = logger.child({
      pipelineId: execution.pipelineId,
      executionId: run.executionId,
      environment: stage.environment,
      stack: stackKey(await this.#names(execution, stage)),
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

  async #attempt(
    execution: Execution,
    stage: ExecutionStage,
    writer: EventWriter,
    log: Logger,
  ): Promise<OperationResult> {
    const { pipelines, leases, runner, config } = this.#dependencies;
    const key = stackKey(await this.#names(execution, stage));
    const patience = config.operations.timeoutSeconds * 1_000;
    const lease = await untilDatabaseBack(() => leases.acquire(key, execution.executionId, patience));
    let cutOff = true;
    try {
      if (await untilDatabaseBack(() => pipelines.isOvertaken(execution.executionId))) {
        cutOff = lease.afterDeath;
        return SUPERSEDED;
      }
      const action = execution.kind === 'destroy' ? 'destroy' : 'up';
      const operation = await this.operation(execution, stage, action, lease.afterDeath);
      log.info({ action, revision: operation.revision, recover: lease.afterDeath }, 'operation started');
      const result = await runner.run(operation, {
        onStart: (child) => untilDatabaseBack(() => leases.recordChild(lease, child.pid, child.started)),
        onEngineEvent: (event) => writer.add(toExecutionEvent(event)),
        onNote: (type, data) => writer.add({ type, data }),
      });
      cutOff = !result.ok && result.cutOff !== undefined;
      log.info(
        { ok: result.ok, ...(result.ok ? { changes: result.summary } : { err: result.error }) },
        'operation ended',
      );
      return result;
    } finally {
      const ours = await untilDatabaseBack(() => (cutOff ? leases.abandon(lease) : leases.release(lease)));
      if (!ours) log.warn('the lease of the stack was taken over while the operation ran');
    }
  }

  /** Records the outcome: the last event first, then the status that ends the execution. */
  async finish(run: StageRun, result: OperationResult): Promise<void> {
    await untilDatabaseBack(async () => {
      const { pipelines, events } = this.#dependencies;
      const before = await pipelines.execution(run.executionId);
      const stage = stageOf(before, run.stage);
      if (hasEnded(before)) return;
      const ended = new Date().toISOString();
      if (!result.ok && result.error.code === SUPERSEDED.error.code) {
        await events.append(run.executionId, [{ type: 'execution.superseded', data: { error: result.error } }]);
        await pipelines.advance(run.executionId, {
          status: 'Superseded',
          stage: run.stage,
          patch: { status: 'Skipped', ended, error: result.error },
        });
        return;
      }
      await events.append(run.executionId, [
        result.ok
          ? { type: 'stage.succeeded', stage: run.stage, ...where(stage), data: { changes: result.summary } }
          : { type: 'stage.failed', stage: run.stage, ...where(stage), data: { error: result.error } },
        {
          type: result.ok ? 'execution.succeeded' : 'execution.failed',
          data: { kind: before.kind, revision: before.revision, ...(result.ok ? {} : { error: result.error }) },
        },
      ]);
      await pipelines.advance(run.executionId, {
        status: result.ok ? 'Succeeded' : 'Failed',
        stage: run.stage,
        patch: result.ok
          ? { status: 'Succeeded', ended, changes: result.summary, outputs: result.outputs }
          : { status: 'Failed', ended, changes: result.summary, error: result.error },
      });
    });
  }

  /** The operation that an execution's stage stands for, in plain JSON. */
  async operation(
    execution: Pick<Execution, 'executionId' | 'pipelineId' | 'revision'> & { request?: PipelineRequest },
    stage: Pick<ExecutionStage, 'environment'>,
    action: StackAction,
    recover: boolean,
  ): Promise<StackOperation> {
    const { config, pipelines } = this.#dependencies;
    const request =
      execution.request ?? (await untilDatabaseBack(() => pipelines.request(execution.pipelineId, execution.revision)));
    const environment = this.environment(stage.environment);
    // A custom one may be gone from the settings: what is provisioned is destroyed from its state.
    const blueprint = findBlueprint(request.pipeline_type);
    const view = (one: PipelineRequest) => requestDigest(runValues(blueprint, one, environment.name));
    const run = await untilDatabaseBack(() =>
      pipelines.changedIn(execution.pipelineId, execution.revision, view, view(request)),
    );
    return {
      action,
      ...stackNames(request.pipeline_type, execution.pipelineId, environment.name),
      pipelineId: execution.pipelineId,
      pipelineType: request.pipeline_type,
      revision: execution.revision,
      run,
      environment,
      request: blueprint ? stageValues(blueprint, request, environment.name) : request,
      message: `${action} revision ${execution.revision}, execution ${execution.executionId}`,
      tags: {
        'mlops:pipeline-id': execution.pipelineId,
        'mlops:pipeline-type': request.pipeline_type,
        ...(blueprint ? { 'mlops:model-name': String(request[blueprint.nameKey]) } : {}),
        'mlops:environment': environment.name,
      },
      allowDetailedErrorMessage: config.blueprints.allowDetailedErrorMessage,
      permissionsBoundaryArn: config.blueprints.permissionsBoundaryArn,
      notificationsTopicArn: config.blueprints.notificationsTopicArn,
      engine: config.engine,
      recover,
    };
  }

  environment(name: Environment['name'] = 'main'): Environment {
    const environment = this.#dependencies.config.environments[name];
    if (!environment) throw new Error(`no settings for environment ${name}`);
    return environment;
  }

  async #names(execution: Execution, stage: ExecutionStage): Promise<{ project: string; stack: string }> {
    const { pipelineId } = execution;
    const { pipelineType } = await untilDatabaseBack(() => this.#dependencies.pipelines.get(pipelineId));
    return stackNames(pipelineType, pipelineId, this.environment(stage.environment).name);
  }
}

/** What of a request decides whether the type's job is run anew. */
function runValues(
  blueprint: Blueprint | undefined,
  request: PipelineRequest,
  environment: string,
): Record<string, unknown> {
  if (!blueprint) return request;
  const values = Object.entries(stageValues(blueprint, request, environment));
  const { runKeys } = blueprint;
  return Object.fromEntries(runKeys ? values.filter(([key]) => runKeys.includes(key)) : values);
}

function stageOf(execution: Execution, name: string): ExecutionStage {
  const stage = execution.stages.find((one) => one.name === name);
  if (!stage) throw new Error(`execution ${execution.executionId} has no stage ${name}`);
  return stage;
}

function stackOf(execution: Execution, stage: string): string | undefined {
  return stageOf(execution, stage).stack;
}

function where(stage: ExecutionStage): Pick<ExecutionStage, 'environment'> {
  return stage.environment ? { environment: stage.environment } : {};
}

export function hasEnded(execution: Execution): boolean {
  return !['Queued', 'InProgress', 'AwaitingApproval'].includes(execution.status);
}
