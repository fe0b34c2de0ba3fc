/**
 * The live events of an execution, over SSE. `EventSource` delivers only event types that were registered beforehand, so the stream is
 * read with fetch; a broken connection is resumed after the last event.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { API_URL } from './client.ts';
import type { ExecutionEvent } from './execution-event.ts';

const RETRY_MS = 2_000;

/**
 * Yields batches of events: what has happened, then what happens, until the execution has ended or `signal` aborts.
 * @param onConnected tells whether the connection is up
 */
export async function* followExecution(
  executionId: string,
  signal: AbortSignal,
  onConnected: (connected: boolean) => void,
): AsyncGenerator<ExecutionEvent> {
  let last = 0;
  while (!signal.aborted) {
    try {
      for await (const message of messages(executionId, last, signal)) {
        onConnected(true);
        if (message.event === 'end') return;
        const event = JSON.parse(message.data) as ExecutionEvent;
        last = event.sequence;
        yield event;
      }
    } catch (error) {
      if (signal.aborted || error instanceof StreamRefused) return;
    }
    onConnected(false);
    await pause(RETRY_MS, signal);
  }
}

/** The execution does not exist, or may not be seen: the page's own query says so. */
class StreamRefused extends Error {}

async function* messages(executionId: string, after: number, signal: AbortSignal) {
  const response = await fetch(`${API_URL}/executions/${encodeURIComponent(executionId)}/events`, {
    headers: { Accept: 'text/event-stream', ...(after > 0 ? { 'Last-Event-ID': String(after) } : {}) },
    signal,
  });
  if (response.status >= 400 && response.status < 500) throw new StreamRefused();
  if (!response.ok || !response.body) throw new Error(`the stream was answered with ${response.status}`);
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
