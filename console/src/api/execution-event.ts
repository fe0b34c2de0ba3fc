/** One event of an execution, as its stream sends it. */
export interface ExecutionEvent {
  sequence: number;
  at: string;
  type: string;
  stage?: string;
  environment?: string;
  data: Record<string, unknown>;
}
