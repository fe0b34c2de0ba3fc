/** Commands that read lists, page by page as far as `--limit` goes. */
import type { Command } from 'commander';
import type { AuditEntry } from '../../../automation/audit/audit-log.ts';
import type { Execution, PipelineSummary } from '../../../automation/model.ts';
import type { StoredNotification } from '../../../automation/notifications/notification-log.ts';
import type { RevisionSummary } from '../../../automation/pipelines/revisions.ts';
import type { DeliveryEntry } from '../../../automation/sources/delivery-log.ts';
import type { Call, Commands } from '../command.ts';
import { part, withQuery } from '../command.ts';
import { counts } from '../describe.ts';
import { wholeNumber } from '../numbers.ts';
import type { Column } from '../../text-table.ts';
import { pairs } from '../output.ts';

interface ListOptions {
  limit: number;
}

/** The API gives so many on one page at most. */
const PAGE_LIMIT = 1_000;
const LIMIT = ['--limit <number>', 'entries at most', wholeNumber, 100] as const;

const EXECUTION_COLUMNS: readonly Column<Execution>[] = [
  ['EXECUTION', ({ executionId }) => executionId],
  ['PIPELINE', ({ pipelineId }) => pipelineId],
  ['KIND', ({ kind }) => kind],
  ['REVISION', ({ revision }) => revision],
  ['STATUS', ({ status }) => status],
  ['CREATED', ({ created }) => created],
];

export function addLists(program: Command, commands: Commands): void {
  program
    .command('list')
    .description('List pipelines, oldest first.')
    .option('--status <status>', 'only with this status, such as Failed or Deleted')
    .option('--type <type>', 'only of this pipeline type')
    .option('--search <text>', 'only with this in the id or the model name')
    .option('--deleted', 'deleted ones as well')
    .option(...LIMIT)
    .action(
      commands.action<ListOptions & { status?: string; type?: string; search?: string; deleted?: true }>(
        async (call) => {
          const { status, type, search, deleted } = call.options;
          const filter = { status, pipelineType: type, search, include: deleted ? 'deleted' : undefined };
          return await show<PipelineSummary>(call, '/pipelines', filter, 'There are no such pipelines.', [
            ['PIPELINE', ({ pipelineId }) => pipelineId],
            ['TYPE', ({ pipelineType }) => pipelineType],
            ['REVISION', ({ revision }) => revision],
            ['STATUS', (pipeline) => pipeline.status],
            ['UPDATED', ({ updated }) => updated],
          ]);
        },
      ),
    );
  program
    .command('executions')
    .description('List executions, newest first.')
    .argument('[pipeline]', 'id of a pipeline; default: of all')
    .option('--status <status>', 'only with this status, such as Failed')
    .option('--kind <kind>', 'only of this kind, such as rollback')
    .option(...LIMIT)
    .action(
      commands.action<ListOptions & { status?: string; kind?: string }>(async (call, pipelineId) => {
        const { status, kind } = call.options;
        const filter = { pipelineId, status, kind };
        return await show<Execution>(call, '/executions', filter, 'There are no such executions.', EXECUTION_COLUMNS);
      }),
    );
  program
    .command('approvals')
    .description('List the executions that wait for approval, newest first.')
    .option('--env <environment>', 'only for this environment')
    .option(...LIMIT)
    .action(
      commands.action<ListOptions & { env?: string }>(async (call) => {
        return await show<Execution>(
          call,
          '/approvals',
          { environment: call.options.env },
          'Nothing waits for approval.',
          [
            ['EXECUTION', ({ executionId }) => executionId],
            ['PIPELINE', ({ pipelineId }) => pipelineId],
            ['ENVIRONMENT', ({ approval }) => approval?.environment],
            ['REQUESTED BY', ({ requestedBy }) => requestedBy],
            ['CHANGES', ({ approval }) => approval && counts(approval.summary)],
            ['EXPIRES', ({ approval }) => approval?.expiresAt],
          ],
        );
      }),
    );
  program
    .command('revisions')
    .description('List the revisions of a pipeline, newest first.')
    .argument('<pipeline>', 'id of a pipeline')
    .option(...LIMIT)
    .action(
      commands.action<ListOptions>(async (call, id = '') => {
        return await show<RevisionSummary>(call, `/pipelines/${part(id)}/revisions`, {}, 'There are none.', [
          ['REVISION', ({ revision }) => revision],
          ['CURRENT', ({ current }) => (current ? 'yes' : 'no')],
          ['DEPLOYED IN', ({ environments }) => environments.join(', ') || undefined],
          ['REQUESTED BY', ({ requestedBy }) => requestedBy],
          ['CREATED', ({ created }) => created],
          ['COMMIT', ({ origin }) => origin?.commit],
        ]);
      }),
    );
  addRecords(program, commands);
}

