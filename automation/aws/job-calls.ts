/** The SageMaker jobs of a pipeline, as they are looked up in an account. Production uses AWS; the sandbox has a stand-in. */
import type { JobKind, JobNames } from '../../blueprints/blueprint.ts';

/** A constraint that captured data violated, as a report of SageMaker or Clarify names it. */
export interface Violation {
  /** Feature, facet or label. */
  feature?: string;
  /** Such as `data_type_check`, `completeness_check`, `bias_drift_check`. */
  check?: string;
  description?: string;
}

/** What a run of a monitor found. */
export interface Violations {
  /** As SageMaker counts them; absent if it does not say. */
  count?: number;
  /** Location of the report. */
  report?: string;
  /** The first of them; absent if the report may not be read. */
  entries?: Violation[];
}

/** A job, or a run of a monitor. */
export interface Job {
  kind: JobKind;
  name: string;
  arn?: string;
  /** SageMaker's own: `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`; of monitors also `Pending` and `CompletedWithViolations`. */
  status: string;
  created: string;
  ended?: string;
  failureReason?: string;
  /** Final metrics: of a tuning or Autopilot job those of its best candidate. */
  metrics: { name: string; value: number }[];
  /** Location of the model; of a tuning or Autopilot job the best one's. */
  artifact?: string;
  /** Location of the results of a transform job, a baseline or a run of a monitor. */
  output?: string;
  /** The best training job of a tuning job, or the best candidate of an Autopilot job. */
  best?: string;
  /** Training jobs of a tuning job, by their status. */
  trainingJobs?: Record<string, number>;
  /** When a run of a monitor was due. */
  scheduled?: string;
  violations?: Violations;
}

export interface JobQuery extends JobNames {
  /** Jobs that bear the tag of another pipeline are left out. */
  pipelineId: string;
  /** Maximum number of jobs. */
  limit: number;
  /** Only jobs created before this time. */
  before?: string;
}

export interface JobPage {
  /** Newest first. */
  jobs: Job[];
  /** Present if there may be older ones: everything created at or after this time has been looked at. */
  next?: string;
}

/** The tag on every resource of a pipeline. */
export const PIPELINE_TAG = 'mlops:pipeline-id';
