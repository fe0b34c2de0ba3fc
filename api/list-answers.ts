/** The shapes of revisions and deliveries. */
import Joi from 'joi';
import { SOURCE_NAMES } from '../automation/sources/source.ts';
import { anything, environment, text, time } from './answer-pieces.ts';
import { origin, propertyDifference } from './execution-answers.ts';

const revisionKeys = {
  pipelineId: text('The pipeline that it is of.').required(),
  revision: Joi.number().integer().required().description('Counted from 1 in each pipeline.'),
  digest: text('Of the request: two revisions with the same digest ask for the same.').required(),
  requestedBy: text('Who asked for it.').required(),
  created: time('When it was asked for.').required(),
  origin,
  current: Joi.boolean().required().description('Whether the latest deployment is of this revision.'),
  environments: Joi.array().items(environment).required().description('Where it is deployed.'),
};

export const DELIVERY_STATUSES = [
  'Pending',
  'Following',
  'Provisioned',
  'Partial',
  'Invalid',
  'Absent',
  'Superseded',
  'Failed',
] as const;

const people = Joi.array().items(Joi.string());

export const LIST_ANSWERS = {
  RevisionSummary: Joi.object(revisionKeys),
  Revision: Joi.object({ ...revisionKeys, request: anything('The validated request.').required() }),
  RevisionDifference: Joi.object({
    pipelineId: text('The pipeline that both are of.').required(),
    from: Joi.number().integer().required().description('Number of the revision that `before` is of.'),
    to: Joi.number().integer().required().description('Number of the revision that `after` is of.'),
    differences: Joi.array().items(propertyDifference).required().description('By key of the request.'),
  }),
  Delivery: Joi.object({
    id: Joi.number().integer().required().description('Grows with time.'),
    source: Joi.string()
      .valid(...SOURCE_NAMES)
      .required(),
    deliveryId: text("The sender's id for it.").required(),
    target: text('Such as `github:owner/repo@main`.').required(),
    revision: text('The commit, or the version of the object.').required(),
    status: Joi.string()
      .valid(...DELIVERY_STATUSES)
      .required()
      .description(
        '`Pending`: to be processed. `Following`: its executions are under way. `Partial`: some requests only. `Invalid`: nothing was provisioned. `Absent`: no such file. `Superseded`: not the newest version. `Failed`: given up.',
      ),
    people: Joi.object({ pushedBy: people, author: people })
      .required()
      .description('Who is behind it: names, logins, e-mail addresses.'),
    results: Joi.array()
      .items(
        Joi.object({
          index: Joi.number().integer().required().description('Position in the file.'),
          pipelineId: text('The pipeline that was asked for.').required(),
          message: text('What was started, or why nothing was.').required(),
          executionId: text('Absent where nothing was started.'),
          refused: Joi.boolean().description('The request was valid, but was refused.'),
        }),
      )
      .required()
      .description('What became of each request of the file.'),
    detail: text('Why it ended so, or what it waits for.'),
    attempts: Joi.number().integer().required().description('Tries in this status.'),
    accepted: time('When it was accepted.').required(),
    updated: time('When it last changed.').required(),
  }),
};
