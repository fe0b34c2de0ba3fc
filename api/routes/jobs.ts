import Joi from 'joi';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { JobsFilter } from '../../automation/pipelines/jobs.ts';
import { JOB_KINDS } from '../../blueprints/blueprint.ts';
import { environment } from '../answer-pieces.ts';
import { answer } from '../answers.ts';
import { pipelineIdOf } from '../path-ids.ts';
import type { Route } from '../route.ts';
import { time } from './list-query.ts';

/** Each job costs calls of SageMaker, which throttles them at a few a second. */
const JOBS_LIMIT = 50;
const JOBS_DEFAULT = 10;

const query = Joi.object({
  environment: environment.description('Only of this environment.'),
  kind: Joi.string()
    .valid(...JOB_KINDS)
    .description('Only of this kind.'),
  limit: Joi.number()
    .integer()
    .min(1)
    .max(JOBS_LIMIT)
    .default(JOBS_DEFAULT)
    .description(`Maximum number of jobs of each environment; ${JOBS_DEFAULT} by default.`),
  after: time('`next` of an environment: continues with its older jobs, together with `environment`.'),
}).with('after', 'environment');

/** SageMaker jobs of a pipeline, read from AWS when they are asked for. */
export function jobRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/pipelines/:id/jobs',
      role: 'viewer',
      operationId: 'getJobs',
      summary: 'Training, tuning, Autopilot and transform jobs, baselines and runs of monitors, newest first',
      description:
        'Read from SageMaker in the account of each environment. An environment that does not answer has an `error`; the others are not affected.',
      params: { id: 'Id of the pipeline, from the answer to POST /provisionpipeline.' },
      query,
      answers: { 200: { description: 'The jobs by environment', schema: answer('PipelineJobs') } },
      refusals: [404],
      async handle(call, response) {
        const { after, ...filter } = call.query as Omit<JobsFilter, 'after'> & { after?: Date };
        response.json(
          await orchestrator.jobs(pipelineIdOf(call.params), {
            ...filter,
            ...(after === undefined ? {} : { after: after.toISOString() }),
          }),
        );
      },
    },
  ];
}
