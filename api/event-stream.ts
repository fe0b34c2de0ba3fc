/**
 * Server-Sent Events.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { once } from 'node:events';
import type { Response } from 'express';

/** A browser whose connection broke comes back after this long. */
const RECONNECT_MS = 2_000;
/** One whose stream ends by plan comes back at once. */
const NEXT_STREAM_MS = 250;

export interface StreamSettings {
  /** Between the comments that keep an idle connection open. */
  readonly heartbeatSeconds: number;
  /** The stream is closed after this; undefined: it stays open. */
  readonly streamSeconds?: number;
}

export interface StreamedEvent {
  /** Comes back as `Last-Event-ID` when the client reconnects; left out for what must not be resumed after. */
  id?: number;
  event: string;
  data: unknown;
}

/** One open event stream: writes events as they come, comments in between, and reports when the client has gone. */
export class EventStream {
  readonly #response: Response;
  readonly #closed = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #end: NodeJS.Timeout | undefined;

  /**
   * Sends the headers at once.
   * @param shutdown ends the stream from our side.
   */
  constructor(response: Response, { heartbeatSeconds, streamSeconds }: StreamSettings, shutdown: AbortSignal) {
    this.#response = response;
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      // nginx buffers answers unless this header turns it off: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
      'X-Accel-Buffering': 'no',
    });
    // The first write sends the headers too, so that a client knows at once that it is connected.
    response.write(`retry: ${streamSeconds === undefined ? RECONNECT_MS : NEXT_STREAM_MS}\n\n`);
    this.#heartbeat = setInterval(() => response.write(': heartbeat\n\n'), heartbeatSeconds * 1_000);
    const stop = () => this.close();
    if (streamSeconds !== undefined) this.#end = setTimeout(stop, streamSeconds * 1_000);
    // A write that meets a socket that has just broken raises here; unheard it would end the process.
    response.on('error', stop);
    response.once('close', () => {
      shutdown.removeEventListener('abort', stop);
      stop();
    });
    if (shutdown.aborted) stop();
    else shutdown.addEventListener('abort', stop, { once: true });
  }

  /** Aborted when the client has gone or the stream was ended. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** Writes one event; waits while the client does not read, so that a slow one costs no memory. */
  async send({ id, event, data }: StreamedEvent): Promise<void> {
    if (this.signal.aborted) return;
    const lines = [...(id === undefined ? [] : [`id: ${id}`]), `event: ${event}`, `data: ${JSON.stringify(data)}`];
    if (this.#response.write(`${lines.join('\n')}\n\n`)) return;
    // A client that went away never drains.
    await once(this.#response, 'drain', { signal: this.signal }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }

  /** Ends the answer; calling it again does nothing. */
  close(): void {
    if (this.signal.aborted) return;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#end);
    this.#closed.abort();
    this.#response.end();
  }
}