/** What happened: the audit log, notifications, deliveries of configuration. */
function addRecords(program: Command, commands: Commands): void {
  program
    .command('audit')
    .description('List who did what, newest first. Requires the role admin.')
    .option('--pipeline <pipeline>', 'only of this pipeline')
    .option('--execution <execution>', 'only of this execution')
    .option('--action <action>', 'only this action, such as approve or denied')
    .option('--principal <name>', 'only by this ARN or name')
    .option('--since <time>', 'not before this time, in ISO 8601')
    .option(...LIMIT)
    .action(
      commands.action<ListOptions & Record<'pipeline' | 'execution' | 'action' | 'principal' | 'since', string>>(
        async (call) => {
          const { pipeline, execution, action, principal, since } = call.options;
          const filter = { pipelineId: pipeline, executionId: execution, action, principal, since };
          return await showEntries<AuditEntry>(call, '/audit', filter, [
            ['AT', ({ at }) => at],
            ['PRINCIPAL', (entry) => entry.principal],
            ['ACTION', (entry) => entry.action],
            ['PIPELINE', ({ pipelineId }) => pipelineId],
            ['ENVIRONMENT', ({ environment }) => environment],
            ['EXECUTION', ({ executionId }) => executionId],
          ]);
        },
      ),
    );
  program
    .command('notifications')
    .description('List notifications, newest first, with the state of their delivery.')
    .option('--kind <kind>', 'only of this kind, such as approval-needed')
    .option('--pipeline <pipeline>', 'only of this pipeline')
    .option(...LIMIT)
    .action(
      commands.action<ListOptions & { kind?: string; pipeline?: string }>(async (call) => {
        const { kind, pipeline } = call.options;
        return await showEntries<StoredNotification>(call, '/notifications', { kind, pipelineId: pipeline }, [
          ['AT', ({ at }) => at],
          ['KIND', (entry) => entry.kind],
          ['DELIVERY', ({ delivery }) => delivery],
          ['SUBJECT', ({ subject }) => subject],
        ]);
      }),
    );
  program
    .command('deliveries')
    .description('List the versions of mlops-config.json that arrived, newest first.')
    .option('--status <status>', 'only with this status, such as Invalid')
    .option('--source <source>', 'only from this kind of source, such as github')
    .option('--target <target>', 'only of this target, such as github:owner/repo@main')
    .option(...LIMIT)
    .action(
      commands.action<ListOptions & { status?: string; source?: string; target?: string }>(async (call) => {
        const { status, source, target } = call.options;
        return await show<DeliveryEntry>(call, '/deliveries', { status, source, target }, 'There are none.', [
          ['ID', ({ id }) => id],
          ['TARGET', (entry) => entry.target],
          ['REVISION', ({ revision }) => revision],
          ['STATUS', (entry) => entry.status],
          ['ACCEPTED', ({ accepted }) => accepted],
          ['DETAIL', ({ detail }) => detail],
        ]);
      }),
    );
  program
    .command('redeliver')
    .description('Process a delivery again.')
    .argument('<delivery>', 'id of a delivery')
    .action(
      commands.action(async ({ api, output }, id = '') => {
        const delivery = await api.call<DeliveryEntry>('POST', `/deliveries/${part(id)}/redeliver`);
        output.show(delivery, ({ target, revision, status }) => pairs({ target, revision, status }));
        return undefined;
      }),
    );
}

type Filter = Readonly<Record<string, string | undefined>>;

async function show<Entry>(
  { api, options: { limit }, output, say }: Call<ListOptions>,
  path: string,
  filter: Filter,
  empty: string,
  columns: readonly Column<Entry>[],
): Promise<undefined> {
  const page = await api.list<Entry>(withQuery(path, { ...filter, limit: Math.min(limit, PAGE_LIMIT) }), limit);
  output.list(page.entries, columns, empty);
  if (page.more) say(`There are more than these ${limit}: give a higher --limit.`);
}

/** For the two lists whose pages are objects with `entries` and `next`. */
async function showEntries<Entry>(
  { api, options: { limit }, output, say }: Call<ListOptions>,
  path: string,
  filter: Filter,
  columns: readonly Column<Entry>[],
): Promise<undefined> {
  const entries: Entry[] = [];
  let next: number | undefined;
  do {
    const query = { ...filter, limit: Math.min(limit - entries.length, PAGE_LIMIT), after: next };
    const page = await api.call<{ entries: Entry[]; next?: number }>('GET', withQuery(path, query));
    entries.push(...page.entries);
    ({ next } = page);
  } while (next !== undefined && entries.length < limit);
  output.list(entries, columns, 'There are no such entries.');
  if (next !== undefined) say(`There are more than these ${limit}: give a higher --limit.`);
}
