/** Composition of what belongs to drift: `start.ts` makes it before DBOS is launched, and has it launched afterwards. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database.ts';
import type { Leases } from '../leases.ts';
import type { Pipelines } from '../pipelines.ts';
import type { StackRunner } from '../stacks/stack-runner.ts';
import { DRIFT_QUEUE, registerDriftWorkflows } from '../workflows/check-drift.ts';
import { Drift } from './drift.ts';
import type { DriftDependencies } from './drift.ts';
import { DriftChecks } from './drift-checks.ts';
import type { DriftRunnerDependencies } from './drift-runner.ts';
import { DriftRunner } from './drift-runner.ts';

export interface DriftParts {
  config: Config;
  database: Database;
  pipelines: Pipelines;
  leases: Leases;
  runner: StackRunner;
  plan: DriftRunnerDependencies['plan'];
  startReconcile: DriftDependencies['startReconcile'];
  logger: Logger;
}

export interface ComposedDrift {
  readonly drift: Drift;
  readonly runner: DriftRunner;
  /** To be called once DBOS is launched, before anything is dispatched. */
  launched(): Promise<void>;
}

/** Beside the deployments, which nobody wants to wait for a look; a schedule's checks may take their time. */
const CONCURRENCY = 2;
const QUEUE_POLL_MS = 250;

export function composeDrift(parts: DriftParts): ComposedDrift {
  const { config, database, pipelines, leases, logger } = parts;
  const checks = new DriftChecks(database, config.http.publicUrl);
  const runner = new DriftRunner({ checks, leases, runner: parts.runner, plan: parts.plan, logger });
  const workflows = registerDriftWorkflows(runner, () => drift);
  const drift = new Drift({
    checks,
    mustExist: (pipelineId) => pipelines.get(pipelineId),
    deployed: (pipelineId) => pipelines.deployedStages(pipelineId),
    enqueue: workflows.enqueue,
    startReconcile: parts.startReconcile,
  });
  return {
    drift,
    runner,
    launched: async () => {
      await DBOS.registerQueue(DRIFT_QUEUE, {
        workerConcurrency: CONCURRENCY,
        minPollingIntervalMs: QUEUE_POLL_MS,
        onConflict: 'always_update',
      });
      await workflows.applySchedule(config.drift.schedule);
    },
  };
}
