/** Warnings about values of a tuning request that are valid but probably unintended. Pure. */
import type { TuningRequest } from './job.ts';

export function tuningWarnings({ tuner_configs: tuner, validation_data: validation }: TuningRequest): string[] {
  const { objective_metric_name: objective, base_tuning_job_name: baseName } = tuner;
  return [
    ...(objective.startsWith('validation:') && validation === undefined
      ? [`"objective_metric_name" is ${objective}, which is computed on "validation_data", but none is specified.`]
      : []),
    ...(baseName ? ['"base_tuning_job_name" of "tuner_configs" has no effect: "job_name" names the job.'] : []),
  ];
}
