/**
 * The response schemas: the joi counterparts of the types in automation/orchestrator.ts, published in the OpenAPI document.
 * Those named `Guide…` have the guide's key names (guide-answers.ts). Keys may be added to responses at any time, so clients
 * must accept unknown ones.
 */
import Joi from 'joi';
import { EXECUTION_STATUSES, anything, counts, environment, findings, text, time, warnings } from './answer-pieces.ts';
import { stageError, stage, resourceChange, execution, executionDetail } from './execution-answers.ts';
import { CARD_ANSWERS } from './card-answers.ts';
import { JOB_ANSWERS } from './job-answers.ts';
import { LIST_ANSWERS } from './list-answers.ts';
import type { JsonSchema } from './route.ts';
import { STATE_ANSWERS } from './state-answers.ts';

const driftStatus = Joi.string().valid('Queued', 'InProgress', 'InSync', 'Drifted', 'Failed');

const pipelineEnvironment = Joi.object({
  environment: environment.required(),
  revision: Joi.number().integer().description('Deployed revision; absent if nothing is deployed.'),
  deployed: time('When that deployment ended.'),
  lastStage: Joi.string()
    .valid('InProgress', 'Succeeded', 'Failed')
    .required()
    .description('Status of the latest deployment or removal there.'),
  drift: Joi.object({
    status: driftStatus.required(),
    created: time('Time of the check.').required(),
    outdated: Joi.boolean().required().description('True if a deployment or removal has happened since.'),
  }).description('The latest drift check there; absent if none was ever made.'),
});

const summaryKeys = {
  pipelineId: text('Id of the pipeline.').required(),
  pipelineType: text('Pipeline type of the guide.').required(),
  modelName: text('`model_name` of the request, or `image_tag`.').required(),
  status: Joi.string()
    .valid(...EXECUTION_STATUSES, 'Deleted')
    .required()
    .description('Status of the latest execution; `Deleted` after a successful destroy.'),
  revision: Joi.number().integer().required().description('Number of the latest request.'),
  created: time('Time of the first request.').required(),
  updated: time('Time of the last change.').required(),
  latestExecutionId: text('Id of the latest execution.'),
  protectedBy: text(
    'Who protected it. A protected pipeline cannot be destroyed, and its endpoint cannot be replaced or removed.',
  ),
  environments: Joi.array()
    .items(pipelineEnvironment)
    .required()
    .description('Where it is deployed, or was tried to be, in the order of promotion.'),
};

const historyEntry = Joi.object({
  environment: environment.required(),
  stack: text('Pulumi stack, as `<project>/<stack>`.').required(),
  version: Joi.number().integer().required().description('Number of the update, starting at 1 in each stack.'),
  kind: text('Such as `update`, `destroy`.').required(),
  startTime: time('Start time.').required(),
  endTime: time('End time.'),
  result: text('Such as `succeeded`, `failed`.').required(),
  message: text('Reason for the update.').allow('').required(),
  resourceChanges: counts('Resource counts by operation.'),
  config: Joi.object()
    .pattern(Joi.string(), Joi.object({ value: Joi.string().allow(''), secret: Joi.boolean().required() }))
    .required()
    .description('Configuration of the stack; secret values are omitted.'),
});

const listed = {
  id: Joi.number().integer().required().description('Increases over time.'),
  at: time('Time of the entry.').required(),
  pipelineId: text('Pipeline concerned.'),
  executionId: text('Execution concerned.'),
  environment: text('Environment concerned.'),
};
const next = Joi.number().integer().description('Present if there are more entries: pass it as `after`.');

const auditEntry = Joi.object({
  ...listed,
  principal: text('ARN or name of the caller.').required(),
  action: text('Such as `provision`, `approve`, `denied`.').required(),
  detail: anything('Further details, such as `revision`, `changeHash` or `comment`.').required(),
});

const notification = Joi.object({
  ...listed,
  kind: text('Such as `started`, `approval-needed`, `failed`.').required(),
  subject: text('One line.').required(),
  message: text('What happened and what to do next, as plain text.').required(),
  data: anything('The same, machine-readable.').required(),
  delivery: Joi.string()
    .valid('pending', 'delivered', 'stored', 'undeliverable')
    .required()
    .description('`stored`: no topic is configured. `undeliverable`: all attempts failed.'),
  delivered: time('Time of delivery to the topic.'),
  attempts: Joi.number().integer().required().description('Number of failed delivery attempts.'),
  lastError: text('Error of the last failed attempt.'),
});

const driftFinding = Joi.object({
  urn: text('URN of the resource.').required(),
  type: text('Such as `aws:sagemaker/endpoint:Endpoint`.').required(),
  name: text('Logical name.').required(),
  kind: Joi.string().valid('changed', 'missing').required(),
  differences: Joi.array()
    .items(
      Joi.object({
        property: text("Path in the resource's inputs, such as `tags.team`.").required(),
        before: Joi.any().description('Deployed value; absent if none was set.'),
        after: Joi.any().description('Actual value; absent if it no longer exists.'),
      }),
    )
    .required()
    .description('Changed properties; secrets are masked. Empty for missing resources.'),
});

