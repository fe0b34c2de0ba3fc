/** Executions, stages and changes in lines for people. Pure. */
import type {
  Approval,
  Execution,
  ExecutionEvent,
  Model,
  Pipeline,
  PropertyDifference,
  ResourceChange,
  Stage,
} from '../../client/model.ts';
import type { Column } from '../text-table.ts';
import { cell, table } from '../text-table.ts';
import { pairs } from './output.ts';

const SIGNS: Readonly<Record<string, string>> = { create: '+', update: '~', replace: '+-', delete: '-' };

const STAGE_COLUMNS: readonly Column<Stage>[] = [
  ['STAGE', ({ name }) => name],
  ['STATUS', ({ status }) => status],
  ['STARTED', ({ started }) => started],
  ['DURATION', ({ started, ended }) => (started && ended ? duration(started, ended) : undefined)],
  ['CHANGES', ({ changes }) => (changes ? counts(changes) : undefined)],
];

export const DIFFERENCE_COLUMNS: readonly Column<PropertyDifference>[] = [
  ['KEY', ({ property }) => property],
  ['BEFORE', ({ before }) => before],
  ['AFTER', ({ after }) => after],
];

export function executionLines(execution: Execution): string[] {
  const { approval, origin } = execution;
  return [
    ...pairs({
      execution: execution.executionId,
      pipeline: execution.pipelineId,
      type: execution.pipelineType,
      kind: execution.kind,
      revision: execution.revision,
      status: execution.status,
      'requested by': execution.requestedBy,
      commit: origin && `${origin.repository}@${origin.commit}`,
      created: execution.created,
      updated: execution.updated,
      'cancelled by': execution.cancelledBy,
      'waits for': execution.waitsFor?.length ? execution.waitsFor.join(', ') : undefined,
    }),
    ...stageLines(execution.stages),
    ...(execution.decisions ?? []).map(
      ({ at, by, decision, environment, comment }) =>
        `${at}  ${decision} for ${environment} by ${by}${comment ? `: ${comment}` : ''}`,
    ),
    ...(approval ? approvalLines(execution.executionId, approval) : []),
  ];
}

export function pipelineLines(pipeline: Pipeline): string[] {
  return [
    ...pairs({
      pipeline: pipeline.pipelineId,
      type: pipeline.pipelineType,
      model: pipeline.modelName,
      status: pipeline.status,
      revision: pipeline.revision,
      execution: pipeline.latestExecutionId,
      'protected by': pipeline.protectedBy,
      updated: pipeline.updated,
    }),
    ...stageLines(pipeline.stages),
  ];
}

export function stageLines(stages: readonly Stage[]): string[] {
  const failed = stages.filter(({ error }) => error);
  return [
    ...(stages.length === 0 ? [] : ['', ...table(stages, STAGE_COLUMNS)]),
    ...failed.flatMap(({ name, error }) => [
      '',
      `${name} failed: ${error?.message ?? ''} (${[error?.code, error?.providerCode].filter(Boolean).join(', ')})`,
      ...pairs({ resource: error?.urn, 'AWS request': error?.requestId, hint: error?.hint }, '  '),
      ...(error?.findings ?? [])
        // The message of a preflight lists them already.
        .filter(({ message }) => !error?.message.includes(message))
        .map(({ check, subject, message }) => `  ${check} ${subject}: ${message}`),
    ]),
  ];
}

function approvalLines(executionId: string, approval: Approval): string[] {
  const {
    environment,
    changeHash,
    summary,
    changes,
    requested,
    findings = [],
    approvedBy,
    minimumApprovers,
  } = approval;
  return [
    '',
    `Waits for approval of ${environment} until ${approval.expiresAt}: ${counts(summary)}`,
    ...changes.flatMap(changeLines),
    ...(requested?.differences ?? []).map(
      ({ property, before, after }) => `  request ${property}: ${cell(before)} → ${cell(after)}`,
    ),
    ...findings.map(({ check, subject, message }) => `  ${check} ${subject}: ${message}`),
    ...pairs({ 'approved by': `${approvedBy.length} of ${minimumApprovers}`, change: changeHash }, '  '),
    `  mlops approve ${executionId} --change ${changeHash}`,
  ];
}

export function previewLines({ message, environments, warnings = [] }: Model<'PreviewAnswer'>): string[] {
  return [
    message,
    ...environments.flatMap(({ environment, stack, summary, changes, findings = [] }) => [
      '',
      `${environment}  ${stack}: ${counts(summary)}`,
      ...changes.flatMap(changeLines),
      ...findings.map(({ check, subject, message: finding }) => `  ${check} ${subject}: ${finding}`),
    ]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

function changeLines({ operation, type, name, differences = [], warning }: ResourceChange): string[] {
  if (operation === 'same') return [];
  return [
    `  ${SIGNS[operation] ?? operation} ${type} ${name}`,
    ...differences.map(({ property, before, after }) => `      ${property}: ${cell(before)} → ${cell(after)}`),
    ...(warning ? [`      warning: ${warning}`] : []),
  ];
}

/** One line of progress. */
export function eventLine({ at, type, stage, data }: ExecutionEvent): string {
  const what = [data.type, data.name, data.message].filter((part) => typeof part === 'string').join(' ');
  return [at, stage ?? '-', type, what].filter(Boolean).join('  ');
}

export function counts(numbers: Readonly<Record<string, number>>): string {
  const some = Object.entries(numbers).filter(([, count]) => count > 0);
  return some.map(([operation, count]) => `${count} ${operation}`).join(', ') || 'no changes';
}

function duration(started: string, ended: string): string {
  const seconds = (Date.parse(ended) - Date.parse(started)) / 1_000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
