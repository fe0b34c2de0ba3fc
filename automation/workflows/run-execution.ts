/**
 * The story of an execution: stage by stage, each begun, operated and finished, until it has ended or waits for people.
 * A durable workflow: what is between two steps may run again after a crash, a finished step never does. What waits holds
 * no workflow and no place in the queue: the answer starts the next segment.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { OperationResult } from '../stacks/operation.ts';
import type { RunningWorkflows } from './running-workflows.ts';
import type { StageSteps } from './run-execution-steps.ts';

/** A run of stages without a wait in between. Plain JSON: the workflow's stored input. */
export interface Segment {
  executionId: string;
  /** The first stage. */
  stage: string;
  /** Which hand-over to the queue this is: a segment that is not the latest one does nothing. */
  attempt: number;
}

export type StageRun = Segment;

export const STACK_QUEUE = 'stack-operations';
export const RUN_EXECUTION = 'runExecution';

/**
 * Workflow ids are made of this, so that handing the same segment over twice makes one run: even where the process died
 * before it could note the first time, and the segment has come to another stage since.
 */
export function segmentWorkflowId({ executionId, attempt }: Pick<Segment, 'executionId' | 'attempt'>): string {
  return `${executionId}/${attempt}`;
}

/** Registers the workflow; called once per process, before DBOS is launched. */
export function registerRunExecution(
  steps: StageSteps,
  running: RunningWorkflows,
): (segment: Segment) => Promise<void> {
  return DBOS.registerWorkflow(
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