const driftCheck = Joi.object({
  checkId: text('Id of the check.').required(),
  pipelineId: text('Id of the checked pipeline.').required(),
  environment: environment.required(),
  stack: text('Pulumi stack, as `<project>/<stack>`.').required(),
  status: driftStatus.required(),
  requestedBy: text('Who requested it; `schedule` for checks by `DRIFT_SCHEDULE`.').required(),
  created: time('Time of the request.').required(),
  started: time('Start time.'),
  ended: time('End time.'),
  findings: Joi.array().items(driftFinding).required().description('Changes made outside Pulumi.'),
  error: stageError,
  outdated: Joi.boolean()
    .required()
    .description('True if a deployment or removal has happened since; run a new check for the current state.'),
});

const untouched = (description: string) =>
  Joi.array()
    .items(Joi.object({ pipelineId: text('Id of the pipeline.'), reason: text('Reason.') }))
    .required()
    .description(description);

const previewedEnvironments = Joi.array()
  .items(
    Joi.object({
      environment: environment.required(),
      stack: text('Pulumi stack, as `<project>/<stack>`.').required(),
      summary: counts('Resource counts by operation.').required(),
      changes: Joi.array().items(resourceChange).required(),
      findings,
    }),
  )
  .required();

const previewAnswer = (idKey: 'pipelineId' | 'pipeline_id') =>
  Joi.object({
    message: text('Confirms that nothing was changed.').required(),
    [idKey]: text('Id of the pipeline.').required(),
    warnings,
    environments: previewedEnvironments,
  });

