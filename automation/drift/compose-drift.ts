/** Composition of drift detection: `start.ts` creates it before DBOS is launched, and starts it afterwards. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import { findBlueprint } from '../../blueprints/registry.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../platform/database.ts';
import type { EnvironmentName } from '../config/environments.ts';
import type { OperationBuilder } from '../stacks/operation-builder.ts';
import type { ExecutionAnswer } from '../model.ts';
import type { Pipelines } from '../pipelines/pipelines.ts';
import type { LeasedOperations } from '../stacks/leased-operations.ts';
import type { RunningWorkflows } from '../workflows/running-workflows.ts';
import { DRIFT_QUEUE, registerDriftWorkflows } from '../workflows/check-drift.ts';
import { Drift } from './drift.ts';
import { DriftChecks } from './drift-checks.ts';
import { DriftRunner } from '../workflows/check-drift-steps.ts';
import { SLOW_POLL_MS, announceQueued } from '../workflows/queue-wake.ts';

export interface DriftParts {
  config: Config;
  database: Database;
  pipelines: Pipelines;
  operations: OperationBuilder;
  leased: LeasedOperations;
  running: RunningWorkflows;
  /** Queues an accepted execution. */
  dispatch: (pipelineId: string) => Promise<void>;
  logger: Logger;
}

export interface ComposedDrift extends Pick<Drift, 'dispatchForgotten'> {
  readonly drift: Drift;
  /**
   * Must be called after DBOS is launched and before anything is dispatched.
   * @param works false: this process leaves checks, and the schedule, to others
   */
  launched(works: boolean): Promise<void>;
}

/** Separate from deployments, which must not queue behind checks; scheduled checks are not urgent. */
const CONCURRENCY = 2;

export function composeDrift(parts: DriftParts): ComposedDrift {
  const { config, database, pipelines, operations, leased, running, logger } = parts;
  const checks = new DriftChecks(database, config.http.publicUrl);
  const runner = new DriftRunner({
    checks,
    leased,
    plan: async ({ pipelineId, environment }, recover) => {
      const { pipelineType, revision } = await pipelines.get(pipelineId);
      const subject = { pipelineId, pipelineType, blueprint: findBlueprint(pipelineType), revision };
      return await operations.build(subject, environment, 'drift', { recover });
    },
    logger,
  });
  const workflows = registerDriftWorkflows(runner, running, () => drift);
  const drift = new Drift({
    checks,
    mustExist: (pipelineId) => pipelines.get(pipelineId),
    deployed: (pipelineId) => pipelines.deployedStages(pipelineId),
    enqueue: async (checkId) => {
      await workflows.enqueue(checkId);
      await announceQueued(database, DRIFT_QUEUE);
    },
    startReconcile: (pipelineId, environments, caller) => reconcile(parts, pipelineId, environments, caller),
  });
  return {
    drift,
    dispatchForgotten: () => drift.dispatchForgotten(),
    launched: async (works) => {
      await DBOS.registerQueue(DRIFT_QUEUE, {
        workerConcurrency: CONCURRENCY,
        minPollingIntervalMs: SLOW_POLL_MS,
        onConflict: works ? 'always_update' : 'never_update',
      });
      if (works) await workflows.applySchedule(config.drift.schedule);
    },
  };
}

async function reconcile(
  { pipelines, dispatch }: DriftParts,
  pipelineId: string,
  environments: readonly EnvironmentName[],
  caller: string,
): Promise<ExecutionAnswer> {
  const deployed = await pipelines.deployedStages(pipelineId);
  const drifted = deployed.filter(({ environment }) => environments.includes(environment));
  const { executionId } = await pipelines.acceptReconcile(pipelineId, drifted, caller);
  await dispatch(pipelineId);
  return {
    message: `What was deployed to ${environments.join(', ')} is about to be deployed again; each environment waits for approval.`,
    pipelineId,
    executionId,
  };
}
