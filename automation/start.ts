/** Composition of the automation side: database, workers, durable workflows, child processes. `stop` undoes it in reverse. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { DLogger } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { childEnvironment } from './child-environment.ts';
import { Dispatcher } from './dispatcher.ts';
import { oneAtATime, openDatabase } from './database.ts';
import { ExecutionEvents } from './execution-events.ts';
import { Leases } from './leases.ts';
import type { Orchestrator } from './orchestrator.ts';
import { Pipelines } from './pipelines.ts';
import { OrchestratorService } from './service.ts';
import { ChildPool } from './stacks/child-pool.ts';
import { StackRunner } from './stacks/stack-runner.ts';
import { StageSteps } from './steps.ts';
import { WorkFigures } from './work-figures.ts';
import { STACK_QUEUE, registerRunStage } from './workflows/run-stage.ts';
import { Workers } from './workers.ts';

/** Raised only when stored workflows could not be continued by new code: executors take up their own version's work only. */
const WORKFLOW_VERSION = 'run-stage-1';
/** DBOS polls its queue; the default of a second would be most of the latency of a small deployment. */
const QUEUE_POLL_MS = 25;
/** The CLI needs a moment to save its state after SIGINT. */
const CANCEL_GRACE_SECONDS = 10;

export interface Automation {
  readonly orchestrator: Orchestrator;
  stop(): Promise<void>;
}

/**
 * Starts everything and takes up what was left unfinished; a process that only answers HTTP leaves that to those that work.
 * @param childEntry another child program, for tests
 * @throws OrchestratorError `DATABASE_UNAVAILABLE`
 */
export async function startAutomation(
  config: Config,
  logger: Logger,
  childEntry = new URL('./stacks/child.ts', import.meta.url),
): Promise<Automation> {
  const pool = new ChildPool({
    entry: childEntry,
    warm: config.operations.warmChildren,
    env: await childEnvironment(),
    logger,
  });
  const runner = new StackRunner(pool, { ...config.operations, graceSeconds: CANCEL_GRACE_SECONDS }, logger);
  pool.refill();
  const database = await openDatabase(config.database, logger).catch((error: unknown) => {
    pool.close();
    throw error;
  });
  const pipelines = new Pipelines(database);
  const events = new ExecutionEvents(database, logger);
  const workers = new Workers(database);
  const leases = new Leases(database, workers);
  const steps = new StageSteps({ config, pipelines, events, leases, runner, logger });
  const runStage = registerRunStage(steps);

  await workers.register();
  await events.listen(config.database.url);
  DBOS.setConfig({
    name: 'mlops-workload-orchestrator',
    systemDatabaseUrl: config.database.url,
    applicationVersion: WORKFLOW_VERSION,
    executorID: workers.self.id,
    // No queue to listen to: what this process accepts waits for one that works.
    ...(config.role === 'api' ? { listenQueues: [] } : {}),
    logger: dbosLogger(logger.child({ component: 'dbos' })),
  });
  await oneAtATime(database, () => DBOS.launch());
  await DBOS.registerQueue(STACK_QUEUE, {
    partitionConcurrency: 1,
    workerConcurrency: config.operations.concurrency,
    minPollingIntervalMs: QUEUE_POLL_MS,
    // The concurrency is that of processes that work; one that does not must not set it for them.
    onConflict: config.role === 'api' ? 'never_update' : 'always_update',
  });
  const dispatcher = new Dispatcher({ database, pipelines, events, workers, steps, runStage, logger });
  if (config.role !== 'api') await dispatcher.start();
  const figures = new WorkFigures(database, logger);
  figures.start();

  return {
    orchestrator: new OrchestratorService({
      config,
      database,
      pipelines,
      events,
      leases,
      dispatcher,
      steps,
      runner,
    }),
    stop: async () => {
      await figures.stop();
      await dispatcher.stop();
      // Operations under way are given up, not waited for: the next start takes them up where they are.
      pool.close();
      await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: 1 });
      await events.close();
      await workers.close();
      await database.end();
    },
  };
}

/** DBOS' own lines are for us, not for users: its "info" is our "debug". */
function dbosLogger(logger: Logger): DLogger {
  const text = (entry: unknown) => (entry instanceof Error ? entry.message : String(entry));
  return {
    info: (entry: unknown) => logger.debug(text(entry)),
    debug: (entry: unknown) => logger.trace(text(entry)),
    warn: (entry: unknown) => logger.warn(text(entry)),
    error: (entry: unknown) => logger.error({ err: entry instanceof Error ? entry : undefined }, text(entry)),
  } as DLogger;
}
