/** The live events of an execution for its page, which goes on trying for as long as it is open. */
import { follow, StreamRefused } from '../../../client/follow.ts';
import type { ExecutionEvent } from '../../../client/model.ts';
import { API_URL } from './client.ts';

/**
 * Yields what has happened, then what happens, until the execution has ended or `signal` aborts.
 * @param onConnected tells whether the connection is up
 */
export async function* followExecution(
  executionId: string,
  signal: AbortSignal,
  onConnected: (connected: boolean) => void,
): AsyncGenerator<ExecutionEvent> {
  const address = `${API_URL}/executions/${encodeURIComponent(executionId)}/events`;
  try {
    yield* follow({
      open: (headers) => fetch(address, { headers, signal }),
      signal,
      onConnected: () => onConnected(true),
      onBroken: () => onConnected(false),
    });
  } catch (error) {
    // The execution does not exist, or may not be seen: the page's own query says so.
    if (!(error instanceof StreamRefused)) throw error;
  }
}
