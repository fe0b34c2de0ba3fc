/** Follows an execution until it has ended or waits for approval, with a line of progress for each event. */
import { StreamLost } from '../../client/follow.ts';
import type { Execution, ExecutionDetail } from '../../client/model.ts';
import type { ApiClient } from './client.ts';
import { ATTEMPTS, answerOf } from './client.ts';
import { eventLine } from './describe.ts';
import { EXIT, UsageError } from './exit-codes.ts';

/**
 * Ctrl-C ends `mlops` and not the execution.
 * @param say gets each line of progress
 */
export async function watch(
  api: ApiClient,
  executionId: string,
  say: (line: string) => void,
): Promise<ExecutionDetail> {
  const continues = () => say(`The execution continues: mlops watch ${executionId}`);
  const onInterrupt = () => {
    continues();
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await followed(api, executionId, say);
  } catch (error) {
    if (error instanceof StreamLost) continues();
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function followed(api: ApiClient, executionId: string, say: (line: string) => void): Promise<ExecutionDetail> {
  const onBroken = (attempt: number, { message }: Error) =>
    say(`The connection broke off (${message.replace(/\.$/, '')}); trying again, ${attempt} of ${ATTEMPTS}.`);
  for await (const event of api.follow(executionId, { onBroken })) {
    say(eventLine(event));
    if (event.type !== 'approval.requested') continue;
    const execution = await executionOf(api, executionId);
    // An earlier request for approval may have been answered long ago.
    if (execution.status === 'AwaitingApproval') return execution;
  }
  return await executionOf(api, executionId);
}

export async function executionOf(api: ApiClient, id: string): Promise<ExecutionDetail> {
  return await answerOf(api.GET('/executions/{id}', { params: { path: { id } } }));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isExecutionId(id: string): boolean {
  return UUID.test(id);
}

/**
 * Resolves the id of a pipeline to its latest execution.
 * @param id of an execution or of a pipeline
 * @throws UsageError for a pipeline without executions
 */
export async function executionIdOf(api: ApiClient, id: string): Promise<string> {
  if (isExecutionId(id)) return id;
  const { latestExecutionId } = await answerOf(api.GET('/pipelines/{id}', { params: { path: { id } } }));
  if (latestExecutionId === undefined) throw new UsageError(`Pipeline ${id} has no execution.`);
  return latestExecutionId;
}

/** The exit code for an execution that has ended, or that is not waited for any longer. */
export function outcomeOf({ status }: Pick<Execution, 'status'>): number {
  if (status === 'Succeeded') return EXIT.done;
  return status === 'AwaitingApproval' ? EXIT.awaitsApproval : EXIT.failed;
}
