/**
 * The model: what one sequence of requests knows about its pipeline, and what every answer has to be. It holds no copy of
 * the workflow: executions are read as they are, and checked against the invariants.
 */
import assert from 'node:assert/strict';
import type { Execution, ResourceChange } from '../../automation/model.ts';
import { until } from '../support/until.ts';
import type { Answer } from './callers.ts';
import type { CrashingService } from './crashing-service.ts';

export const PROJECT = 'byom-realtime-builtin';
export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
export const REQUESTER = 'alice';
/** None of them asks for anything, so each may approve. */
export const APPROVERS = ['bob', 'carol', 'frank'] as const;

/** Longer than anything takes on a busy machine: an execution that has not settled by then never will. */
const SETTLED_WITHIN_MS = 60_000;

export interface Act {
  principal: string;
  action: string;
  executionId?: string;
  environment?: string;
}

/** A question to people, as it was when somebody answered it. */
export interface Asked {
  executionId: string;
  environment: string;
  changes: readonly ResourceChange[];
}

export class Story {
  readonly service: CrashingService;
  readonly modelName: string;
  readonly pipelineId: string;
  /** Acts that were answered with success: each has to be in the audit once. */
  readonly acts: Act[] = [];
  /** Acts of which the answer was lost in a crash: each may be in the audit, once. */
  readonly uncertainActs: Omit<Act, 'executionId' | 'environment'>[] = [];
  /** By hash. */
  readonly asked = new Map<string, Asked>();
  /** Answers that named an execution which had not been there before. */
  readonly accepted = new Set<string>();
  /** How often each execution was retried. */
  readonly retries = new Map<string, number>();
  /** The last body that was asked for. */
  latestBody: Record<string, unknown> | undefined;
  /** What ended executions looked like, and how long the journal was by then. */
  readonly #ended = new Map<string, { seen: string; journal: number }>();

  constructor(service: CrashingService, modelName: string) {
    this.service = service;
    this.modelName = modelName;
    this.pipelineId = `mlops-pipeline-${modelName}-byompipelinerealtimebuiltin`;
  }

  stackOf(environment: string): string {
    return `${PROJECT}/${this.pipelineId}.${environment}`;
  }

  /** The caller, the path below the pipeline or the execution, and what is sent. */
  async call<T = Record<string, unknown>>(
    caller: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const answer = await this.service.call<T>(caller, method, path, body);
    assert.ok(answer.status < 500, `${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  /** Executions, newest first, after having checked what must hold of them at every moment. */
  async observe(): Promise<Execution[]> {
    const { status, body } = await this.call<Execution[]>('viewer', 'GET', `/pipelines/${this.pipelineId}/executions`);
    if (status === 404) return [];
    const journal = this.service.stacks.journal.length;
    const waiting = body.filter((execution) => execution.status === 'AwaitingApproval');
    assert.ok(waiting.length <= 1, `several executions wait for approval: ${waiting.map(nameOf).join(', ')}`);
    for (const execution of body) this.#mustStayEnded(execution, journal);
    for (const later of body) {
      if (later.status === 'Cancelled') continue;
      const older = waiting.find(
        ({ executionId }) => body.findIndex((one) => one.executionId === executionId) > body.indexOf(later),
      );
      assert.ok(!older, `${older && nameOf(older)} waits for approval although ${nameOf(later)} came later`);
    }
    return body;
  }

  /** Waits until every execution has ended or waits for people. */
  async settle(): Promise<Execution[]> {
    const isUnderWay = async () => (await this.service.underWay()).has(this.pipelineId);
    await until(async () => !(await isUnderWay()), `${this.pipelineId} has settled`, SETTLED_WITHIN_MS).catch(
      async (error: unknown) => {
        const { rows } = await this.service.database.query(
          `SELECT id, status, stages FROM mlops.executions WHERE pipeline_id = $1 AND status IN ('Queued', 'InProgress')`,
          [this.pipelineId],
        );
        throw new Error(`executions neither ended nor wait: ${JSON.stringify(rows)}`, { cause: error });
      },
    );
    return await this.observe();
  }

  /** Whether the executions can change without being asked to. */
  static isSettled(executions: readonly Execution[]): boolean {
    return !executions.some(({ status }) => status === 'Queued' || status === 'InProgress');
  }

  /** Notes that an execution is retried: it may change from now on. @returns what takes the note back */
  revive(executionId: string): () => void {
    const before = this.#ended.get(executionId);
    this.#ended.delete(executionId);
    this.retries.set(executionId, (this.retries.get(executionId) ?? 0) + 1);
    return () => {
      if (before) this.#ended.set(executionId, before);
      this.retries.set(executionId, (this.retries.get(executionId) ?? 1) - 1);
    };
  }

  #mustStayEnded(execution: Execution, journal: number): void {
    if (['Queued', 'InProgress', 'AwaitingApproval'].includes(execution.status)) return;
    const { executionId } = execution;
    const seen = JSON.stringify(execution);
    const before = this.#ended.get(executionId);
    if (!before) {
      this.#ended.set(executionId, { seen, journal });
      return;
    }
    assert.equal(seen, before.seen, `${nameOf(execution)} had ended and has changed`);
    const late = this.service.stacks.journal
      .slice(before.journal)
      .filter((operation) => operation.executionId === executionId);
    assert.deepEqual(late, [], `${nameOf(execution)} had ended and went on`);
  }
}

export function nameOf({ kind, revision, status, executionId }: Execution): string {
  return `${kind} of revision ${revision} (${executionId}, ${status})`;
}
