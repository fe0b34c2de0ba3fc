/** Follows an execution until it has ended or waits for approval, with a line of progress for each event. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Execution } from '../../automation/model.ts';
import type { ApiClient } from './client.ts';
import { eventLine } from './describe.ts';
import { EXIT, Unreachable } from './exit-codes.ts';

/** A service that is being replaced is back within a minute: attempts after 1, 2, 4, … seconds without any event. */
const ATTEMPTS = 6;

/** @param say gets each line of progress */
export async function watch(api: ApiClient, executionId: string, say: (line: string) => void): Promise<Execution> {
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

/** The exit code for an execution that has ended, or that is not waited for any longer. */
export function outcomeOf({ status }: Execution): number {
  if (status === 'Succeeded') return EXIT.done;
  return status === 'AwaitingApproval' ? EXIT.awaitsApproval : EXIT.failed;
}
