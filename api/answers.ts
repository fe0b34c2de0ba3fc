/**
 * What the answers look like: the joi twins of the types in automation/orchestrator.ts, published in the OpenAPI
 * document. Those named `Guide…` have the guide's key names (guide-answers.ts). Keys may be added to answers at any time, so
 * clients must not refuse ones they do not know.
 */
import Joi from 'joi';
import { EXECUTION_STATUSES, anything, counts, environment, findings, text, time, warnings } from './answer-pieces.ts';
import { stageError, stage, resourceChange, execution, executionDetail } from './execution-answers.ts';
import { LIST_ANSWERS } from './list-answers.ts';
import type { JsonSchema } from './route.ts';
import { STATE_ANSWERS } from './state-answers.ts';

const summaryKeys = {
  pipelineId: text('Id of the pipeline.').required(),
  pipelineType: text('Pipeline type of the guide.').required(),
  modelName: text('`model_name` of the request, or `image_tag`.').required(),
  status: Joi.string()
    .valid(...EXECUTION_STATUSES, 'Deleted')
    .required()
    .description('Status of the latest execution; `Deleted` after a successful destroy.'),
  revision: Joi.number().integer().required().description('Number of the latest request.'),
  created: time('When it was first asked for.').required(),
  updated: time('When it last changed.').required(),
  latestExecutionId: text('Id of the latest execution.'),
  protectedBy: text('Who protected it: it is not destroyed, and its endpoint neither replaced nor removed.'),
};

const historyEntry = Joi.object({
  environment: environment.required(),
  stack: text("`<project>/<stack>` in Pulumi's terms.").required(),
  version: Joi.number().integer().required().description('Number of the update, counted from 1 in each stack.'),
  kind: text('Such as `update`, `destroy`.').required(),
  startTime: time('When it began.').required(),
  endTime: time('When it ended.'),
  result: text('Such as `succeeded`, `failed`.').required(),
  message: text('What the update was for.').allow('').required(),
  resourceChanges: counts('Resource counts by operation.'),
  config: Joi.object()
    .pattern(Joi.string(), Joi.object({ value: Joi.string().allow(''), secret: Joi.boolean().required() }))
    .required()
    .description('Configuration of the stack; secret values are left out.'),
});

const listed = {
  id: Joi.number().integer().required().description('Grows with time.'),
  at: time('When it happened.').required(),
  pipelineId: text('The pipeline that it is about.'),
  executionId: text('The execution that it is about.'),
  environment: text('The environment that it is about.'),
};
const next = Joi.number().integer().description('Present where there is more: give it as `after`.');

const auditEntry = Joi.object({
  ...listed,
  principal: text('ARN or name of who acted.').required(),
  action: text('Such as `provision`, `approve`, `denied`.').required(),
  detail: anything('What else is to be known of it, such as `revision`, `changeHash` or `comment`.').required(),
});

const notification = Joi.object({
  ...listed,
  kind: text('Such as `started`, `approval-needed`, `failed`.').required(),
  subject: text('One line.').required(),
  message: text('What happened and what to do, as plain text.').required(),
  data: anything('The same for programs.').required(),
  delivery: Joi.string()
    .valid('pending', 'delivered', 'stored', 'undeliverable')
    .required()
    .description('`stored`: there was no topic to deliver it to. `undeliverable`: given up.'),
  delivered: time('When the topic took it.'),
  attempts: Joi.number().integer().required().description('Failed attempts to deliver it.'),
  lastError: text('Why the last attempt failed.'),
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
        before: Joi.any().description('What was deployed; absent where it was left out.'),
        after: Joi.any().description('What was found; absent where it is not there any more.'),
      }),
    )
    .required()
    .description('What was changed; secrets are masked. Empty for what is missing.'),
});

const driftCheck = Joi.object({
  checkId: text('Id of the check.').required(),
  pipelineId: text('The pipeline that it looks at.').required(),
  environment: environment.required(),
  stack: text("`<project>/<stack>` in Pulumi's terms.").required(),
  status: Joi.string().valid('Queued', 'InProgress', 'InSync', 'Drifted', 'Failed').required(),
  requestedBy: text('Who asked for it; `schedule` for those of `DRIFT_SCHEDULE`.').required(),
  created: time('When it was asked for.').required(),
  started: time('When it began.'),
  ended: time('When it ended.'),
  findings: Joi.array().items(driftFinding).required().description("What was changed behind Pulumi's back."),
  error: stageError,
  outdated: Joi.boolean()
    .required()
    .description('Something was deployed or removed since: only a new check can tell how it is now.'),
});

