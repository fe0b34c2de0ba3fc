/**
 * The workflow of an execution: starts, runs and finishes stage by stage, until the execution has ended or waits for approval.
 * Durable: code between two steps may run again after a crash, a finished step never does. A waiting execution holds no
 * workflow and no place in the queue: the decision starts the next segment.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { OperationResult } from '../stacks/operation.ts';
import type { RunningWorkflows } from './running-workflows.ts';
import type { StageSteps } from './run-execution-steps.ts';
import type { Segment, StageRun } from './segment.ts';
import { RUN_EXECUTION, segmentWorkflowId } from './segment.ts';

/** Registers the workflow; called once per process, before DBOS is launched. */
export function registerRunExecution(steps: StageSteps, running: RunningWorkflows): void {
  DBOS.registerWorkflow(
    async (segment: Segment) => {
      await running.whileRunning(segmentWorkflowId(segment), async () => {
        for (let stage: string | undefined = segment.stage; stage !== undefined;) {
          const run: StageRun = { ...segment, stage };
          const begun = await DBOS.runStep(() => steps.begin(run), { name: `begin ${stage}` });
          if (!begun) return;
          const result: OperationResult = await DBOS.runStep(() => steps.operate(run), { name: `operate ${stage}` });
          stage = await DBOS.runStep(() => steps.finish(run, result), { name: `finish ${stage}` });
        }
      });
    },
    { name: RUN_EXECUTION, maxRecoveryAttempts: 1_000 },
  );
}
