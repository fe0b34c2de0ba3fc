/** Follows an execution until it has ended or waits for approval, with a line of progress for each event. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Execution, Pipeline } from '../../automation/model.ts';
import type { ApiClient } from './client.ts';
import { eventLine } from './describe.ts';
import { EXIT, Unreachable, UsageError } from './exit-codes.ts';

/** Attempts after 1, 2, 4, … seconds without any event: a service that is being replaced is back within a minute. */
const ATTEMPTS = 6;

/**
 * Ctrl-C ends `mlops` and not the execution.
 * @param say gets each line of progress
 */
export async function watch(api: ApiClient, executionId: string, say: (line: string) => void): Promise<Execution> {
  const onInterrupt = () => {
    say(`The execution continues: mlops watch ${executionId}`);
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await followed(api, executionId, say);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function followed(api: ApiClient, executionId: string, say: (line: string) => void): Promise<Execution> {
  for (let last = 0, failures = 0; ;) {
    try {
      for await (const event of api.follow(executionId, last)) {
        ({ sequence: last } = event);
        failures = 0;
        say(eventLine(event));
        if (event.type !== 'approval.requested') continue;
        const execution = await executionOf(api, executionId);
        // An earlier request for approval may have been answered long ago.
        if (execution.status === 'AwaitingApproval') return execution;
      }
      return await executionOf(api, executionId);
    } catch (error) {
      // A connection that breaks off in the middle of a stream is a TypeError of fetch too.
      if (!(error instanceof Unreachable || error instanceof TypeError) || ++failures > ATTEMPTS) throw error;
      say(`The connection broke off; trying again (${failures} of ${ATTEMPTS}).`);
      await delay(500 * 2 ** failures);
    }
  }
}

export async function executionOf(api: ApiClient, executionId: string): Promise<Execution> {
  return await api.call('GET', `/executions/${encodeURIComponent(executionId)}`);
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
  const { latestExecutionId } = await api.call<Pipeline>('GET', `/pipelines/${encodeURIComponent(id)}`);
  if (latestExecutionId === undefined) throw new UsageError(`Pipeline ${id} has no execution.`);
  return latestExecutionId;
}

/** The exit code for an execution that has ended, or that is not waited for any longer. */
export function outcomeOf({ status }: Execution): number {
  if (status === 'Succeeded') return EXIT.done;
  return status === 'AwaitingApproval' ? EXIT.awaitsApproval : EXIT.failed;
}