const untouched = (description: string) =>
  Joi.array()
    .items(Joi.object({ pipelineId: text('Id of the pipeline.'), reason: text('Why.') }))
    .required()
    .description(description);

const previewedEnvironments = Joi.array()
  .items(
    Joi.object({
      environment: environment.required(),
      stack: text("`<project>/<stack>` in Pulumi's terms.").required(),
      summary: counts('Resource counts by operation.').required(),
      changes: Joi.array().items(resourceChange).required(),
      findings,
    }),
  )
  .required();

/** Every answer by the name that it has in the OpenAPI document. */
export const ANSWERS = {
  ExecutionAnswer: Joi.object({
    message: text('What was started, or why nothing was.').required(),
    pipelineId: text('Id of the pipeline.').required(),
    executionId: text('Id of the execution; absent where nothing is to be done.'),
    warnings,
  }),
  PreviewAnswer: Joi.object({
    message: text('That nothing was changed.').required(),
    pipelineId: text('Id of the pipeline.').required(),
    warnings,
    environments: previewedEnvironments,
  }),
  GuideProvisionAnswer: Joi.object({
    message: text("The guide's text, such as `success: stack creation started`.").required(),
    pipeline_id: text('Id of the pipeline, for every later call.').required(),
    execution_id: text('Id of the execution; absent where nothing is to be done.'),
    warnings,
  }),
  GuideValidationAnswer: Joi.object({
    message: text('That the request would be accepted.').required(),
    pipeline_id: text('The id that the pipeline would have.').required(),
    pipeline_type: text('Pipeline type of the request.').required(),
    request: anything('The request as it would be stored, defaults filled in.').required(),
    warnings,
  }),
  GuidePreviewAnswer: Joi.object({
    message: text('That nothing was changed.').required(),
    pipeline_id: text('Id of the pipeline.').required(),
    warnings,
    environments: previewedEnvironments,
  }),
  ModelCardAnswer: Joi.object({
    message: Joi.alternatives(Joi.string(), Joi.object().unknown())
      .required()
      .description('Text, or what SageMaker shows of the model card or cards.'),
    export_job_arn: text('Of an export that goes on.'),
  }),
  PipelineState: Joi.object({
    pipelineName: text('Id of the pipeline.').required(),
    pipelineVersion: Joi.number().integer().required().description('Revision of the request.'),
    stageStates: Joi.array()
      .items(anything("One stage, in the shape of AWS CodePipeline's GetPipelineState."))
      .required(),
    created: time('When it was first asked for.').required(),
    updated: time('When it last changed.').required(),
  }),
  PipelineSummary: Joi.object(summaryKeys),
  Pipeline: Joi.object({
    ...summaryKeys,
    request: anything('The validated request of the latest revision.').required(),
    stages: Joi.array().items(stage).required(),
  }),
  Execution: execution,
  ExecutionDetail: executionDetail,
  HistoryEntry: historyEntry,
  PipelineOutputs: Joi.object({
    pipelineId: text('Id of the pipeline.').required(),
    environments: Joi.array()
      .items(
        Joi.object({
          environment: environment.required(),
          stack: text("`<project>/<stack>` in Pulumi's terms.").required(),
          outputs: anything('Outputs of the stack; secret ones are masked.').required(),
        }),
      )
      .required(),
  }),
  AuditEntry: auditEntry,
  AuditPage: Joi.object({ entries: Joi.array().items(auditEntry).required(), next }),
  NotificationPage: Joi.object({ entries: Joi.array().items(notification).required(), next }),
  DriftCheckAnswer: Joi.object({
    message: text('How many environments are checked.').required(),
    pipelineId: text('Id of the pipeline.').required(),
    checks: Joi.array()
      .items(Joi.object({ checkId: text('Id of the check.').required(), environment: environment.required() }))
      .required(),
  }),
  DriftCheck: driftCheck,
  ...STATE_ANSWERS,
  ...LIST_ANSWERS,
  EventAnswer: Joi.object({
    message: text('What was done.').required(),
    started: Joi.array()
      .items(Joi.object({ pipelineId: text('Id of the pipeline.'), executionId: text('Id of the execution.') }))
      .required()
      .description('Pipelines that are being provisioned.'),
    ignored: untouched('Pipelines for which there was nothing to do.'),
    failed: untouched('Pipelines that could not be provisioned.'),
  }),
  PipelineType: Joi.object({
    pipelineType: text('Value of `pipeline_type`.').required(),
    version: text("The service's, or for a custom one its package's.").required(),
    custom: Joi.boolean().required().description('Whether it came with `CUSTOM_BLUEPRINTS`.'),
    title: text('One line.').required(),
    description: text('What it provisions.').required(),
    placement: Joi.string()
      .valid('environments', 'orchestrator')
      .required()
      .description("Promoted through the accounts, or always in the orchestrator's own."),
    provisionable: Joi.boolean().required().description('False: requests are checked, but answered with 501.'),
    requestSchema: anything('JSON Schema (draft 2020-12) of the request.').required(),
    example: anything('A request that is valid as it stands.').required(),
  }),
  CustomBlueprint: Joi.object({
    source: text('As `CUSTOM_BLUEPRINTS` names it.').required(),
    status: Joi.string().valid('loaded', 'refused').required(),
    name: text('Of its package.json.'),
    version: text('Of its package.json.'),
    pipelineTypes: Joi.array()
      .items(Joi.string())
      .required()
      .description('The types it brings, or would bring: as far as they could be read.'),
    reasons: Joi.array().items(Joi.string()).required().description('Everything for which it is refused.'),
  }),
  Operation: Joi.object({
    operationId: text('Asked for at `GET /operations/{id}`.').required(),
    kind: Joi.string().valid('preview', 'history').required(),
    requestedBy: text('ARN or name of the caller.').required(),
    status: Joi.string().valid('InProgress', 'Succeeded', 'Failed').required(),
    created: time('When it was asked for.').required(),
    ended: time('When it ended.'),
    result: Joi.any().description('What the call would have answered.'),
    error: anything('`code` and `message`: why there is no result.'),
  }),
  WebhookAnswer: Joi.object({
    status: Joi.string()
      .valid('accepted', 'duplicate', 'ignored', 'pong')
      .required()
      .description('`accepted`: kept, and worked on from now; `duplicate`: was accepted before.'),
    targets: Joi.array().items(Joi.string()).description('What is worked on, such as `github:owner/repo@main`.'),
    reason: text('Why it is ignored.'),
  }),
  Liveness: Joi.object({ status: Joi.string().valid('ok').required() }),
  Readiness: Joi.object({
    ready: Joi.boolean().required(),
    checks: Joi.object()
      .pattern(Joi.string(), Joi.object({ ok: Joi.boolean().required(), detail: Joi.string() }))
      .required(),
  }),
  Error: Joi.object({
    message: text('General text for this kind of error.').required(),
    detailedMessage: text('What happened and the way out; only where the installation allows it.'),
    errors: Joi.array()
      .items(
        Joi.object({
          pointer: text('JSON pointer into the body, or `?name` for a query parameter.').allow('').required(),
          message: text('What is wrong and the way out.').required(),
          rule: text('Short machine-readable rule, such as `required`.').required(),
          allowed: Joi.array().items(Joi.any()).description('What would have been taken.'),
          value: Joi.any().description('What was sent.'),
        }),
      )
      .description('Everything that is wrong with the request.'),
    example: anything('A body that would have been taken.'),
    data: anything('What a program needs to act on the refusal, such as `monitors`.'),
    requestId: text("Finds this request in the service's log.").required(),
  }),
} as const satisfies Record<string, Joi.ObjectSchema>;

export type AnswerName = keyof typeof ANSWERS;

/** A reference to an answer in the OpenAPI document. */
export function answer(name: AnswerName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A list of such answers. */
export function answers(name: AnswerName): JsonSchema {
  return { type: 'array', items: answer(name) };
}
