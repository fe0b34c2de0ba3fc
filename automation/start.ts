/** Composition of the automation side: database, workers, durable workflows, child processes. `stop` undoes it in reverse. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { DLogger } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import type { Metric } from 'prom-client';
import { addAuditEntry } from './audit/record.ts';
import { RefusalLog } from './audit/refusal-log.ts';
import { Approvals } from './executions/approvals.ts';
import type { Clock } from './platform/clock.ts';
import { systemClock } from './platform/clock.ts';
import type { Config } from './config/config.ts';
import { childEnvironment } from './stacks/child-environment.ts';
import { loadedFolders, startCustomBlueprints } from './custom-blueprints/load.ts';
import { Dispatcher } from './workflows/dispatcher.ts';
import { findEngine, unaskedEngine } from './engine/installed-engine.ts';
import { CliInvocations } from './engine/invocations.ts';
import { loadCloud } from './engine/load-cloud.ts';
import { composeDrift } from './drift/compose-drift.ts';
import { limitedUrl } from './platform/connection.ts';
import type { Database } from './platform/database.ts';
import { withStartupLock, openDatabase, openForRequests } from './platform/database.ts';
import { ExecutionControl } from './executions/control.ts';
import { ExecutionEvents } from './executions/events.ts';
import { ExecutionMetrics } from './executions/execution-metrics.ts';
import { Executions } from './executions/executions.ts';
import { logStateOf } from './platform/log-destination.ts';
import { DueAnnouncements } from './platform/due-work.ts';
import { leaseTimes } from './platform/lease-times.ts';
import { RequestCounts } from './platform/request-counts.ts';
import { DeployedStacks } from './stacks/deployed-stacks.ts';
import { Fence } from './stacks/fence.ts';
import { Leases } from './platform/leases.ts';
import { LeasedOperations } from './stacks/leased-operations.ts';
import { MODEL_PACKAGE_EVENT } from './pipelines/model-package-events.ts';
import { addNotification } from './notifications/notifications.ts';
import { startNotificationDelivery } from './notifications/start-notification-delivery.ts';
import { OperationBuilder } from './stacks/operation-builder.ts';
import type { Orchestrator } from './orchestrator.ts';
import { ReadinessChecks } from './readiness.ts';
import { CardKeeper } from './model-cards/card-keeper.ts';
import { ModelCards } from './model-cards/model-cards.ts';
import { PipelineCards } from './model-cards/pipeline-cards.ts';
import { Jobs } from './pipelines/jobs.ts';
import { Pipelines } from './pipelines/pipelines.ts';
import { DeferredReads } from './stacks/deferred-reads.ts';
import { Previews } from './stacks/previews.ts';
import { Provisioning } from './pipelines/provisioning.ts';
import { Revisions } from './pipelines/revisions.ts';
import { DeliveryLog } from './sources/delivery-log.ts';
import { Removal } from './pipelines/removal.ts';
import { READ_REQUESTS, ReadLimits } from './stacks/read-limits.ts';
import { OrchestratorService } from './orchestrator-service.ts';
import type { Notify } from './sources/outcome.ts';
import { SoakPeriods } from './executions/soak.ts';
import { startSources } from './sources/start.ts';
import type { SourceClients } from './sources/start.ts';
import type { WebhookReceiver } from './sources/inbound/webhook-receiver.ts';
import { ChildPools } from './stacks/child-pools.ts';
import type { OperationRunner } from './stacks/stack-runner.ts';
import { StackStates } from './stacks/stack-state.ts';
import { StackRunner } from './stacks/stack-runner.ts';
import { StageSteps } from './workflows/run-execution-steps.ts';
import { BacklogGauges } from './executions/backlog-gauges.ts';
import { BacklogMetrics } from './executions/backlog-metrics.ts';
import { STACK_QUEUE } from './workflows/segment.ts';
import { SegmentQueue } from './workflows/segment-queue.ts';
import { registerRunExecution } from './workflows/run-execution.ts';
import { Workers } from './platform/workers.ts';
import { RunningWorkflows } from './workflows/running-workflows.ts';
import { DRIFT_QUEUE } from './workflows/check-drift.ts';
import { Listener } from './platform/listener.ts';
import { QueueWake, SLOW_POLL_MS } from './workflows/queue-wake.ts';

/** Of stored workflows. */
const DURABLE = {
  application: 'mlops-workload-orchestrator',
  /** Incremented only if new code cannot continue stored workflows: executors resume only workflows of their own version. */
  version: 'run-execution-1',
};
/** The CLI needs a moment to save its state after SIGINT. */
const CANCEL_GRACE_SECONDS = 10;

export interface Automation {
  readonly orchestrator: Orchestrator;
  /** For the metrics registry of the process that serves them. */
  readonly metrics: readonly Metric[];
  readonly webhooks: WebhookReceiver;
  /** For the rate limits of the API. */
  readonly requestCounts: RequestCounts;
  stop(): Promise<void>;
}

