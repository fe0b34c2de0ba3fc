/** What the `FakeOrchestrator` answers with. */
import type { CursorPage, CursorQuery, Page, PageQuery } from '../../automation/platform/paging.ts';
import { cursorPage } from '../../automation/platform/paging.ts';
import type { DriftCheck, PreviewAnswer } from '../../automation/model.ts';
import type { PipelineJobs } from '../../automation/pipelines/jobs.ts';
import type { PipelineCard } from '../../automation/model-cards/pipeline-cards.ts';
import type { RevisionSummary } from '../../automation/pipelines/revisions.ts';
import type { DeliveryEntry } from '../../automation/sources/delivery-log.ts';
import { RequestInvalid } from '../../blueprints/faults.ts';

export const CREATED = '2026-01-02T03:04:05.000Z';

export const CARD: Omit<PipelineCard, 'pipelineId'> = {
  name: 'card',
  state: 'Outdated',
  status: 'Approved',
  version: 2,
  content: { model_overview: { model_name: 'm' } },
  missing: ['SageMaker has no model m.'],
};

export const DELIVERY: DeliveryEntry = {
  id: 7,
  source: 'github',
  deliveryId: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  target: 'github:owner/repo@main',
  revision: '9f3c2a1',
  status: 'Invalid',
  people: { pushedBy: ['kim'], author: ['lee@example.com'] },
  results: [{ index: 0, pipelineId: 'p', message: 'it is protected', refused: true }],
  detail: 'it is protected',
  attempts: 1,
  accepted: CREATED,
  updated: CREATED,
};

export function revisionOf(pipelineId: string, revision: number): RevisionSummary {
  return {
    pipelineId,
    revision,
    digest: 'd',
    requestedBy: 'kim',
    created: CREATED,
    origin: { repository: 'github:owner/repo', branch: 'main', commit: '9f3c2a1', author: ['lee@example.com'] },
    current: true,
    environments: ['main'],
  };
}

/** As much of the request rules as the API's tests need: an object with `pipeline_type` and `model_name`. */
export function pipelineIdOf(body: unknown): string {
  const { pipeline_type: type, model_name: name } = (body ?? {}) as Record<string, unknown>;
  const missing = Object.entries({ pipeline_type: type, model_name: name }).filter(
    ([, value]) => typeof value !== 'string',
  );
  if (missing.length === 0) return `mlops-pipeline-${String(name).toLowerCase()}-byompipelinerealtimebuiltin`;
  const faults = missing.map(([key]) => ({
    pointer: `/${key}`,
    message: `Bad request. API body does not have the necessary parameter: ${key}`,
    rule: 'required',
  }));
  throw new RequestInvalid(faults[0]!.message, faults, { pipeline_type: 'byom_realtime_builtin', model_name: 'm' });
}

/** A job with everything that one may have, and an environment without an answer. */
export function jobsOf(pipelineId: string): PipelineJobs {
  const violation = { feature: 'age', check: 'data_type_check', description: 'No number.' };
  return {
    pipelineId,
    environments: [
      {
        environment: 'dev',
        jobs: [
          {
            kind: 'monitoring',
            name: 'model-monitoring-1',
            arn: 'arn:aws:sagemaker:us-east-1:222222222222:processing-job/model-monitoring-1',
            status: 'CompletedWithViolations',
            created: CREATED,
            ended: CREATED,
            scheduled: CREATED,
            failureReason: 'none',
            metrics: [{ name: 'validation:auc', value: 0.9 }],
            artifact: 's3://assets/model.tar.gz',
            output: 's3://assets/monitoring',
            best: 'tuner-1',
            trainingJobs: { Completed: 3 },
            violations: { count: 1, report: 's3://assets/constraint_violations.json', entries: [violation] },
          },
        ],
        next: CREATED,
      },
      { environment: 'staging', jobs: [], error: { code: 'AccessDenied', message: 'The role may not be assumed.' } },
    ],
  };
}

export function driftCheckOf(pipelineId: string): DriftCheck {
  const urn = `urn:pulumi:${pipelineId}.main::byom-realtime-builtin::aws:iam/role:Role`;
  const resource = { type: 'aws:iam/role:Role' };
  return {
    checkId: '6d0c3a4e-0f7b-4d43-9f3e-2a1f0c9b8e77',
    pipelineId,
    environment: 'main',
    stack: `byom-realtime-builtin/${pipelineId}.main`,
    status: 'Drifted',
    requestedBy: 'schedule',
    created: CREATED,
    started: CREATED,
    ended: CREATED,
    findings: [
      { ...resource, urn: `${urn}::gone`, name: 'gone', kind: 'missing', differences: [] },
      {
        ...resource,
        urn: `${urn}::role`,
        name: 'role',
        kind: 'changed',
        differences: [{ property: 'tags.team', before: 'ours', after: 'theirs' }],
      },
    ],
    outdated: false,
  };
}

export function previewOf(pipelineId: string): PreviewAnswer {
  return {
    message: 'preview only: nothing was changed',
    pipelineId,
    environments: [
      {
        environment: 'main',
        stack: `byom-realtime-builtin/${pipelineId}.main`,
        summary: { create: 1 },
        changes: [
          {
            operation: 'create',
            urn: 'urn:pulumi:main::byom-realtime-builtin::aws:sagemaker/model:Model::m',
            type: 'aws:sagemaker/model:Model',
            name: 'm',
          },
        ],
      },
    ],
  };
}

export function pageOf<Entry extends { id: number }>(all: readonly Entry[], { limit, after }: PageQuery): Page<Entry> {
  const rest = all.filter(({ id }) => after === undefined || id < after);
  const entries = rest.slice(0, limit);
  const last = entries.at(-1);
  return { entries, ...(rest.length > limit && last ? { next: last.id } : {}) };
}

export function cursorPageOf<Entry>(
  all: Entry[],
  { limit, after }: CursorQuery,
  idOf: (entry: Entry) => string,
): CursorPage<Entry> {
  const begin = after === undefined ? 0 : all.findIndex((entry) => idOf(entry) === after) + 1;
  return cursorPage(all.slice(begin, begin + limit + 1), limit, idOf);
}
