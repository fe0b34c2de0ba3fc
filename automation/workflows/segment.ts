/** The unit of work of an execution in the queue. Pure. */

/** Consecutive stages without a wait in between. Plain JSON: the stored input of the workflow. */
export interface Segment {
  executionId: string;
  /** The first stage. */
  stage: string;
  /** Number of the dispatch: a segment that is not the latest one does nothing. */
  attempt: number;
}

export type StageRun = Segment;

export const STACK_QUEUE = 'stack-operations';
export const RUN_EXECUTION = 'runExecution';

/**
 * Workflow ids are derived from this, so that queueing the same segment twice results in one run: even if the process died
 * before it could record the first time, and the segment has reached another stage since.
 */
export function segmentWorkflowId({ executionId, attempt }: Pick<Segment, 'executionId' | 'attempt'>): string {
  return `${executionId}/${attempt}`;
}
