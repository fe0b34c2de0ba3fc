/** Query parameters of the lists that are read page by page, newest first. */
import type { Response } from 'express';
import Joi from 'joi';
import type { CursorPage, CursorQuery } from '../../automation/platform/paging.ts';
import type { Call } from '../route.ts';

/** Maximum page size. */
export const PAGE_LIMIT = 1_000;
export const PAGE_DEFAULT = 100;

/** Years that both JavaScript and PostgreSQL support. */
const EARLIEST = '0001-01-01T00:00:00Z';
const LATEST = '9999-12-31T23:59:59Z';

/** A point in time. */
export const time = (description: string) =>
  Joi.date().iso().min(EARLIEST).max(LATEST).description(`${description} ISO 8601, from year 1 to 9999.`);

/** As PostgreSQL takes it: joi would also take brackets around it, of any kind. */
export const uuid = () => Joi.string().guid({ separator: '-', wrapper: false });

export const listKeys = {
  pipelineId: Joi.string()
    .pattern(/^[\x21-\x7e]{1,255}$/, 'a pipeline id')
    .description('Only of this pipeline.'),
  executionId: uuid().description('Only of this execution.'),
  since: time('Only entries at or after this time.'),
  limit: Joi.number()
    .integer()
    .min(1)
    .max(PAGE_LIMIT)
    .description(`Maximum number of entries; ${PAGE_DEFAULT} by default.`),
  after: Joi.number().integer().min(1).description('`next` of the previous page: continues with older entries.'),
};

/** Parameters of lists whose pages start after the id of an entry. */
export const cursorKeys = (after: Joi.StringSchema | Joi.NumberSchema) => ({
  limit: Joi.number()
    .integer()
    .min(1)
    .max(PAGE_LIMIT)
    .description(`Maximum number of entries; ${PAGE_DEFAULT} by default.`),
  after: after.description('Continues after this entry: the `Link` header of the previous page has the address.'),
});

/** The query of a call, with the default limit. */
export function cursorOf<Filter extends CursorQuery>({ query }: Call): Filter {
  return { limit: PAGE_DEFAULT, ...query } as Filter;
}

/**
 * Sends the entries; if there are more, the `Link` header has the URL of the next page.
 * @see https://www.rfc-editor.org/rfc/rfc8288
 */
export function sendPage({ request, query }: Call, response: Response, { entries, next }: CursorPage<unknown>): void {
  if (next !== undefined) {
    const given = Object.entries(query).map(([name, value]): [string, string] => [name, asText(value)]);
    const parameters = new URLSearchParams([...given.filter(([name]) => name !== 'after'), ['after', next]]);
    response.set('Link', `<${request.path}?${parameters.toString()}>; rel="next"`);
  }
  response.json(entries);
}

/** In the format of the schemas: a `Date` as ISO 8601. */
function asText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
