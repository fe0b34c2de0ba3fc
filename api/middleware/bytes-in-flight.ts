/**
 * Bounds the memory of large bodies that are read before their sender is known: webhooks prove who sent them by a signature
 * of the body.
 */
import type { Request, Response } from 'express';
import { OrchestratorError } from '../../automation/errors.ts';

/** Pushes rarely have more: bodies up to this size are always read. */
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
    const bytes = Math.min(announced, this.#limitBytes);
    if (!(bytes > SMALL_BYTES)) return;
    if (this.#bytes + bytes > AT_ONCE * this.#limitBytes) {
      throw new OrchestratorError('SERVICE_BUSY', 'Too many large bodies are being read. Send this one again later.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#bytes += bytes;
    response.once('close', () => (this.#bytes -= bytes));
  }
}
