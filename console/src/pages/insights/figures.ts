/** Figures over time from executions. Pure. */
import type { Execution, Stage } from '../../api/model.ts';
import { isUnfinished } from '../../api/model.ts';

export type Result = 'succeeded' | 'failed' | 'ended';

/** Rejected, cancelled and superseded executions ended without a deployment, and without a failure. */
export function resultOf({ status }: Execution): Result | undefined {
  if (isUnfinished(status)) return undefined;
  if (status === 'Succeeded') return 'succeeded';
  return status === 'Failed' ? 'failed' : 'ended';
}

export interface Day extends Record<Result, number> {
  /** `2026-01-31`, in the time zone of the browser. */
  day: string;
}

/** Executions that ended, by the day on which they were requested; days without any are there too. */
export function resultsByDay(executions: readonly Execution[], days: number, now: number): Day[] {
  const empty = Array.from({ length: days }, (_, index) => dayOf(now - (days - 1 - index) * 86_400_000));
  const byDay = new Map(empty.map((day): [string, Day] => [day, { day, succeeded: 0, failed: 0, ended: 0 }]));
  for (const execution of executions) {
    const result = resultOf(execution);
    const entry = byDay.get(dayOf(Date.parse(execution.created)));
    if (result && entry) entry[result] += 1;
  }
  return [...byDay.values()];
}

function dayOf(time: number): string {
  // The only locale whose dates are written so.
  return new Date(time).toLocaleDateString('sv');
}

export interface Deployment {
  execution: Execution;
  environment: string;
  at: number;
  seconds: number;
  result: 'succeeded' | 'failed';
}

/** How long each deployment of a stack took, oldest first. */
export function deployments(executions: readonly Execution[]): Deployment[] {
  return executions
    .flatMap((execution) =>
      execution.stages.flatMap((stage): Deployment[] => {
        const { kind, status, started, ended, environment = '' } = stage;
        if (kind !== 'deploy' || !started || !ended || (status !== 'Succeeded' && status !== 'Failed')) return [];
        const at = Date.parse(started);
        const seconds = (Date.parse(ended) - at) / 1_000;
        return [{ execution, environment, at, seconds, result: status === 'Failed' ? 'failed' : 'succeeded' }];
      }),
    )
    .toSorted((a, b) => a.at - b.at);
}

export interface Span {
  key: string;
  execution: Execution;
  stage: Stage;
  from: number;
  to: number;
}

/** Stages that took time, by pipeline: deployments, removals and waits for approval; the latest pipelines first. */
export function timeline(executions: readonly Execution[], now: number): { pipelineId: string; spans: Span[] }[] {
  const byPipeline = Map.groupBy(executions, ({ pipelineId }) => pipelineId);
  return [...byPipeline].map(([pipelineId, own]) => ({
    pipelineId,
    spans: own.flatMap((execution) =>
      execution.stages
        .filter(({ kind, started }) => kind !== 'source' && started)
        .map((stage) => ({
          key: `${execution.executionId} ${stage.name}`,
          execution,
          stage,
          from: Date.parse(stage.started ?? ''),
          to: stage.ended ? Date.parse(stage.ended) : now,
        })),
    ),
  }));
}