/** Every response schema by its name in the OpenAPI document. */
export const ANSWERS = {
  ExecutionAnswer: Joi.object({
    message: text('What was started, or why nothing was started.').required(),
    pipelineId: text('Id of the pipeline.').required(),
    executionId: text('Id of the execution; absent if nothing has to be done.'),
    warnings,
  }),
  PreviewAnswer: previewAnswer('pipelineId'),
  GuideProvisionAnswer: Joi.object({
    message: text("The guide's text, such as `success: stack creation started`.").required(),
    pipeline_id: text('Id of the pipeline, for every later call.').required(),
    execution_id: text('Id of the execution; absent if nothing has to be done.'),
    warnings,
  }),
  GuideValidationAnswer: Joi.object({
    message: text('Confirms that the request is valid.').required(),
    pipeline_id: text('Id that the pipeline would get.').required(),
    pipeline_type: text('Pipeline type of the request.').required(),
    request: anything('The request as it would be stored, including defaults.').required(),
    warnings,
  }),
  GuidePreviewAnswer: previewAnswer('pipeline_id'),
  ModelCardAnswer: Joi.object({
    message: Joi.alternatives(Joi.string(), Joi.object().unknown())
      .required()
      .description('Text, or the description of one or several model cards from SageMaker.'),
    export_job_arn: text('ARN of an export job that is still in progress.'),
  }),
  PipelineState: Joi.object({
    pipelineName: text('Id of the pipeline.').required(),
    pipelineVersion: Joi.number().integer().required().description('Revision of the request.'),
    stageStates: Joi.array()
      .items(anything("One stage, in the shape of AWS CodePipeline's GetPipelineState."))
      .required(),
    created: time('Time of the first request.').required(),
    updated: time('Time of the last change.').required(),
  }),
  PipelineSummary: Joi.object(summaryKeys),
  Pipeline: Joi.object({
    ...summaryKeys,
    request: anything('The validated request of the latest revision.').required(),
    stages: Joi.array().items(stage).required(),
  }),
  Execution: execution,
  ExecutionDetail: executionDetail,
  Monitor: Joi.object({
    pipelineId: text('Id of the monitor.').required(),
    pipelineType: text('Its type, such as `byom_data_quality_monitor`.').required(),
  }),
  HistoryEntry: historyEntry,
  PipelineOutputs: Joi.object({
    pipelineId: text('Id of the pipeline.').required(),
    environments: Joi.array()
      .items(
        Joi.object({
          environment: environment.required(),
          stack: text('Pulumi stack, as `<project>/<stack>`.').required(),
          outputs: anything('Outputs of the stack; secrets are masked.').required(),
        }),
      )
      .required(),
  }),
  AuditEntry: auditEntry,
  AuditPage: Joi.object({ entries: Joi.array().items(auditEntry).required(), next }),
  Notification: notification,
  NotificationPage: Joi.object({ entries: Joi.array().items(notification).required(), next }),
  DriftCheckAnswer: Joi.object({
    message: text('Number of environments being checked.').required(),
    pipelineId: text('Id of the pipeline.').required(),
    checks: Joi.array()
      .items(Joi.object({ checkId: text('Id of the check.').required(), environment: environment.required() }))
      .required(),
  }),
  DriftCheck: driftCheck,
  ...STATE_ANSWERS,
  ...LIST_ANSWERS,
  ...JOB_ANSWERS,
  ...CARD_ANSWERS,
  EventAnswer: Joi.object({
    message: text('Summary of the result.').required(),
    started: Joi.array()
      .items(Joi.object({ pipelineId: text('Id of the pipeline.'), executionId: text('Id of the execution.') }))
      .required()
      .description('Pipelines that are being provisioned.'),
    ignored: untouched('Pipelines that did not have to change.'),
    failed: untouched('Pipelines that could not be provisioned.'),
  }),
  PipelineType: Joi.object({
    pipelineType: text('Value of `pipeline_type`.').required(),
    version: text('Version of the service, or of the package of a custom blueprint.').required(),
    custom: Joi.boolean().required().description('Whether it was loaded from `CUSTOM_BLUEPRINTS`.'),
    title: text('One line.').required(),
    description: text('What it provisions.').required(),
    placement: Joi.string()
      .valid('environments', 'orchestrator')
      .required()
      .description(
        "`environments`: promoted through the environments' accounts. `orchestrator`: always in the orchestrator's account.",
      ),
    provisionable: Joi.boolean().required().description('False: requests are validated, but refused with 501.'),
    requestSchema: anything('JSON Schema (draft 2020-12) of the request.').required(),
    example: anything('A complete, valid request.').required(),
  }),
  CustomBlueprint: Joi.object({
    source: text('Entry in `CUSTOM_BLUEPRINTS`.').required(),
    status: Joi.string().valid('loaded', 'refused').required(),
    name: text('Name in its package.json.'),
    version: text('Version in its package.json.'),
    pipelineTypes: Joi.array()
      .items(Joi.string())
      .required()
      .description('Pipeline types that it defines, as far as they could be read if it was refused.'),
    reasons: Joi.array().items(Joi.string()).required().description('All reasons for which it was refused.'),
  }),
  Operation: Joi.object({
    operationId: text('Id for `GET /operations/{id}`.').required(),
    kind: Joi.string().valid('preview', 'history').required(),
    requestedBy: text('ARN or name of the caller.').required(),
    status: Joi.string().valid('InProgress', 'Succeeded', 'Failed').required(),
    created: time('Time of the request.').required(),
    ended: time('End time.'),
    result: Joi.any().description('Response that the original call would have returned.'),
    error: Joi.object({ code: text('As in docs/errors.md.').required(), message: text('What happened.').required() })
      .unknown()
      .description('Why it failed.'),
  }),
  WebhookAnswer: Joi.object({
    status: Joi.string()
      .valid('accepted', 'duplicate', 'ignored', 'pong')
      .required()
      .description('`accepted`: stored and being processed; `duplicate`: already accepted earlier.'),
    targets: Joi.array().items(Joi.string()).description('Targets being processed, such as `github:owner/repo@main`.'),
    reason: text('Reason for ignoring it.'),
  }),
  SignedOut: Joi.object({
    location: text('Address of the identity provider, for the browser to open.').required(),
  }),
  Links: Joi.object({
    links: Joi.object()
      .pattern(Joi.string(), Joi.string())
      .required()
      .description('Relative to the address of this call.'),
  }),
  Liveness: Joi.object({ status: Joi.string().valid('ok').required() }),
  Readiness: Joi.object({
    ready: Joi.boolean().required(),
    checks: Joi.object()
      .pattern(Joi.string(), Joi.object({ ok: Joi.boolean().required(), detail: Joi.string() }))
      .required(),
  }),
  Error: Joi.object({
    message: text('General message for this type of error.').required(),
    detailedMessage: text('What happened and how to resolve it; only if the installation allows detailed messages.'),
    errors: Joi.array()
      .items(
        Joi.object({
          pointer: text('JSON pointer into the body, or `?name` for a query parameter.').allow('').required(),
          message: text('What is wrong and how to fix it.').required(),
          rule: text('Short machine-readable rule, such as `required`.').required(),
          allowed: Joi.array().items(Joi.any()).description('Accepted values.'),
          value: Joi.any().description('The rejected value.'),
        }),
      )
      .description('All errors in the request.'),
    example: anything('A valid body.'),
    data: anything('Machine-readable details, such as `monitors`.'),
    requestId: text('Identifies this request in the log of the service.').required(),
  }),
} as const satisfies Record<string, Joi.ObjectSchema>;

export type AnswerName = keyof typeof ANSWERS;

/** A reference to a response schema in the OpenAPI document. */
export function answer(name: AnswerName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A list of such responses. */
export function answers(name: AnswerName): JsonSchema {
  return { type: 'array', items: answer(name) };
}
