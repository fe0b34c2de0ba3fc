/** What pages read of the records: deliveries, notifications, the audit log, model cards. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api, API_URL, pageOf } from './client.ts';
import type { ListPage } from './client.ts';
import type { AuditEntry, Delivery, Environment, Execution, Model, Notification, QueryOf } from './model.ts';

const PAGE = 50;
const LIST_MS = 10_000;

export type { AuditEntry, Delivery, Notification };
export type NotificationKind = NonNullable<QueryOf<'/notifications'>['kind']>;
export type AuditAction = NonNullable<QueryOf<'/audit'>['action']>;

export interface DeliveryFilter {
  status?: Delivery['status'] | undefined;
  source?: Delivery['source'] | undefined;
}

export interface NotificationFilter {
  kind?: NotificationKind | undefined;
}

export interface AuditFilter {
  principal?: string | undefined;
  action?: AuditAction | undefined;
  environment?: Environment | undefined;
  pipelineId?: string | undefined;
  /** Days, such as `2026-01-31`. */
  since?: string | undefined;
  until?: string | undefined;
}

export const recordKeys = {
  deliveries: ['deliveries'] as const,
  notifications: ['notifications'] as const,
  cards: ['model-cards'] as const,
};

/** Lists of records have their next page in the answer, not in a header. */
async function pageIn<T>(answer: Promise<{ entries: T[]; next?: number | undefined }>): Promise<ListPage<T>> {
  const { entries, next } = await answer;
  return { entries, ...(next === undefined ? {} : { next: String(next) }) };
}

export function deliveriesQuery({ status, source }: DeliveryFilter) {
  return infiniteQueryOptions({
    queryKey: [...recordKeys.deliveries, { status, source }],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        api.GET('/deliveries', {
          params: {
            query: {
              limit: PAGE,
              ...(status ? { status } : {}),
              ...(source ? { source } : {}),
              ...(pageParam ? { after: Number(pageParam) } : {}),
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

export function notificationsQuery({ kind }: NotificationFilter) {
  return infiniteQueryOptions({
    queryKey: [...recordKeys.notifications, { kind }],
    queryFn: ({ pageParam, signal }) =>
      pageIn(
        answerOf(
          api.GET('/notifications', {
            params: {
              query: { limit: PAGE, ...(kind ? { kind } : {}), ...(pageParam ? { after: Number(pageParam) } : {}) },
            },
            signal,
          }),
        ),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: LIST_MS,
  });
}

/** @returns the parameters of `GET /audit`; days become the moments at which they begin here */
function auditParameters({ since, until, ...filter }: AuditFilter): QueryOf<'/audit'> {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  return {
    ...given,
    ...(since ? { since: new Date(`${since}T00:00:00`).toISOString() } : {}),
    ...(until ? { until: new Date(new Date(`${until}T00:00:00`).getTime() + 86_400_000).toISOString() } : {}),
  };
}

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      pageIn(
        // As JSON, not as lines: that is what the browser asks for.
        answerOf(
          api.GET('/audit', {
            params: {
              query: { limit: PAGE, ...auditParameters(filter), ...(pageParam ? { after: Number(pageParam) } : {}) },
            },
            signal,
          }),
        ) as Promise<Model<'AuditPage'>>,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
}

/** All matching entries, one JSON object a line. */
export function auditExportUrl(filter: AuditFilter): string {
  const parameters = new URLSearchParams({ ...(auditParameters(filter) as Record<string, string>), format: 'jsonl' });
  return `${API_URL}/audit?${parameters.toString()}`;
}

/** At most this many executions are drawn. */
const DRAWN = 500;

/** The latest executions of a number of days, newest first, and when they were read. */
export function recentExecutionsQuery(days: number) {
  return queryOptions({
    queryKey: ['recent-executions', days],
    queryFn: async ({ signal }): Promise<{ executions: Execution[]; until: number }> => {
      const until = Date.now();
      const since = new Date(until - days * 86_400_000).toISOString();
      const { entries } = await pageOf(api.GET('/executions', { params: { query: { limit: DRAWN, since } }, signal }));
      return { executions: entries, until };
    },
    refetchInterval: 3 * LIST_MS,
  });
}

export interface CardSummary {
  ModelCardName: string;
  ModelCardStatus: string;
  CreationTime?: string;
  LastModifiedTime?: string;
}

export interface ModelCard extends CardSummary {
  ModelCardArn: string;
  ModelCardVersion: number;
  /** JSON text. */
  Content?: string;
}

/** Model cards are read with requests, as in the original. */
export async function cardRequest<T>(body: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
  const answer = await answerOf(api.POST('/provisionpipeline', { body: body as never, ...(signal ? { signal } : {}) }));
  return (answer as Model<'ModelCardAnswer'>).message as T;
}

export const cardsQuery = queryOptions({
  queryKey: [...recordKeys.cards],
  queryFn: ({ signal }) =>
    cardRequest<{ ModelCardSummaries: CardSummary[] }>({ pipeline_type: 'list_model_cards' }, signal),
});

/** @param version default: the latest */
export function cardQuery(name: string, version?: number) {
  return queryOptions({
    queryKey: [...recordKeys.cards, name, { version }],
    queryFn: ({ signal }) =>
      cardRequest<ModelCard>(
        { pipeline_type: 'describe_model_card', name, ...(version ? { model_card_version: version } : {}) },
        signal,
      ),
  });
}

export interface CardVersion extends CardSummary {
  ModelCardVersion: number;
}

export function cardVersionsQuery(name: string) {
  return queryOptions({
    queryKey: [...recordKeys.cards, name, 'versions'],
    queryFn: ({ signal }) =>
      cardRequest<{ ModelCardVersionSummaryList: CardVersion[] }>(
        { pipeline_type: 'list_model_card_versions', name },
        signal,
      ),
  });
}
