/** What the pages read from the API, by key: TanStack Query caches it, and fetches it again when it is out of date. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api, pageOf } from './client.ts';
import type { Environment, Execution, PipelineSummary } from './model.ts';
import { isUnfinished } from './model.ts';

const PAGE = 50;
/** Lists follow what others do; an open page asks this often. */
const LIST_MS = 10_000;
const RUNNING_MS = 3_000;

export interface PipelineFilter {
  search?: string | undefined;
  pipelineType?: string | undefined;
  status?: PipelineSummary['status'] | undefined;
  deleted?: boolean | undefined;
}

export const keys = {
  pipelines: ['pipelines'] as const,
  pipeline: (id: string) => ['pipeline', id] as const,
  executions: ['executions'] as const,
  execution: (id: string) => ['execution', id] as const,
  approvals: ['approvals'] as const,
};

export function pipelinesQuery({ search, pipelineType, status, deleted }: PipelineFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.pipelines, { search, pipelineType, status, deleted }],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        api.GET('/pipelines', {
          params: {
            query: {
              limit: PAGE,
              ...(search ? { search } : {}),
              ...(pipelineType ? { pipelineType } : {}),
              ...(status ? { status } : {}),
              ...(deleted ? { include: 'deleted' as const } : {}),
              ...(pageParam ? { after: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: LIST_MS,
  });
}

export const pipelineTypesQuery = queryOptions({
  queryKey: ['pipeline-types'],
  queryFn: ({ signal }) => answerOf(api.GET('/pipeline-types', { signal })),
  staleTime: Infinity,
});

export function pipelineQuery(id: string) {
  return queryOptions({
    queryKey: keys.pipeline(id),
    queryFn: ({ signal }) => answerOf(api.GET('/pipelines/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isUnfinished(state.data.status) ? RUNNING_MS : LIST_MS),
  });
}

export function revisionsQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.pipeline(id), 'revisions'],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        api.GET('/pipelines/{id}/revisions', {
          params: { path: { id }, query: { limit: PAGE, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => (next === undefined ? undefined : Number(next)),
  });
}

export function revisionDiffQuery(id: string, from: number, to: number) {
  return queryOptions({
    queryKey: [...keys.pipeline(id), 'diff', from, to],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/pipelines/{id}/revisions/{revision}/diff', {
          params: { path: { id, revision: String(from) }, query: { to } },
          signal,
        }),
      ),
    // Revisions never change.
    staleTime: Infinity,
  });
}

export function pipelineExecutionsQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.pipeline(id), 'executions'],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        api.GET('/pipelines/{id}/executions', {
          params: { path: { id }, query: { limit: PAGE, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => (state.data?.pages[0]?.entries.some(isRunning) ? RUNNING_MS : LIST_MS),
  });
}

export function outputsQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.pipeline(id), 'outputs'],
    queryFn: ({ signal }) => answerOf(api.GET('/pipelines/{id}/outputs', { params: { path: { id } }, signal })),
    // The first ones come while the page is open.
    refetchInterval: ({ state }) => (state.data?.environments.length === 0 ? RUNNING_MS : false),
  });
}

export function resourcesQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.pipeline(id), 'resources'],
    queryFn: ({ signal }) => answerOf(api.GET('/pipelines/{id}/resources', { params: { path: { id } }, signal })),
  });
}

export function jobsQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.pipeline(id), 'jobs'],
    queryFn: ({ signal }) => answerOf(api.GET('/pipelines/{id}/jobs', { params: { path: { id } }, signal })),
    // Each reading costs calls of SageMaker, which throttles them.
    staleTime: 30_000,
  });
}

export function monitorsQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.pipeline(id), 'monitors'],
    queryFn: ({ signal }) => answerOf(api.GET('/pipelines/{id}/monitors', { params: { path: { id } }, signal })),
  });
}

export function pipelineCardQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.pipeline(id), 'card'],
    queryFn: ({ signal }) => answerOf(api.GET('/pipelines/{id}/card', { params: { path: { id } }, signal })),
  });
}

export function driftQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.pipeline(id), 'drift'],
    queryFn: ({ signal }) => answerOf(api.GET('/pipelines/{id}/drift', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.some(({ status }) => status === 'Queued' || status === 'InProgress') ? RUNNING_MS : false,
  });
}

export interface ExecutionFilter {
  status?: Execution['status'] | undefined;
  kind?: Execution['kind'] | undefined;
}

export function executionsQuery({ status, kind }: ExecutionFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.executions, { status, kind }],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        api.GET('/executions', {
          params: {
            query: {
              limit: PAGE,
              ...(status ? { status } : {}),
              ...(kind ? { kind } : {}),
              ...(pageParam ? { after: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => (state.data?.pages[0]?.entries.some(isRunning) ? RUNNING_MS : LIST_MS),
  });
}

export function approvalsQuery({ environment }: { environment?: Environment | undefined }) {
  return infiniteQueryOptions({
    queryKey: [...keys.approvals, { environment }],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        api.GET('/approvals', {
          params: {
            query: { limit: PAGE, ...(environment ? { environment } : {}), ...(pageParam ? { after: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: LIST_MS,
  });
}

export function executionQuery(id: string) {
  return queryOptions({
    queryKey: keys.execution(id),
    queryFn: ({ signal }) => answerOf(api.GET('/executions/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isRunning(state.data) ? RUNNING_MS : false),
  });
}

function isRunning({ status }: Pick<Execution, 'status'>): boolean {
  return isUnfinished(status);
}
