/** The shapes of revisions and deliveries. */
import Joi from 'joi';
import { SOURCE_NAMES } from '../automation/sources/source.ts';
import { anything, environment, text, time } from './answer-pieces.ts';
import { origin, propertyDifference } from './execution-answers.ts';

const revisionKeys = {
  pipelineId: text('Id of the pipeline.').required(),
  revision: Joi.number().integer().required().description('Number of the revision, starting at 1 in each pipeline.'),
  digest: text('Hash of the request: two revisions with the same digest are identical requests.').required(),
  requestedBy: text('Who requested it.').required(),
  created: time('Time of the request.').required(),
  origin,
  current: Joi.boolean().required().description('Whether the latest deployment is of this revision.'),
  environments: Joi.array().items(environment).required().description('Environments in which it is deployed.'),
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
    pipelineId: text('Id of the pipeline.').required(),
    from: Joi.number().integer().required().description('Number of the revision of the `before` values.'),
    to: Joi.number().integer().required().description('Number of the revision of the `after` values.'),
    differences: Joi.array().items(propertyDifference).required().description('By key of the request.'),
  }),
  Delivery: Joi.object({
    id: Joi.number().integer().required().description('Increases over time.'),
    source: Joi.string()
      .valid(...SOURCE_NAMES)
      .required(),
    deliveryId: text('Id from the sender.').required(),
    target: text('Such as `github:owner/repo@main`.').required(),
    revision: text('The commit, or the version of the object.').required(),
    status: Joi.string()
      .valid(...DELIVERY_STATUSES)
      .required()
      .description(
        '`Pending`: to be processed. `Following`: its executions are in progress. `Partial`: only some requests were provisioned. `Invalid`: nothing was provisioned. `Absent`: the file does not exist. `Superseded`: not the latest version. `Failed`: all attempts failed.',
      ),
    people: Joi.object({ pushedBy: people, author: people })
      .required()
      .description('Who pushed or authored it: names, logins, e-mail addresses.'),
    results: Joi.array()
      .items(
        Joi.object({
          index: Joi.number().integer().required().description('Position in the file.'),
          pipelineId: text('Id of the requested pipeline.').required(),
          message: text('What was started, or why nothing was started.').required(),
          executionId: text('Id of the execution; absent if none was started.'),
          refused: Joi.boolean().description('The request was valid, but was refused.'),
        }),
      )
      .required()
      .description('Result of each request in the file.'),
    detail: text('Reason of the status, or what it is waiting for.'),
    attempts: Joi.number().integer().required().description('Attempts in this status.'),
    accepted: time('Time of acceptance.').required(),
    updated: time('Time of the last change.').required(),
  }),
};
