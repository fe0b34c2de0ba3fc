/** Notifications about an execution: one for each state transition listed below. Pure. */
import type { Execution, ExecutionKind, ExecutionStage, PendingApproval, StageError } from '../model.ts';
import type { NewNotification, NotificationKind } from './notifications.ts';
import { asSubject, call, clipped, changesText, described, list, paragraphs } from './wording.ts';

/** The state transitions of an execution that cause a notification. */
export type ExecutionNotificationKind = Exclude<NotificationKind, 'drift' | 'configuration'>;

interface Story {
  readonly execution: Execution;
  readonly stage: ExecutionStage | undefined;
  readonly publicUrl: string;
}

interface Telling {
  /** Before the colon and the id of the pipeline. */
  headline: string;
  text: string;
  data?: Record<string, unknown>;
}

const TELL: Readonly<Record<ExecutionNotificationKind, (story: Story) => Telling>> = {
  started,
  'approval-needed': approvalNeeded,
  'approval-expired': approvalExpired,
  succeeded,
  failed,
  superseded,
  cancelled,
  rejected,
};

/**
 * @param execution after the transition
 * @param stage of the transition, if any
 * @param publicUrl public URL of the API; empty: only paths
 */
export function executionNotification(
  kind: ExecutionNotificationKind,
  execution: Execution,
  stage: ExecutionStage | undefined,
  publicUrl: string,
): NewNotification {
  const { executionId, pipelineId } = execution;
  const { headline, text, data } = TELL[kind]({ execution, stage, publicUrl });
  return {
    kind,
    pipelineId,
    executionId,
    ...(stage?.environment ? { environment: stage.environment } : {}),
    subject: asSubject(`${headline}: ${pipelineId}`),
    message: text,
    data: { kind: execution.kind, revision: execution.revision, status: execution.status, ...data },
  };
}

const WORK: Readonly<Record<ExecutionKind, string>> = {
  provision: 'deployment',
  run: 'new run',
  rollback: 'rollback',
  reconcile: 'reconciliation',
  destroy: 'deletion',
};

function started(story: Story): Telling {
  const { execution } = story;
  const way = execution.stages.map(({ name }) => name).join(' -> ');
  return {
    headline: `${capital(WORK[execution.kind])} started`,
    text: paragraphs(
      `${subjectOf(execution)} has started. It was requested by ${execution.requestedBy}.`,
      `Stages: ${way}`,
      detailsOf(story),
    ),
  };
}

function approvalNeeded(story: Story): Telling {
  const { execution } = story;
  const { approval } = execution;
  if (!approval) throw new Error(`execution ${execution.executionId} is not waiting for approval`);
  const { environment, changeHash, summary, changes, findings = [] } = approval;
  const shown = changes.filter(({ operation }) => changesText({ [operation]: 1 }) !== 'nothing');
  const lost = shown.filter(({ operation }) => operation === 'replace' || operation === 'delete');
  return {
    headline: `Approval needed for ${environment}`,
    text: paragraphs(
      `${subjectOf(execution)}, requested by ${execution.requestedBy}, is waiting for approval for ${environment}.`,
      `Changes: ${changesText(summary)}.`,
      list(
        'Replaced or deleted',
        lost.map((change) => [described(change), change.warning].filter(Boolean).join(': ')),
      ),
      list('Other changes', shown.filter((change) => !lost.includes(change)).map(described)),
      list(
        `Missing in ${environment} (the deployment would fail)`,
        findings.map(({ check, subject, message }) => `${check} ${subject}: ${message}`),
      ),
      howToDecide(story, approval),
    ),
    data: { changeHash, summary, expiresAt: approval.expiresAt, findings: findings.length },
  };
}

function howToDecide({ execution, publicUrl }: Story, approval: PendingApproval): string {
  const { environment, changeHash, expiresAt, minimumApprovers, approvedBy } = approval;
  const path = `/executions/${execution.executionId}`;
  const decide = (decision: string) =>
    call('POST', publicUrl, `${path}/approvals/${environment}`, { decision, changeHash });
  return paragraphs(
    `To see all differences:\n${call('GET', publicUrl, path)}`,
    `To approve exactly this change, until ${expiresAt}:\n${decide('Approved')}`,
    `To reject it:\n${decide('Rejected')}`,
    minimumApprovers > 1
      ? `${minimumApprovers} different people must approve; so far: ${approvedBy.join(', ') || 'none'}.`
      : undefined,
  );
}

function approvalExpired(story: Story): Telling {
  const { execution, stage } = story;
  return {
    headline: `Approval expired${forStage(stage)}`,
    text: paragraphs(
      `${subjectOf(execution)} has expired: no decision was made in time${forStage(stage)}. Nothing was changed there.`,
      stage?.error?.message,
      `To preview the change and request approval again:\n${retryOf(story)}`,
    ),
  };
}

