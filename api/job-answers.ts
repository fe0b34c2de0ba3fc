/** The shape of the jobs of a pipeline: a part of the table in answers.ts. */
import Joi from 'joi';
import { JOB_KINDS } from '../blueprints/blueprint.ts';
import { counts, environment, text, time } from './answer-pieces.ts';

const job = Joi.object({
  kind: Joi.string()
    .valid(...JOB_KINDS)
    .required()
    .description('`monitoring` is a run of a monitor by its schedule.'),
  name: text('Name in SageMaker; of a run of a monitor that has not started the name of its schedule.').required(),
  arn: text('ARN in SageMaker; of a run of a monitor that of its processing job.'),
  status: text(
    "SageMaker's own: `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`; of a run of a monitor also `Pending`, `CompletedWithViolations`.",
  ).required(),
  created: time('When it was created.').required(),
  ended: time('When it ended.'),
  scheduled: time('When a run of a monitor was due.'),
  failureReason: text('Why it failed, in the words of SageMaker.'),
  metrics: Joi.array()
    .items(Joi.object({ name: text('Name of the metric.').required(), value: Joi.number().required() }))
    .required()
    .description('Final metrics; of a tuning or Autopilot job those of the best candidate.'),
  artifact: text('Location of the model in S3; of a tuning or Autopilot job the best one.'),
  output: text('Location of the results in S3, of a transform job, a baseline or a run of a monitor.'),
  best: text('The best training job of a tuning job, or the best candidate of an Autopilot job.'),
  trainingJobs: counts('Training jobs of a tuning job, by status.'),
  violations: Joi.object({
    count: Joi.number().integer().description('Absent if SageMaker does not say.'),
    report: text('Location of the report in S3.'),
    entries: Joi.array()
      .items(
        Joi.object({
          feature: text('Feature, facet or label.'),
          check: text('The violated constraint, such as `data_type_check`.'),
          description: text('What was found.'),
        }),
      )
      .description('The first of them; absent if the service may not read the report.'),
  }).description('What a run of a monitor found.'),
});

export const JOB_ANSWERS = {
  PipelineJobs: Joi.object({
    pipelineId: text('Id of the pipeline.').required(),
    environments: Joi.array()
      .items(
        Joi.object({
          environment: environment.required(),
          jobs: Joi.array().items(job).required().description('Newest first.'),
          next: time('Present if there may be older jobs: pass it as `after`.'),
          error: Joi.object({
            code: text('Error code of AWS, or `TIMED_OUT`.').required(),
            message: text('What happened.').required(),
          }).description('Why there is no answer from this environment; the others are not affected.'),
        }),
      )
      .required()
      .description('Empty for a pipeline type that runs no jobs.'),
  }),
};
