/** What is valid and probably not meant. */
import type { PipelineRequest } from '../blueprint.ts';

/** Hourly schedules leave this many seconds (guide, `monitor_max_runtime_seconds`). */
const HOURLY_LIMIT: Record<string, number> = {
  byom_data_quality_monitor: 3_300,
  byom_model_explainability_monitor: 3_300,
  byom_model_quality_monitor: 1_800,
  byom_model_bias_monitor: 1_800,
};

const HOURLY = 'cron(0 * ? * * *)';

/** @param sent the body as it came, to tell what was changed on the way in */
export function warningsOn(request: PipelineRequest, sent: Record<string, unknown>): string[] {
  return [...s3Prefixes(request, sent), ...hourlyRuntime(request)];
}

function s3Prefixes(request: PipelineRequest, sent: Record<string, unknown>): string[] {
  return Object.entries(sent)
    .filter(([key, value]) => texts(value).some((text) => text.startsWith('s3://')) && key in request)
    .map(([key]) => `"${key}" was taken without s3://.`);
}

function hourlyRuntime(request: PipelineRequest): string[] {
  const limit = HOURLY_LIMIT[request.pipeline_type];
  const hourly = texts(request.schedule_expression).includes(HOURLY);
  const longest = Math.max(...numbers(request.monitor_max_runtime_seconds));
  if (!limit || !hourly || longest <= limit) return [];
  return [
    `"monitor_max_runtime_seconds" is ${longest}: with an hourly schedule SageMaker may refuse more than ${limit} for this monitor.`,
  ];
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? Object.values(value).filter((one) => typeof one === 'string')
    : [];
}

function numbers(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null
    ? Object.values(value).filter((one) => typeof one === 'number')
    : [];
}
