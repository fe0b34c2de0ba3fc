/** A small client of the HTTP API for the scripts and tests here: plain fetch, and events as they come. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { GuideProvisionAnswer } from '../api/guide-answers.ts';
import type { Execution, ExecutionEvent } from '../automation/model.ts';

/** An answer other than the one that was hoped for. */
export class UnexpectedAnswer extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(method: string, path: string, status: number, body: unknown) {
    super(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    this.name = 'UnexpectedAnswer';
    this.status = status;
    this.body = body;
  }
}

export class OrchestratorClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param caller who calls, as a sandbox takes it */
  constructor(url: string, caller?: string) {
    this.#url = url;
    this.#headers = caller ? { 'x-caller': caller } : {};
  }

  /** @throws UnexpectedAnswer for anything but 2xx */
  async call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as unknown;
    if (!response.ok) throw new UnexpectedAnswer(method, path, response.status, answer);
    return answer as T;
  }

  async provision(body: unknown): Promise<GuideProvisionAnswer> {
    return await this.call('POST', '/provisionpipeline', body);
  }

  async execution(executionId: string): Promise<Execution> {
    return await this.call('GET', `/executions/${executionId}`);
  }

  /** Follows an execution to its end. A broken connection is taken up again after the last event that came. */
  async *follow(executionId: string): AsyncIterable<ExecutionEvent> {
    for (let last = 0, ended = false; !ended;) {
      const response = await fetch(new URL(`/executions/${executionId}/events`, this.#url), {
        headers: { ...this.#headers, Accept: 'text/event-stream', 'Last-Event-ID': String(last) },
      });
      if (!response.ok || !response.body) {
        throw new UnexpectedAnswer('GET', `/executions/${executionId}/events`, response.status, await response.text());
      }
      const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const message of events) {
        ended = message.event === 'end';
        if (ended) break;
        const event = JSON.parse(message.data) as ExecutionEvent;
        last = event.sequence;
        yield event;
      }
    }
  }

  /** Waits until an execution has ended or waits for approval. */
  async settled(executionId: string): Promise<Execution> {
    for await (const event of this.follow(executionId)) {
      if (event.type !== 'approval.requested') continue;
      const execution = await this.execution(executionId);
      // An older request for approval may have been answered long ago.
      if (execution.status === 'AwaitingApproval') return execution;
    }
    return await this.execution(executionId);
  }

  /** Approves what the execution waits with. */
  async approve(execution: Execution, comment?: string): Promise<Execution> {
    const { environment, changeHash } = execution.approval ?? {};
    return await this.call('POST', `/executions/${execution.executionId}/approvals/${environment}`, {
      decision: 'Approved',
      changeHash,
      ...(comment ? { comment } : {}),
    });
  }

  /** Waits for the end of an execution. */
  async finished(executionId: string): Promise<Execution> {
    for await (const _event of this.follow(executionId));
    return await this.execution(executionId);
  }
}
