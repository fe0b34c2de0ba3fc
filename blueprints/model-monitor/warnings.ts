/** What a monitor's request says that is valid and probably not meant. Pure. */
import type { PipelineRequest } from '../blueprint.ts';
import { perStageCombinations } from '../shared/schema/stages.ts';
import { isHourly } from './schedule-schema.ts';
import type { MonitorKind } from './monitor-request.ts';

/** Seconds that an hourly schedule leaves to a monitoring job (guide, `monitor_max_runtime_seconds`). */
const HOURLY_LIMIT: Readonly<Record<MonitorKind, number>> = {
  data_quality: 3_300,
  model_explainability: 3_300,
  model_quality: 1_800,
  model_bias: 1_800,
};
const BINARY_KEYS = [
  'monitor_probability_attribute',
  'probability_threshold_attribute',
  'baseline_probability_attribute',
] as const;

export function monitorWarnings(kind: MonitorKind, request: PipelineRequest): string[] {
  return [...hourlyRuntime(HOURLY_LIMIT[kind], request), ...binaryOnly(request)];
}

/** The guide's own examples exceed the limits that the guide gives, so these are not errors. */
function hourlyRuntime(limit: number, request: PipelineRequest): string[] {
  const { schedule_expression: schedule, monitor_max_runtime_seconds: seconds } = request;
  const tooLong = perStageCombinations(schedule, seconds)
    .filter(([expression, value]) => isHourly(expression) && typeof value === 'number' && value > limit)
    .map(([, value]) => Number(value));
  if (tooLong.length === 0) return [];
  return [
    `"monitor_max_runtime_seconds" is ${Math.max(...tooLong)}: with an hourly schedule SageMaker may reject more than ` +
      `${limit} for this monitor.`,
  ];
}

function binaryOnly({ problem_type: problem, ...request }: PipelineRequest): string[] {
  if (typeof problem !== 'string' || problem === 'BinaryClassification') return [];
  return BINARY_KEYS.filter((key) => request[key] !== undefined).map(
    (key) => `"${key}" has no effect without "problem_type": "BinaryClassification".`,
  );
}
