import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import Joi from 'joi';
import type { AuditEntry, AuditFilter } from '../../automation/audit/audit-log.ts';
import { AUDIT_ACTIONS } from '../../automation/audit/record.ts';
import type { Page } from '../../automation/platform/paging.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { answer } from '../answers.ts';
import type { Call, Route } from '../route.ts';
import { PAGE_DEFAULT, PAGE_LIMIT, listKeys, time } from './list-query.ts';

const JSON_LINES = 'application/x-ndjson';

const query = Joi.object({
  principal: Joi.string()
    .pattern(/^[\x21-\x7e]{1,512}$/, 'an ARN or a name')
    .description('Only by this ARN or name.'),
  action: Joi.string()
    .valid(...AUDIT_ACTIONS)
    .description('Only this action; `denied`: attempts without permission.'),
  environment: Joi.string().valid('main', 'dev', 'staging', 'prod').description('Only in this environment.'),
  ...listKeys,
  until: time('Only entries before this time.'),
  format: Joi.string()
    .valid('json', 'jsonl')
    .description('`jsonl`: one entry per line, all of them or the first `limit`. Default: by the `Accept` header.'),
});

type Query = Partial<AuditFilter> & { format?: 'json' | 'jsonl' };

/** Who did what. */
export function auditRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/audit',
      role: 'admin',
      operationId: 'listAudit',
      summary: 'Who did what, newest first',
      description: 'Entries are never changed or removed. Entries must match all query parameters.',
      query,
      answers: {
        200: {
          description: 'A page of entries; or, with `format=jsonl`, all entries as a stream of JSON lines',
          schema: answer('AuditPage'),
          otherTypes: { [JSON_LINES]: answer('AuditEntry') },
        },
      },
      async handle(call, response) {
        const { format, ...filter } = call.query as Query;
        response.vary('Accept');
        if (!wantsLines(call, format)) {
          response.json(await orchestrator.audit({ ...filter, limit: filter.limit ?? PAGE_DEFAULT }));
        } else if (call.request.method === 'HEAD') {
          response.type(JSON_LINES).end();
        } else {
          await sendLines(orchestrator, filter, response);
        }
      },
    },
  ];
}

function wantsLines({ request }: Call, format: Query['format']): boolean {
  if (format) return format === 'jsonl';
  return request.accepts(['application/json', JSON_LINES]) === JSON_LINES;
}

async function sendLines(orchestrator: Orchestrator, filter: Partial<AuditFilter>, response: Response): Promise<void> {
  // Read before the stream starts: afterwards the status can no longer report an error.
  const first = await orchestrator.audit({ ...filter, limit: filter.limit ?? PAGE_LIMIT });
  const isEnough = filter.limit !== undefined;
  const older = (after: number) => orchestrator.audit({ ...filter, after, limit: PAGE_LIMIT });
  response.type(JSON_LINES);
  await pipeline(Readable.from(isEnough ? [linesOf(first)] : allLines(first, older)), response).catch(
    (error: NodeJS.ErrnoException) => {
      // The client has disconnected.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    },
  );
}

async function* allLines(
  first: Page<AuditEntry>,
  older: (after: number) => Promise<Page<AuditEntry>>,
): AsyncGenerator<string> {
  let page = first;
  yield linesOf(page);
  while (page.next !== undefined) {
    page = await older(page.next);
    yield linesOf(page);
  }
}

function linesOf({ entries }: Page<AuditEntry>): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
