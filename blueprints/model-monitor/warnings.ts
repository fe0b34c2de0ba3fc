/** Warnings about values of a monitor's request that are valid but probably unintended. Pure. */
import type { PipelineRequest } from '../blueprint.ts';
import { perStageCombinations } from '../shared/schema/stages.ts';
import { isHourly, monitorRuntime } from './schedule-schema.ts';
import type { MonitorKind } from './monitor-request.ts';

/** Seconds that an hourly schedule leaves to the other monitors' jobs (guide, `monitor_max_runtime_seconds`). */
const HOURLY_ADVICE = 3_300;
const HOURLY = 'cron(0 * ? * * *)';
const BINARY_KEYS = [
  'monitor_probability_attribute',
  'probability_threshold_attribute',
  'baseline_probability_attribute',
] as const;

export function monitorWarnings(kind: MonitorKind, request: PipelineRequest): string[] {
  return [...hourlyRuntime(kind, request), ...binaryOnly(request), ...noPrediction(kind, request)];
}

/** The guide's own examples exceed the limits, so these are not errors. */
function hourlyRuntime(kind: MonitorKind, request: PipelineRequest): string[] {
  const { schedule_expression: schedule, monitor_max_runtime_seconds: seconds } = request;
  const hourly = perStageCombinations(schedule, seconds).flatMap(([expression, value]) =>
    isHourly(expression) && typeof value === 'number' ? value : [],
  );
  const longest = Math.max(0, ...hourly);
  const used = monitorRuntime(kind, { schedule_expression: HOURLY, monitor_max_runtime_seconds: longest });
  if (used < longest) {
    return [
      `"monitor_max_runtime_seconds" is ${longest}: with an hourly schedule SageMaker accepts no more than ${used} for this monitor, which is used.`,
    ];
  }
  return longest > HOURLY_ADVICE
    ? [
        `"monitor_max_runtime_seconds" is ${longest}: with an hourly schedule SageMaker may reject more than ${HOURLY_ADVICE} for this monitor.`,
      ]
    : [];
}

function binaryOnly({ problem_type: problem, ...request }: PipelineRequest): string[] {
  if (typeof problem !== 'string' || problem === 'BinaryClassification') return [];
  return BINARY_KEYS.filter((key) => request[key] !== undefined).map(
    (key) => `"${key}" has no effect without "problem_type": "BinaryClassification".`,
  );
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html (InferenceAttribute, ProbabilityAttribute) */
function noPrediction(kind: MonitorKind, request: PipelineRequest): string[] {
  const compares = kind === 'model_quality' || kind === 'model_bias';
  const { monitor_inference_attribute: inference, monitor_probability_attribute: probability } = request;
  return compares && inference === undefined && probability === undefined
    ? [
        'Neither "monitor_inference_attribute" nor "monitor_probability_attribute" is given: the monitoring jobs cannot find the predictions in the captured responses.',
      ]
    : [];
}
