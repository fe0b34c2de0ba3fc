/**
 * The workflow of a drift check: begin → check → finish; and that of the schedule, which requests checks of everything.
 * Durable: code between two steps may run again after a crash, a finished step never does.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Drift } from '../drift/drift.ts';
import type { DriftRunner } from './check-drift-steps.ts';
import type { RunningWorkflows } from './running-workflows.ts';

export const DRIFT_QUEUE = 'drift-checks';
const SCHEDULE = 'drift';
const [CHECK, CHECK_ALL] = ['checkDrift', 'checkAllDrift'];
export const DRIFT_WORKFLOWS = [CHECK, CHECK_ALL];

export interface DriftWorkflows {
  /** Queues a check; queueing the same one twice results in one run. */
  enqueue(checkId: string): Promise<void>;
  /**
   * Sets the schedule for all processes. DBOS names each run by its time, so that only one of several processes runs it.
   * @param cron in UTC; empty: no schedule
   */
  applySchedule(cron: string): Promise<void>;
}

/** Registers the workflows; called once per process, before DBOS is launched. */
export function registerDriftWorkflows(
  runner: DriftRunner,
  running: RunningWorkflows,
  drift: () => Pick<Drift, 'checkAll'>,
): DriftWorkflows {
  const checkDrift = DBOS.registerWorkflow(
    async (checkId: string) => {
      await running.whileRunning(workflowId(checkId), async () => {
        const begun = await DBOS.runStep(() => runner.begin(checkId), { name: 'begin' });
        if (!begun) return;
        const outcome = await DBOS.runStep(() => runner.look(checkId), { name: 'look' });
        await DBOS.runStep(() => runner.finish(checkId, outcome), { name: 'finish' });
      });
    },
    { name: CHECK, maxRecoveryAttempts: 1_000 },
  );
  const checkAllDrift = DBOS.registerWorkflow(
    async (scheduled: Date) => {
      await running.whileRunning(DBOS.workflowID ?? '', async () => {
        await DBOS.runStep(() => drift().checkAll(scheduled.toISOString()), { name: 'checkAll' });
      });
    },
    { name: CHECK_ALL, maxRecoveryAttempts: 1_000 },
  );
  return {
    enqueue: async (checkId) => {
      await DBOS.startWorkflow(checkDrift, { workflowID: workflowId(checkId), queueName: DRIFT_QUEUE })(checkId);
    },
    applySchedule: async (cron) => {
      if (cron === '') await DBOS.deleteSchedule(SCHEDULE);
      else {
        await DBOS.applySchedules([
          {
            scheduleName: SCHEDULE,
            workflowFn: checkAllDrift,
            schedule: cron,
            cronTimezone: 'UTC',
            queueName: DRIFT_QUEUE,
          },
        ]);
      }
    },
  };
}

function workflowId(checkId: string): string {
  return `drift/${checkId}`;
}
