/**
 * The story of one stage of an execution: begin → operate on the stack → finish, and start the next stage. A durable
 * workflow: what is between two steps may run again after a crash, a finished step never does.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { StageSteps } from '../steps.ts';

/** Plain JSON: the workflow's stored input. */
export interface StageRun {
  executionId: string;
  stage: string;
}

export const STACK_QUEUE = 'stack-operations';

/** Workflow ids are made of this, so that asking twice for the same stage makes one run. */
export function stageWorkflowId(run: StageRun): string {
  return `${run.executionId}/${run.stage}`;
}

/** Registers the workflow; called once per process, before DBOS is launched. */
export function registerRunStage(steps: StageSteps): (run: StageRun) => Promise<void> {
  return DBOS.registerWorkflow(
    async (run: StageRun) => {
      await steps.whileRunning(run, async () => {
        const begun = await DBOS.runStep(() => steps.begin(run), { name: 'begin' });
        if (!begun) return;
        const result = await DBOS.runStep(() => steps.operate(run), { name: 'operate' });
        await DBOS.runStep(() => steps.finish(run, result), { name: 'finish' });
      });
    },
    { name: 'runStage', maxRecoveryAttempts: 1_000 },
  );
}
