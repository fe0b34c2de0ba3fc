/**
 * Destination of log lines: a file descriptor or a file. A full disk does not stop the service: lines wait in memory up to a
 * limit, are dropped beyond it, and are written again once there is space. Created by logger.ts, reported by `GET /readyz`.
 */
import pino from 'pino';

/** Maximum size in memory while nothing can be written. */
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
   * @param dest file descriptor or path; missing folders are created
   * @param onRecovered called with the number of lost lines once lines can be written again
   * @throws the system error if a file cannot be opened
   */
  constructor(dest: number | string, onRecovered: (dropped: number) => void = () => undefined) {
    this.#stream = pino.destination({
      dest,
      mkdir: true,
      // Asynchronous writing leaves lines to an exit handler that retries forever if the disk is full.
      sync: true,
      // `flush` does nothing below 1; any line is longer.
      minLength: 1,
      maxLength: BUFFER_BYTES,
      // A slow reader does not stop the service: the line waits in memory.
      retryEAGAIN: () => false,
    });
    this.#stream.on('error', (error: NodeJS.ErrnoException) => (this.#failure = error));
    // The buffer is full and the line was not written: retry the waiting lines instead.
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

  /** Retries the waiting lines, and returns the result. */
  state(): LogState {
    if (this.#failure) this.#stream.flush();
    if (!this.#failure) return { ok: true };
    const { code, message } = this.#failure;
    const lost = this.#dropped === 0 ? '' : `; ${this.#dropped} lines were dropped`;
    return { ok: false, detail: `The log cannot be written (${code ?? message})${lost}.` };
  }
}

/** @returns the state of the destination of a logger, or of its parent */
export function logStateOf(logger: pino.Logger): LogState {
  const stream = (logger as unknown as Record<symbol, unknown>)[pino.symbols.streamSym];
  return stream instanceof LogDestination ? stream.state() : { ok: true };
}
