/**
 * Where log lines go: a file descriptor or a file. A full disk never takes the service down: lines wait in memory up to a
 * bound, are dropped beyond it, and are written again once there is space. Made by logger.ts, reported by `GET /readyz`.
 */
import pino from 'pino';

/** What waits in memory while nothing can be written. */
const BUFFER_BYTES = 1_048_576;

export interface LogState {
  readonly ok: boolean;
  readonly detail?: string;
}

export class LogDestination implements pino.DestinationStream {
  readonly #stream: ReturnType<typeof pino.destination>;
  #failure: NodeJS.ErrnoException | undefined;
  #dropped = 0;

  /**
   * @param dest file descriptor or path; folders of a path are made
   * @param onRecovered called with the number of lines that were lost once lines can be written again
   * @throws the system's error where a file cannot be opened
   */
  constructor(dest: number | string, onRecovered: (dropped: number) => void = () => undefined) {
    this.#stream = pino.destination({
      dest,
      mkdir: true,
      // Asynchronous writing leaves lines to an exit handler that tries for ever where the disk is full.
      sync: true,
      // `flush` does nothing below 1; any line is longer.
      minLength: 1,
      maxLength: BUFFER_BYTES,
      // A reader that is slow does not stop the service: the line waits in memory.
      retryEAGAIN: () => false,
    });
    this.#stream.on('error', (error: NodeJS.ErrnoException) => (this.#failure = error));
    // The buffer is full, so the line was not even tried: try what is waiting instead.
    this.#stream.on('drop', () => {
      this.#dropped++;
      this.#stream.flush();
    });
    this.#stream.on('write', () => {
      if (!this.#failure) return;
      this.#failure = undefined;
      const dropped = this.#dropped;
      this.#dropped = 0;
      // After what has been waiting: this event is raised in the middle of writing it.
      queueMicrotask(() => onRecovered(dropped));
    });
  }

  write(line: string): void {
    this.#stream.write(line);
  }

  /** Tries again what could not be written, and tells how it went. */
  state(): LogState {
    if (this.#failure) this.#stream.flush();
    if (!this.#failure) return { ok: true };
    const { code, message } = this.#failure;
    const lost = this.#dropped === 0 ? '' : `; ${this.#dropped} lines were dropped`;
    return { ok: false, detail: `The log cannot be written (${code ?? message})${lost}.` };
  }
}

/** @returns the state of where a logger, or the one it is a child of, writes to */
export function logStateOf(logger: pino.Logger): LogState {
  const stream = (logger as unknown as Record<symbol, unknown>)[pino.symbols.streamSym];
  return stream instanceof LogDestination ? stream.state() : { ok: true };
}
