/** The shapes of executions: stages, changes, approvals and decisions. */
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
  message: text('Error message of the engine.').required(),
  urn: text('The resource that failed.'),
  providerCode: text('Error code of the cloud provider.'),
  requestId: text('Request id of the cloud provider.'),
  hint: text('How to resolve it.'),
  findings,
});

export const stage = Joi.object({
  name: text('Such as `Source`, `Deploy`, `DeployDev`.').required(),
  kind: Joi.string().valid('source', 'approve', 'deploy', 'destroy').description('Type of the stage.').required(),
  environment,
  status: Joi.string().valid('Pending', 'InProgress', 'Succeeded', 'Failed', 'Skipped').required(),
  started: time('Start time.'),
  ended: time('End time.'),
  revision: Joi.number().integer().description('Deployed revision, if it differs from the revision of the execution.'),
  stack: text('Pulumi stack, as `<project>/<stack>`.'),
  engine: Joi.object({
    kind: Joi.string().valid('cli', 'sandbox').required().description('The Pulumi CLI, or its simulation.'),
    version: text('Such as `3.274.1`.'),
  }).description('Engine that ran the stage.'),
  stackUrl: text('Web page of the stack, if the backend has one.'),
  soakUntil: time('End of the soak time: no alarm may go into ALARM until then.'),
  outputs: anything('Outputs of the stack.'),
  changes: counts('Resource counts by operation.'),
  error: stageError,
});

export const propertyDifference = Joi.object({
  property: text('Path in the inputs of the resource, or key of the request.').required(),
  before: Joi.any().description('Absent if the property did not exist. Secrets are masked.'),
  after: Joi.any().description('`(known after deployment)` if it is only known then.'),
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
  differences: Joi.array().items(propertyDifference).description('Changes of each property, for update and replace.'),
  inputs: Joi.object().unknown().description('Inputs of a new resource; secrets are masked.'),
  warning: text('What a replacement or deletion loses.'),
});

export const requested = Joi.object({
  revision: Joi.number().integer().required(),
  request: Joi.object().unknown().description('The request as it applies to the environment; absent for a removal.'),
  deployedRevision: Joi.number().integer().description('Currently deployed revision; absent if nothing is deployed.'),
  differences: Joi.array()
    .items(propertyDifference)
    .required()
    .description('How the request differs from the deployed one.'),
}).description('The request behind the change.');

export const approval = Joi.object({
  environment: environment.required(),
  changeHash: text(
    'Hash of revision, blueprint version, environment and all changes; a decision must contain it.',
  ).required(),
  summary: counts('Resource counts by operation.').required(),
  changes: Joi.array().items(resourceChange).required(),
  requested,
  modelCard: text('Path of the model card of the pipeline; absent for a pipeline without a model.'),
  findings,
  requestedAt: time('Time of the approval request.').required(),
  expiresAt: time('Expiry of the approval request.').required(),
  minimumApprovers: Joi.number().integer().required().description('Number of different people who must approve.'),
  approvedBy: Joi.array().items(Joi.string()).required().description('Who has approved so far.'),
});

export const decision = Joi.object({
  environment: environment.required(),
  decision: Joi.string().valid('Approved', 'Rejected').required(),
  changeHash: text('The change that was decided on.').required(),
  by: text('Who decided.').required(),
  at: time('Time of the decision.').required(),
  comment: text('Reason for the decision.'),
});

export const origin = Joi.object({
  repository: text('Such as `github:owner/repo`.').required(),
  branch: text('Branch, for a repository.'),
  commit: text('The commit, or the version of the object.').required(),
  pushedBy: Joi.array().items(Joi.string()).description('Who pushed it: names, logins, e-mail addresses.'),
  author: Joi.array().items(Joi.string()).description('Author.'),
}).description('Origin of a pushed request; those who pushed or authored it count as requesters.');

export const execution = Joi.object({
  executionId: text('Id of this execution.').required(),
  pipelineId: text('Id of the pipeline.').required(),
  pipelineType: text('Its type.').required(),
  kind: Joi.string()
    .valid(...EXECUTION_KINDS)
    .required(),
  revision: Joi.number().integer().required().description('Number of the request, starting at 1 in each pipeline.'),
  status: Joi.string()
    .valid(...EXECUTION_STATUSES)
    .required(),
  requestedBy: text('Who requested it.').required(),
  origin,
  created: time('Time of the request.').required(),
  updated: time('Time of the last change.').required(),
  stages: Joi.array().items(stage).required(),
  blueprintVersion: text('Version of the blueprint.'),
  approval: approval.description('Present while the status is `AwaitingApproval`.'),
  decisions: Joi.array().items(decision).description('All decisions so far, oldest first.'),
  cancelledBy: text('Who cancelled it.'),
  waitsFor: Joi.array().items(Joi.string()).description('Executions that must end first.'),
});

export const executionDetail = execution.keys({
  request: Joi.object().unknown().required().description('The validated request of its revision.'),
});
