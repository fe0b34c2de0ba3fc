/** What is valid and probably not meant. */
import type { PipelineRequest } from '../blueprint.ts';
import { isHourly } from '../model-monitor/schedule-schema.ts';
import { serverlessWarnings } from '../realtime-inference/endpoint-settings.ts';

/** Seconds that an hourly schedule leaves to a monitoring job (guide, `monitor_max_runtime_seconds`). */
const HOURLY_LIMIT: Readonly<Record<string, number>> = {
  byom_data_quality_monitor: 3_300,
  byom_model_explainability_monitor: 3_300,
  byom_model_quality_monitor: 1_800,
  byom_model_bias_monitor: 1_800,
};

/** @param sent the body as it came, to tell what was changed on the way in */
export function warningsOn(request: PipelineRequest, sent: Readonly<Record<string, unknown>>): string[] {
  return [
    ...s3Prefixes(request, sent),
    ...hourlyRuntime(request),
    ...withoutEffect(request),
    ...serverlessWarnings(request),
  ];
}

function s3Prefixes(request: PipelineRequest, sent: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(request)
    .filter((key) => startsWithScheme(sent[key]) && !startsWithScheme(request[key]))
    .map((key) => `"${key}" was taken without s3://.`);
}

function startsWithScheme(value: unknown): boolean {
  return stageValuesOf(value).some((one) => typeof one === 'string' && one.startsWith('s3://'));
}

/** The guide's own examples go beyond the limits that the guide gives, so these are no faults. */
function hourlyRuntime(request: PipelineRequest): string[] {
  const limit = HOURLY_LIMIT[request.pipeline_type];
  if (limit === undefined) return [];
  const { schedule_expression: schedule, monitor_max_runtime_seconds: seconds } = request;
  const stages = [...new Set([schedule, seconds].flatMap(stagesOf))];
  const pairs =
    stages.length === 0 ? [[schedule, seconds]] : stages.map((one) => [at(schedule, one), at(seconds, one)]);
  const tooLong = pairs
    .filter(([expression, value]) => isHourly(expression) && typeof value === 'number' && value > limit)
    .map(([, value]) => Number(value));
  if (tooLong.length === 0) return [];
  return [
    `"monitor_max_runtime_seconds" is ${Math.max(...tooLong)}: with an hourly schedule SageMaker may refuse more than ` +
      `${limit} for this monitor.`,
  ];
}

function withoutEffect(request: PipelineRequest): string[] {
  const { s3_data_type: dataType, attribute_names: names, problem_type: problem } = request;
  const notBinary = typeof problem === 'string' && problem !== 'BinaryClassification';
  return [
    ...(names !== undefined && dataType !== 'AugmentedManifestFile'
      ? ['"attribute_names" has no effect but with "s3_data_type": "AugmentedManifestFile".']
      : []),
    ...['monitor_probability_attribute', 'probability_threshold_attribute', 'baseline_probability_attribute']
      .filter((key) => notBinary && request[key] !== undefined)
      .map((key) => `"${key}" has no effect but with "problem_type": "BinaryClassification".`),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stagesOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function stageValuesOf(value: unknown): unknown[] {
  return isObject(value) ? Object.values(value) : [value];
}

function at(value: unknown, stage: string): unknown {
  return isObject(value) ? value[stage] : value;
}
