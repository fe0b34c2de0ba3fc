/**
 * Bounds the memory that large bodies take, and how long parsing and checking them keeps all other requests waiting: tens of
 * milliseconds each. Webhooks are counted apart, since their bodies are read before their sender is known: they prove it by a
 * signature of the body.
 */
import type { Request, Response } from 'express';
import { OrchestratorError } from '../../automation/errors.ts';

/** Pushes and requests rarely have more: bodies up to this size are always read. */
const SMALL_BYTES = 65_536;
/** Large bodies of the largest size that are read at the same time. */
const AT_ONCE = 4;
const RETRY_AFTER_SECONDS = 5;

export class BytesInFlight {
  readonly #limitBytes: number;
  #bytes = 0;

  /** @param limitBytes size of the largest body */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * Counts the body of a request until it has been answered.
   * @throws OrchestratorError `SERVICE_BUSY`
   */
  count(request: Request, response: Response): void {
    // Without an announced length it may have any.
    const announced = Number(request.headers['content-length'] ?? this.#limitBytes);
    // What is announced as too large is refused without being read.
    if (!(announced > SMALL_BYTES) || announced > this.#limitBytes) return;
    const bytes = announced;
    if (this.#bytes + bytes > AT_ONCE * this.#limitBytes) {
      throw new OrchestratorError('SERVICE_BUSY', 'Too many large bodies are being read. Send this one again later.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#bytes += bytes;
    response.once('close', () => (this.#bytes -= bytes));
  }
}
