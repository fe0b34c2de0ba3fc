/**
 * The SQS queue of events: takes messages by long polling, hands each to what is there for its kind, and deletes it only
 * once that has done its work. A message that cannot be handled stays, and goes to the dead-letter queue by the queue's
 * own redrive policy.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from 'pino';
import type { QueueEvent } from './queue-event.ts';
import { eventsOf } from './queue-event.ts';

/** Does its work durably, or throws. May be called again with the same event: queues deliver at least once. */
export type EventHandler = (event: QueueEvent) => Promise<void>;

/** `detail-type` → what is done with it. An event of another type is left to the dead-letter queue, where people see it. */
export type EventHandlers = Readonly<Record<string, EventHandler>>;

export interface QueueDependencies {
  sqs: SQSClient;
  queueUrl: string;
  handlers: EventHandlers;
  logger: Logger;
}

/** The longest there is. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html */
const WAIT_SECONDS = 20;
const BATCH = 10;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export class EventQueue {
  readonly #parts: QueueDependencies;
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(parts: QueueDependencies) {
    this.#parts = parts;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Messages being handled are finished; those received but not started return to the queue automatically. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted;) {
      try {
        for (const message of await this.#receive()) if (!signal.aborted) await this.#handle(message);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.logger.warn({ reason: (error as Error).message, pause }, 'the queue of events cannot be read');
        await delay(pause, undefined, { signal }).catch(() => undefined);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  async #receive(): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#parts.queueUrl,
      WaitTimeSeconds: WAIT_SECONDS,
      MaxNumberOfMessages: BATCH,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    return (await this.#parts.sqs.send(command, { abortSignal: this.#stopped.signal })).Messages ?? [];
  }

  /** Deletes the message if all of its events were handled. */
  async #handle({ Body, MessageId, ReceiptHandle, Attributes }: Message): Promise<void> {
    const { sqs, queueUrl, handlers, logger } = this.#parts;
    try {
      for (const event of eventsOf(Body ?? '')) {
        const handler = Object.hasOwn(handlers, event.detailType) ? handlers[event.detailType] : undefined;
        if (!handler) throw new Error(`events of type "${event.detailType.slice(0, 100)}" are not supported`);
        await handler(event);
      }
    } catch (error) {
      const received = Attributes?.ApproximateReceiveCount;
      logger.warn({ messageId: MessageId, received, reason: (error as Error).message }, 'an event stays in the queue');
      return;
    }
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }
}
