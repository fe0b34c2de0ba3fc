/** The names of the jobs of training, tuning and Autopilot pipelines. Pure. */
import type { BlueprintDefinition, JobKind } from '../blueprint.ts';
import { jobBaseName } from '../shared/lambda/job-names.ts';
import type { JobNaming } from '../shared/lambda/job-run.ts';
import { jobNamePatterns } from '../shared/lambda/job-run.ts';

/** What tells the names of one pipeline type from those of another. */
export interface TrainingNames {
  /** Behind the model's name: `training`. */
  suffix: string;
  /** Longest name that SageMaker accepts for the job, in characters. */
  jobNameLimit: number;
}

/** The keys of a request that are in the names. */
interface NamedRequest {
  model_name: string;
  job_name?: string;
}

export function trainingJobNames(
  { model_name: model, job_name: own }: NamedRequest,
  { suffix, jobNameLimit }: TrainingNames,
): JobNaming {
  return {
    baseName: jobBaseName(`${model}-${suffix}`, jobNameLimit),
    ...(own ? { fixedName: own } : {}),
    nameLimit: jobNameLimit,
  };
}

/** Where to find the jobs: `jobs` of a blueprint. */
export function trainingJobs(kind: JobKind, names: TrainingNames): NonNullable<BlueprintDefinition['jobs']> {
  return (request) => [{ kind, names: jobNamePatterns(trainingJobNames(request as unknown as NamedRequest, names)) }];
}
