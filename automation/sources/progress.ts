/** The progress of the executions started by a file, in one line. */
import type { Execution } from '../model.ts';
import type { RequestResult } from './deliveries.ts';
import { counted } from '../notifications/wording.ts';
import type { CommitState } from './source.ts';

export interface Progress {
  state: CommitState;
  text: string;
}

const ENDED_WELL: readonly string[] = ['Succeeded', 'Superseded'];
const ENDED_BADLY: readonly string[] = ['Failed', 'Cancelled', 'Rejected'];

/** @returns `pending` until every execution has ended; then `failure` if one has failed. */
export async function progressOf(
  results: readonly RequestResult[],
  getExecution: (executionId: string) => Promise<Execution>,
): Promise<Progress> {
  const executions: Execution[] = [];
  for (const { executionId } of results) if (executionId) executions.push(await getExecution(executionId));
  const bad = executions.filter(({ status }) => ENDED_BADLY.includes(status));
  const open = executions.filter(({ status }) => !ENDED_WELL.includes(status) && !ENDED_BADLY.includes(status));
  if (open.length > 0) {
    const waiting = open.filter(({ status }) => status === 'AwaitingApproval').length;
    const what = waiting > 0 ? `${counted(waiting, 'pipeline')} waiting for approval` : 'deployment in progress';
    return {
      state: 'pending',
      text: `${executions.length - open.length} of ${counted(executions.length, 'pipeline')} done; ${what}`,
    };
  }
  if (bad.length === 0) return { state: 'success', text: successOf(executions) };
  return { state: 'failure', text: bad.map(failureOf).join('; ') };
}

function successOf(executions: readonly Execution[]): string {
  const superseded = executions.filter(({ status }) => status === 'Superseded').length;
  const rest = superseded > 0 ? `, ${superseded} superseded by a later request` : '';
  return `${counted(executions.length - superseded, 'pipeline')} deployed${rest}`;
}

function failureOf({ pipelineId, status, stages }: Execution): string {
  const error = stages.find((stage) => stage.error)?.error;
  return `${pipelineId} ${status === 'Failed' ? 'failed' : `was ${status.toLowerCase()}`}${error ? `: ${error.message}` : ''}`;
}
