/** The unit of work of an execution in the queue. Pure. */

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
