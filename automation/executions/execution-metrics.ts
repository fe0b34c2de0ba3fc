/** What this process has brought to an end, for `GET /metrics`: executions by result, and how long their stages took. */
import { Counter, Histogram } from 'prom-client';
import type { Metric } from 'prom-client';
import type { ExecutionStage } from '../model.ts';
import { hasEnded } from './status.ts';
import type { StoredExecution } from './transitions/transition.ts';

/** From a stage that has nothing to do to one that waits a day for approval, in seconds. */
const STAGE_BUCKETS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

export class ExecutionMetrics {
  readonly #finished = new Counter({
    name: 'mlops_executions_finished_total',
    help: 'Executions that ended, by kind and result.',
    labelNames: ['kind', 'status'] as const,
    registers: [],
  });
  readonly #stages = new Histogram({
    name: 'mlops_stage_duration_seconds',
    help: 'Time from the start of a stage to its end; of stages of the kind "approval", the time that people took.',
    labelNames: ['kind', 'environment', 'status'] as const,
    buckets: STAGE_BUCKETS,
    registers: [],
  });
  /** Registered with the metrics registry of the process that serves them. */
  readonly all: readonly Metric[] = [this.#finished, this.#stages];

  /** Counts what a transition, once committed, has ended. */
  observe(before: StoredExecution, after: StoredExecution): void {
    if (hasEnded(after) && !hasEnded(before)) this.#finished.inc({ kind: after.kind, status: after.status });
    for (const stage of after.stages) {
      const seconds = durationOf(stage);
      const known = before.stages.find(({ name }) => name === stage.name);
      if (seconds === undefined || known?.ended === stage.ended) continue;
      this.#stages.observe({ kind: stage.kind, environment: stage.environment ?? '', status: stage.status }, seconds);
    }
  }
}

/** @returns undefined of a stage that has not begun or not ended */
function durationOf({ started, ended }: ExecutionStage): number | undefined {
  if (started === undefined || ended === undefined) return undefined;
  return Math.max(0, (Date.parse(ended) - Date.parse(started)) / 1_000);
}
