/**
 * Server-Sent Events.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { once } from 'node:events';
import type { Response } from 'express';

/** A browser reconnects after this long if its connection broke. */
const RECONNECT_MS = 2_000;
/** It reconnects immediately if the stream was closed after its maximum duration. */
const NEXT_STREAM_MS = 250;

export interface StreamSettings {
  /** Interval between the comments that keep an idle connection open. */
  readonly heartbeatSeconds: number;
  /** The stream is closed after this; undefined: it stays open. */
  readonly streamSeconds?: number;
}

export interface StreamedEvent {
  /** Sent back as `Last-Event-ID` when the client reconnects; omitted for events that must not be a resume point. */
  id?: number;
  event: string;
  data: unknown;
}

/** One open event stream: writes events as they arrive, comments in between, and reports when the client disconnects. */
export class EventStream {
  readonly #response: Response;
  readonly #closed = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #end: NodeJS.Timeout | undefined;

  /**
   * Sends the headers immediately.
   * @param shutdown ends the stream from our side.
   */
  constructor(response: Response, { heartbeatSeconds, streamSeconds }: StreamSettings, shutdown: AbortSignal) {
    this.#response = response;
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      // nginx buffers responses unless this header turns it off: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
      'X-Accel-Buffering': 'no',
    });
    // The first write sends the headers too, so that a client knows at once that it is connected.
    response.write(`retry: ${streamSeconds === undefined ? RECONNECT_MS : NEXT_STREAM_MS}\n\n`);
    this.#heartbeat = setInterval(() => response.write(': heartbeat\n\n'), heartbeatSeconds * 1_000);
    const stop = () => this.close();
    if (streamSeconds !== undefined) this.#end = setTimeout(stop, streamSeconds * 1_000);
    // A write to a broken socket emits an error here; unhandled, it would end the process.
    response.on('error', stop);
    response.once('close', () => {
      shutdown.removeEventListener('abort', stop);
      stop();
    });
    if (shutdown.aborted) stop();
    else shutdown.addEventListener('abort', stop, { once: true });
  }

  /** Aborted when the client has disconnected or the stream was closed. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** Writes one event; waits while the client does not read, so that slow clients use no memory. */
  async send({ id, event, data }: StreamedEvent): Promise<void> {
    if (this.signal.aborted) return;
    const lines = [...(id === undefined ? [] : [`id: ${id}`]), `event: ${event}`, `data: ${JSON.stringify(data)}`];
    if (this.#response.write(`${lines.join('\n')}\n\n`)) return;
    // The socket of a disconnected client never drains.
    await once(this.#response, 'drain', { signal: this.signal }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }

  /** Ends the response; idempotent. */
  close(): void {
    if (this.signal.aborted) return;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#end);
    this.#closed.abort();
    this.#response.end();
  }
}