/** Substitutes for tests, and for the sandbox. */
export interface StandIns {
  /** Runs stack operations without a child process. */
  runner?: OperationRunner;
  /** Decides what has expired. */
  clock?: Clock;
  /** Where configuration is read from. */
  sourceClients?: SourceClients;
  /** Milliseconds between two sweeps at rest. */
  restMs?: number;
}

/**
 * Starts everything and resumes unfinished work; a process that only serves HTTP leaves that to the workers.
 * @throws OrchestratorError `DATABASE_UNAVAILABLE`
 */
export async function startAutomation(
  config: Config,
  logger: Logger,
  { runner: standIn, clock = systemClock, sourceClients, restMs }: StandIns = {},
): Promise<Automation> {
  const works = config.role !== 'api';
  const invocations = new CliInvocations();
  const childEnv = await childEnvironment();
  const cloud = await loadCloud(config.engine);
  const engine = standIn ? unaskedEngine(config.engine) : await findEngine(config.engine, logger);
  await startCustomBlueprints(config.blueprints.custom, childEnv, logger);
  const pool = new ChildPools({
    engineModule: config.engine.module,
    warm: config.operations.warmChildren,
    niceness: config.operations.niceness,
    env: { ...childEnv, CUSTOM_BLUEPRINTS: loadedFolders() },
    logger,
  });
  if (!standIn) pool.refill();
  const database = await openDatabase(config.database, logger).catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const listener = new Listener(config.database.url, logger);
  const due = new DueAnnouncements(listener);
  const events = new ExecutionEvents(database, listener);
  const ended = new ExecutionMetrics();
  const executionsIn = (connections: Database) =>
    new Executions(connections, events, config.http.publicUrl, (before, after) => ended.observe(before, after));
  const executions = executionsIn(database);
  const pipelines = new Pipelines(database, executions);
  const requests = openForRequests(config.database.url, logger);
  const requested = executionsIn(requests);
  const asked = { executions: requested, pipelines: new Pipelines(requests, requested) };
  const deployed = new DeployedStacks(database);
  const operations = new OperationBuilder(config, pipelines, engine, deployed);
  const workers = new Workers(database, {
    connectionString: config.database.url,
    times: leaseTimes(config.operations.takeOverSeconds),
    logger,
    onCloned: () => process.kill(process.pid, 'SIGTERM'),
  });
  const limits = { ...config.operations, graceSeconds: CANCEL_GRACE_SECONDS };
  const runner =
    standIn ?? new StackRunner(pool, limits, logger, workers, (action, command) => invocations.count(action, command));
  const leases = new Leases(database, workers);
  const approvals = new Approvals({
    executions,
    policies: config.approvals.policies,
    trustedSessions: config.approvals.trustedSessions,
    clock,
  });
  const fence = new Fence({ database, cloud, logger });
  const leased = new LeasedOperations(leases, runner, fence, deployed);
  const engineLogger = dbosLogger(logger.child({ component: 'dbos' }));
  const wake = works
    ? new QueueWake([STACK_QUEUE, DRIFT_QUEUE], listener, () => dispatcher.attend(), logger)
    : undefined;
  const running = new RunningWorkflows(() => wake?.ended());
  const keeper: CardKeeper | undefined = config.modelCards.keep
    ? new CardKeeper({ cards: () => cards, events, logger })
    : undefined;
  const steps = new StageSteps({
    ...{ config, executions, operations, engine, events, leased, cards: keeper, clock, logger },
  });
  registerRunExecution(steps, running);
  const queue = await SegmentQueue.open(database, { url: config.database.url, ...DURABLE, logger: engineLogger });
  const dispatch = (pipelineId: string) => dispatcher.dispatch(pipelineId);
  const drift = composeDrift({ config, database, pipelines, operations, leased, running, dispatch, logger });
  const dispatcher = new Dispatcher({
    database,
    executions,
    approvals,
    workers,
    running,
    soaking: new SoakPeriods({
      ...{ executions, operations, cloud, clock, logger },
      onEnded: keeper && ((execution, stage) => keeper.after(execution, stage)),
    }),
    drift,
    clock,
    queue,
    restMs,
    onWork: () => {
      wake?.wakeAll();
      due.wakeAll();
    },
    logger,
  });
  due.on('deliveries', () => dispatcher.attend());

  await workers.register();
  await listener.start();
  DBOS.setConfig({
    name: DURABLE.application,
    systemDatabaseUrl: limitedUrl(config.database.url),
    applicationVersion: DURABLE.version,
    executorID: workers.self.id,
    // How often DBOS looks whether it has events or streams of workflows to announce, which nothing here uses: 100 times a
    // second by default.
    notificationCoalesceMs: 60_000,
    // The URL sets this limit. DBOS would set it with a statement of its own on every new connection while the next one is
    // being sent, which pg deprecates.
    systemDatabaseIdleTransactionTimeoutMs: 0,
    // Listens to no queue: what this process accepts waits for a worker.
    ...(works ? {} : { listenQueues: [] }),
    logger: engineLogger,
  });
  await withStartupLock(database, () => DBOS.launch());
  await DBOS.registerQueue(STACK_QUEUE, {
    partitionConcurrency: 1,
    workerConcurrency: config.operations.concurrency,
    minPollingIntervalMs: SLOW_POLL_MS,
    // The concurrency applies to workers; other processes must not set it for them.
    onConflict: works ? 'always_update' : 'never_update',
  });
  await drift.launched(works);
  wake?.start();
  if (works) await dispatcher.start();
  const delivery = works ? startNotificationDelivery(config, database, due, logger) : undefined;
  const figures = new BacklogMetrics(database, logger);
  figures.start();

  const { main } = config.environments;
  if (!main) throw new Error('The environment of the orchestrator itself is missing.');
  const previews = new Previews({
    operations,
    leased,
    runner,
    limits: new ReadLimits({ children: config.operations.previewConcurrency, ...READ_REQUESTS }),
    logger,
  });
  const provisioning = new Provisioning({
    ...{ config, previews, cloud, pipelines: asked.pipelines },
    dispatchSoon: (pipelineId) => dispatcher.dispatchSoon(pipelineId),
  });
  const removal = new Removal({
    pipelines,
    previews,
    policies: config.approvals.policies,
    environmentsOf: (blueprint) => provisioning.environmentsOf(blueprint),
    dispatch,
  });
  const jobs = new Jobs({
    pipelines,
    environmentsOf: (pipelineId, blueprint) => removal.stacksOf(pipelineId, blueprint),
    environment: (name) => operations.environment(name),
    cloud,
  });
  const modelCards = new ModelCards({ calls: () => cloud.modelCards(main), assetsBucket: main.assetsBucket, clock });
  const revisions = new Revisions(database);
  const cards: PipelineCards = new PipelineCards({
    pipelines,
    revisions,
    executions,
    jobs,
    modelCards,
    cloud,
    main,
    environment: (name) => operations.environment(name),
    audit: async (entry) => void (await addAuditEntry(database, entry)),
  });
  const refusals = new RefusalLog(database, logger);
  const orchestrator = new OrchestratorService({
    config,
    database: requests,
    ...asked,
    events,
    dispatcher,
    approvals,
    control: new ExecutionControl(executions, clock),
    states: new StackStates(database, pipelines),
    previews,
    deferred: new DeferredReads(database, workers.self, logger),
    drift: drift.drift,
    modelCards,
    revisions,
    deliveries: new DeliveryLog(database),
    readiness: new ReadinessChecks({ config, database, engine, log: () => logStateOf(logger) }),
    refusals,
    provisioning,
    removal,
    jobs,
    cards,
  });
  const notify: Notify = (notice) => addNotification(database, { ...notice, kind: 'configuration' });
  const sources = startSources({
    config,
    region: main.region,
    database,
    due,
    worker: workers.self,
    provisioner: orchestrator,
    notify,
    clients: sourceClients,
    eventHandlers: { [MODEL_PACKAGE_EVENT]: async (event) => void (await orchestrator.handleEvent(event)) },
    logger,
  });
  if (works) sources.work();

  return {
    orchestrator,
    metrics: [invocations.metric, ...ended.all, ...new BacklogGauges(database, figures, logger).all],
    webhooks: sources.webhooks,
    requestCounts: new RequestCounts(database),
    stop: async () => {
      await sources.stop();
      await delivery?.stop();
      await figures.stop();
      await dispatcher.stop();
      // Running operations are abandoned, not awaited: the next start resumes them where they are.
      await pool.close();
      await wake?.close();
      await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: 1 });
      await queue.close();
      events.close();
      await listener.close();
      await workers.close();
      await refusals.close();
      await Promise.all([requests.end(), database.end()]);
    },
  };
}

/** @see https://github.com/dbos-inc/dbos-transact-ts/blob/main/src/wfqueue.ts */
const CONTENTION = /^Contention detected in queue /;

/** Log lines of DBOS are for developers, not for operators: its "info" is our "debug". */
function dbosLogger(logger: Logger): DLogger {
  const text = (entry: unknown) => (entry instanceof Error ? entry.message : String(entry));
  return {
    info: (entry: unknown) => logger.debug(text(entry)),
    debug: (entry: unknown) => logger.trace(text(entry)),
    // Several workers that poll a queue at once are usual: an announcement wakes them all, and one of them polls again.
    warn: (entry: unknown) => logger[CONTENTION.test(text(entry)) ? 'debug' : 'warn'](text(entry)),
    error: (entry: unknown) => logger.error({ err: entry instanceof Error ? entry : undefined }, text(entry)),
  } as DLogger;
}
