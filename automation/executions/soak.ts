/** The soak time: after a deployment no alarm may go into ALARM for a while before the stage succeeds. Checked by the sweep. */
import type { Logger } from 'pino';
import { findBlueprint } from '../../blueprints/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Cloud } from '../aws/cloud.ts';
import type { Executions } from './executions.ts';
import type { OperationBuilder } from '../stacks/operation-builder.ts';
import type { ExecutionStage } from '../model.ts';
import { soakEnded } from './transitions/stages.ts';
import type { StoredExecution } from './transitions/transition.ts';

/** How often the alarms of one deployment are checked: CloudWatch's own periods are no shorter. */
const LOOK_EVERY_MS = 10_000;

export interface SoakingDependencies {
  executions: Executions;
  operations: OperationBuilder;
  cloud: Cloud;
  /** Called with an execution whose stage has ended. */
  onEnded?: ((execution: StoredExecution, stage: string) => Promise<void>) | undefined;
  clock: Clock;
  logger: Logger;
}

export class SoakPeriods {
  readonly #dependencies: SoakingDependencies;
  readonly #lookedAt = new Map<string, number>();

  constructor(dependencies: SoakingDependencies) {
    this.#dependencies = dependencies;
  }

  /** Checks every deployment in its soak time. Those that continue are left to the queue. */
  async settle(): Promise<void> {
    const { executions, logger } = this.#dependencies;
    const soaking = await executions.soaking();
    for (const known of this.#lookedAt.keys()) if (!soaking.includes(known)) this.#lookedAt.delete(known);
    for (const executionId of soaking) {
      try {
        await this.#settle(executionId);
      } catch (error) {
        // The state of the alarms is unknown: the stage keeps soaking, and they are checked again.
        logger.warn({ err: error, executionId }, 'the alarms of a deployment could not be checked');
      }
    }
  }

  async #settle(executionId: string): Promise<void> {
    const { executions, clock, onEnded } = this.#dependencies;
    const execution = await executions.get(executionId);
    const stage = execution.stages.find(isSoaking);
    if (!stage) return;
    const isOver = new Date(stage.soakUntil ?? 0) <= clock();
    const lookedAt = this.#lookedAt.get(executionId);
    if (!isOver && lookedAt !== undefined && performance.now() - lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt.set(executionId, performance.now());
    const inAlarm = await this.#inAlarm(execution, stage);
    if (inAlarm.length === 0 && !isOver) return;
    const after = await executions.transition(executionId, (before) => {
      const current = before.stages.find(isSoaking);
      if (before.status !== 'InProgress' || current?.name !== stage.name || before.attempt !== execution.attempt) {
        return undefined;
      }
      return soakEnded(before, current, inAlarm, clock());
    });
    await onEnded?.(after, stage.name);
  }

  async #inAlarm(execution: StoredExecution, stage: ExecutionStage): Promise<string[]> {
    const { operations, cloud } = this.#dependencies;
    const { environment = 'main', revision = execution.revision } = stage;
    const subject = { ...execution, blueprint: findBlueprint(execution.pipelineType), revision };
    const soak = await operations.soak(subject, environment, stage.outputs ?? {});
    if (!soak || soak.alarms.length === 0) return [];
    return await cloud.alarmsInAlarm(operations.environment(environment), soak.alarms);
  }
}

function isSoaking({ status, soakUntil }: ExecutionStage): boolean {
  return status === 'InProgress' && soakUntil !== undefined;
}
