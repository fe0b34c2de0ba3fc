/** A queue of events as SQS has it: a received message is hidden for a while, and returns unless it is deleted. */
import { createHash, randomUUID } from 'node:crypto';

/** SQS' default. */
const VISIBILITY_MS = 30_000;

interface Queued {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  received: number;
}

/** As ReceiveMessage answers. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html */
export interface QueueMessage {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  Attributes: { ApproximateReceiveCount: string };
}

export class EventQueue {
  readonly #messages = new Map<string, Queued>();
  #arrived = Promise.withResolvers<undefined>();

  send(body: string): void {
    const id = randomUUID();
    this.#messages.set(id, { id, body, visibleAt: 0, received: 0 });
    this.#wake();
  }

  /**
   * Long polling.
   * @param signal ends the wait
   */
  async receive(maximum: number, waitMs: number, signal: AbortSignal): Promise<QueueMessage[]> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const now = Date.now();
      const visible = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt <= now).slice(0, maximum);
      if (visible.length > 0 || now >= deadline || signal.aborted) return visible.map((one) => taken(one, now));
      const next = Math.min(deadline, ...[...this.#messages.values()].map(({ visibleAt }) => visibleAt));
      await this.#until(next - now, signal);
    }
  }

  delete(receiptHandle: string): void {
    this.#messages.delete(receiptHandle);
  }

  #wake(): void {
    this.#arrived.resolve(undefined);
    this.#arrived = Promise.withResolvers();
  }

  /** A message arrives, the time has passed, or nobody waits any longer. */
  async #until(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), ms);
    const onAbort = () => resolve(undefined);
    signal.addEventListener('abort', onAbort);
    await Promise.race([promise, this.#arrived.promise]);
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function taken(message: Queued, now: number): QueueMessage {
  message.visibleAt = now + VISIBILITY_MS;
  message.received++;
  return {
    MessageId: message.id,
    ReceiptHandle: message.id,
    Body: message.body,
    MD5OfBody: createHash('md5').update(message.body).digest('hex'),
    Attributes: { ApproximateReceiveCount: String(message.received) },
  };
}