function succeeded(story: Story): Telling {
  const { execution } = story;
  const deployed = execution.stages.filter(({ environment, outputs }) => environment && outputs);
  const where = environmentsOf(execution).join(', ');
  return {
    headline: `${capital(WORK[execution.kind])} succeeded`,
    text: paragraphs(
      `${subjectOf(execution)} has succeeded in ${where || 'every stage'}.`,
      ...deployed.map(({ environment, outputs }) => list(`Outputs in ${environment}`, outputsOf(outputs ?? {}))),
      detailsOf(story),
    ),
    data: { environments: environmentsOf(execution) },
  };
}

function failed(story: Story): Telling {
  const { execution, stage } = story;
  const error: StageError | undefined = stage?.error;
  return {
    headline: `${capital(WORK[execution.kind])} failed${inStage(stage)}`,
    text: paragraphs(
      `${subjectOf(execution)} has failed${stage ? ` in stage ${stage.name}` : ''}${error ? ` (${error.code})` : ''}.`,
      error && clipped(error.message),
      error && factsOf(error),
      error?.hint && `What to do: ${error.hint}`,
      `To retry from this stage:\n${retryOf(story)}`,
      detailsOf(story),
    ),
    data: { ...(stage ? { stage: stage.name } : {}), ...(error ? { error } : {}) },
  };
}

function factsOf({ urn, providerCode, requestId }: StageError): string | undefined {
  const facts = [
    urn && `Resource: ${urn}`,
    providerCode && `AWS error code: ${providerCode}`,
    requestId && `AWS request id: ${requestId}`,
  ].filter(Boolean);
  return facts.length > 0 ? facts.join('\n') : undefined;
}

function superseded(story: Story): Telling {
  const { execution } = story;
  const skipped = execution.stages.filter(({ status }) => status === 'Skipped');
  return {
    headline: `${capital(WORK[execution.kind])} superseded`,
    text: paragraphs(
      `${subjectOf(execution)} was superseded by a later request for the pipeline.`,
      skipped.find(({ error }) => error)?.error?.message,
      notReached(skipped),
      detailsOf(story),
    ),
  };
}

function cancelled(story: Story): Telling {
  const { execution, stage } = story;
  return {
    headline: `${capital(WORK[execution.kind])} cancelled`,
    text: paragraphs(
      `${subjectOf(execution)} was cancelled${execution.cancelledBy ? ` by ${execution.cancelledBy}` : ''}.`,
      stage && `Stage ${stage.name} was interrupted; what it had already changed remains.`,
      notReached(execution.stages.filter(({ status }) => status === 'Skipped')),
      `To resume it:\n${retryOf(story)}`,
    ),
  };
}

function rejected(story: Story): Telling {
  const { execution, stage } = story;
  const decision = execution.decisions?.findLast((one) => one.decision === 'Rejected');
  return {
    headline: `Change rejected${forStage(stage)}`,
    text: paragraphs(
      `${subjectOf(execution)} was rejected${forStage(stage)}${decision ? ` by ${decision.by}` : ''}. Nothing was changed there.`,
      decision?.comment && `Reason: ${decision.comment}`,
      detailsOf(story),
    ),
    ...(decision ? { data: { by: decision.by, ...(decision.comment ? { comment: decision.comment } : {}) } } : {}),
  };
}

/** Such as `The deployment of revision 3 of pipeline mlops-pipeline-x`. */
function subjectOf({ kind, revision, pipelineId }: Execution): string {
  return kind === 'destroy'
    ? `The deletion of pipeline ${pipelineId}`
    : `The ${WORK[kind]} of revision ${revision} of pipeline ${pipelineId}`;
}

function environmentsOf({ stages }: Execution): string[] {
  return [...new Set(stages.flatMap(({ environment }) => environment ?? []))];
}

/** The most useful outputs: short texts and numbers, no nested values. */
function outputsOf(outputs: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(outputs).flatMap(([name, value]) =>
    (typeof value === 'string' && value.length <= 300) || typeof value === 'number' || typeof value === 'boolean'
      ? [`${name}: ${value}`]
      : [],
  );
}

function notReached(skipped: readonly ExecutionStage[]): string | undefined {
  return skipped.length > 0 ? `Stages that were not reached: ${skipped.map(({ name }) => name).join(', ')}` : undefined;
}

function detailsOf({ execution, publicUrl }: Story): string {
  return `To see the details:\n${call('GET', publicUrl, `/executions/${execution.executionId}`)}`;
}

function retryOf({ execution, publicUrl }: Story): string {
  return call('POST', publicUrl, `/executions/${execution.executionId}/retry`);
}

function forStage(stage: ExecutionStage | undefined): string {
  return stage?.environment ? ` for ${stage.environment}` : '';
}

function inStage(stage: ExecutionStage | undefined): string {
  return stage?.environment ? ` in ${stage.environment}` : '';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
