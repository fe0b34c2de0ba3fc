/** The client of the API: typed by its OpenAPI document, as `mlops` is (client/). */
import createClient from 'openapi-fetch';
import { ApiError } from './errors.ts';
import type { paths } from '../../../client/schema.d.ts';

/** Path of the console, such as `/console`; the API is one level up. */
export const CONSOLE_PATH = new URL('.', document.baseURI).pathname.replace(/\/$/, '');
export const API_URL = new URL('..', document.baseURI).href.replace(/\/$/, '');

export const api = createClient<paths>({ baseUrl: API_URL });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** @throws ApiError if the API refused, or cannot be reached */
export async function answerOf<T>(call: Promise<Answered<T>>): Promise<NonNullable<T>> {
  return (await answered(call)).data;
}

/** One page of a list, and where the next one starts. */
export interface ListPage<T> {
  entries: T[];
  /** `after` of the next page; undefined: this is the last one. */
  next?: string;
}

/** Reads a list whose next page is in the `Link` header. */
export async function pageOf<T>(call: Promise<Answered<T[]>>): Promise<ListPage<T>> {
  const { data, response } = await answered(call);
  const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];
  const next = link && new URL(link, API_URL).searchParams.get('after');
  return { entries: data, ...(next ? { next } : {}) };
}

async function answered<T>(call: Promise<Answered<T>>): Promise<{ data: NonNullable<T>; response: Response }> {
  let result: Answered<T>;
  try {
    result = await call;
  } catch (error) {
    throw ApiError.unreachable(error);
  }
  const { data, error, response } = result;
  if (!response.ok || data === undefined || data === null) throw ApiError.of(response, error);
  return { data, response };
}
