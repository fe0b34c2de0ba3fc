/** The shapes of executions: stages, changes, what people are asked and what they decided. */
import Joi from 'joi';
import {
  EXECUTION_KINDS,
  EXECUTION_STATUSES,
  anything,
  counts,
  environment,
  findings,
  text,
  time,
} from './answer-pieces.ts';

export const stageError = Joi.object({
  code: text('Such as `OPERATION_FAILED`.').required(),
  message: text('What the engine said.').required(),
  urn: text('The resource that failed.'),
  providerCode: text("The cloud's error code."),
  requestId: text("The cloud's request id."),
  hint: text('What may be done about it.'),
  findings,
});

export const stage = Joi.object({
  name: text('Such as `Source`, `Deploy`, `DeployDev`.').required(),
  kind: Joi.string().valid('source', 'approve', 'deploy', 'destroy').description('What is done in it.').required(),
  environment,
  status: Joi.string().valid('Pending', 'InProgress', 'Succeeded', 'Failed', 'Skipped').required(),
  started: time('When the stage began.'),
  ended: time('When the stage ended.'),
  revision: Joi.number().integer().description('What is deployed, where that is not the revision of the execution.'),
  stack: text("`<project>/<stack>` in Pulumi's terms."),
  engine: Joi.object({
    kind: Joi.string().valid('cli', 'sandbox').required().description('The Pulumi CLI, or its simulation.'),
    version: text('Such as `3.274.1`.'),
  }).description('What ran the stage.'),
  stackUrl: text("The stack's page, where the back end has pages."),
  soakUntil: time('Deployed; its alarms have to stay quiet until then.'),
  outputs: anything('Outputs of the stack.'),
  changes: counts('Resource counts by operation.'),
  error: stageError,
});

export const propertyDifference = Joi.object({
  property: text('Path in the inputs of the resource, or key of the request.').required(),
  before: Joi.any().description('Left out where it was not there. Secrets are masked.'),
  after: Joi.any().description('`(known after deployment)` where only the deployment will show.'),
});

export const resourceChange = Joi.object({
  operation: Joi.string()
    .valid('create', 'update', 'replace', 'delete', 'same', 'read', 'refresh', 'import')
    .required(),
  urn: text('URN of the resource.').required(),
  type: text('Such as `aws:sagemaker/endpoint:Endpoint`.').required(),
  name: text('Logical name.').required(),
  properties: Joi.array().items(Joi.string()).description('Changed properties.'),
  replaceProperties: Joi.array().items(Joi.string()).description('Properties whose change forces replacement.'),
  differences: Joi.array()
    .items(propertyDifference)
    .description('What changes in each property, for update and replace.'),
  inputs: Joi.object().unknown().description('What a new resource is created with; secrets are masked.'),
  warning: text('What is lost by a replacement or deletion.'),
});

export const requested = Joi.object({
  revision: Joi.number().integer().required(),
  request: Joi.object().unknown().description('The request as it applies to the environment; absent for a removal.'),
  deployedRevision: Joi.number().integer().description('What the environment has; absent where nothing is deployed.'),
  differences: Joi.array()
    .items(propertyDifference)
    .required()
    .description('How the request differs from the deployed one.'),
}).description('The request behind the change.');

export const approval = Joi.object({
  environment: environment.required(),
  changeHash: text(
    'Stands for revision, blueprint version, environment and every change; a decision names it.',
  ).required(),
  summary: counts('Resource counts by operation.').required(),
  changes: Joi.array().items(resourceChange).required(),
  requested,
  findings,
  requestedAt: time('Since when it waits.').required(),
  expiresAt: time('Until when it waits.').required(),
  minimumApprovers: Joi.number().integer().required().description('How many different people have to approve.'),
  approvedBy: Joi.array().items(Joi.string()).required().description('Who has approved so far.'),
});

export const decision = Joi.object({
  environment: environment.required(),
  decision: Joi.string().valid('Approved', 'Rejected').required(),
  changeHash: text('The change that it was about.').required(),
  by: text('Who decided.').required(),
  at: time('When.').required(),
  comment: text('Why.'),
});

export const origin = Joi.object({
  repository: text('Such as `github:owner/repo`.').required(),
  branch: text('Of a repository.'),
  commit: text('The commit, or the version of the object.').required(),
  pushedBy: Joi.array().items(Joi.string()).description('Who pushed it: names, logins, e-mail addresses.'),
  author: Joi.array().items(Joi.string()).description('Who wrote it.'),
}).description('Where the request was pushed; who pushed or wrote it counts as who asked for it.');

export const execution = Joi.object({
  executionId: text('Id of this execution.').required(),
  pipelineId: text('The pipeline that it works on.').required(),
  pipelineType: text('Its type.').required(),
  kind: Joi.string()
    .valid(...EXECUTION_KINDS)
    .required(),
  revision: Joi.number().integer().required().description('Number of the request, counted from 1 in each pipeline.'),
  status: Joi.string()
    .valid(...EXECUTION_STATUSES)
    .required(),
  requestedBy: text('Who asked for it.').required(),
  origin,
  created: time('When it was asked for.').required(),
  updated: time('When it last changed.').required(),
  stages: Joi.array().items(stage).required(),
  blueprintVersion: text('Version of the blueprint that deploys.'),
  approval: approval.description('Present while the status is `AwaitingApproval`.'),
  decisions: Joi.array().items(decision).description('Every decision so far, oldest first.'),
  cancelledBy: text('Who asked for it to be cancelled.'),
  waitsFor: Joi.array().items(Joi.string()).description('Executions that have to end first.'),
});

export const executionDetail = execution.keys({
  request: Joi.object().unknown().required().description('The validated request of its revision.'),
});
