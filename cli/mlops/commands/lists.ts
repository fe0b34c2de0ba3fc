/** Commands that read lists, page by page as far as `--limit` goes. */
import type { Command } from 'commander';
import type { Execution, QueryOf } from '../../../client/model.ts';
import { entriesOf } from '../client.ts';
import type { ListPage } from '../client.ts';
import type { Call, Commands } from '../command.ts';
import { examples } from '../command.ts';
import { counts } from '../describe.ts';
import { wholeNumber } from '../numbers.ts';
import type { Column } from '../../text-table.ts';

export interface ListOptions {
  limit: number;
}

/** The API gives so many on one page at most. */
const PAGE_LIMIT = 1_000;
export const LIMIT = ['--limit <number>', 'entries at most', wholeNumber, 100] as const;

const EXECUTION_COLUMNS: readonly Column<Execution>[] = [
  ['EXECUTION', ({ executionId }) => executionId],
  ['PIPELINE', ({ pipelineId }) => pipelineId],
  ['KIND', ({ kind }) => kind],
  ['REVISION', ({ revision }) => revision],
  ['STATUS', ({ status }) => status],
  ['CREATED', ({ created }) => created],
];

/** Values of flags go to the service as they are given: it says which ones there are. */
export function addLists(program: Command, commands: Commands): void {
  program
    .command('list')
    .description('List pipelines, oldest first.')
    .option('--status <status>', 'only with this status, such as Failed or Deleted')
    .option('--type <type>', 'only of this pipeline type')
    .option('--search <text>', 'only with this in the id or the model name')
    .option('--deleted', 'deleted ones as well')
    .option(...LIMIT)
    .addHelpText('after', examples('mlops list --status Failed', 'mlops list --search churn -o json'))
    .action(
      commands.action<
        ListOptions & Pick<QueryOf<'/pipelines'>, 'status' | 'search'> & { type?: string; deleted?: true }
      >(async (call) => {
        const { status, type, search, deleted } = call.options;
        const filter = { status, pipelineType: type, search, ...(deleted ? { include: 'deleted' as const } : {}) };
        const page = await entriesOf((after) => call.api.GET('/pipelines', query(call, filter, after)), limitOf(call));
        show(call, page, 'There are no such pipelines.', [
          ['PIPELINE', ({ pipelineId }) => pipelineId],
          ['TYPE', ({ pipelineType }) => pipelineType],
          ['REVISION', ({ revision }) => revision],
          ['STATUS', (pipeline) => pipeline.status],
          ['UPDATED', ({ updated }) => updated],
        ]);
        return undefined;
      }),
    );
  program
    .command('executions')
    .description('List executions, newest first.')
    .argument('[pipeline]', 'id of a pipeline; default: of all')
    .option('--status <status>', 'only with this status, such as Failed')
    .option('--kind <kind>', 'only of this kind, such as rollback')
    .option(...LIMIT)
    .addHelpText(
      'after',
      examples(
        'mlops executions --status Failed --limit 10',
        'mlops executions mlops-pipeline-my-model-byompipelinerealtimebuiltin',
      ),
    )
    .action(
      commands.action<ListOptions & Pick<QueryOf<'/executions'>, 'status' | 'kind'>>(async (call, pipelineId) => {
        const { status, kind } = call.options;
        const filter = { pipelineId, status, kind };
        const page = await entriesOf((after) => call.api.GET('/executions', query(call, filter, after)), limitOf(call));
        show(call, page, 'There are no such executions.', EXECUTION_COLUMNS);
        return undefined;
      }),
    );
  program
    .command('approvals')
    .description('List the executions that wait for approval, newest first.')
    .option('--env <environment>', 'only for this environment')
    .option(...LIMIT)
    .addHelpText('after', examples('mlops approvals --env prod'))
    .action(
      commands.action<ListOptions & { env?: QueryOf<'/approvals'>['environment'] }>(async (call) => {
        const filter = { environment: call.options.env };
        const page = await entriesOf((after) => call.api.GET('/approvals', query(call, filter, after)), limitOf(call));
        show(call, page, 'Nothing waits for approval.', [
          ['EXECUTION', ({ executionId }) => executionId],
          ['PIPELINE', ({ pipelineId }) => pipelineId],
          ['ENVIRONMENT', ({ approval }) => approval?.environment],
          ['REQUESTED BY', ({ requestedBy }) => requestedBy],
          ['CHANGES', ({ approval }) => approval && counts(approval.summary)],
          ['EXPIRES', ({ approval }) => approval?.expiresAt],
        ]);
        return undefined;
      }),
    );
  program
    .command('revisions')
    .description('List the revisions of a pipeline, newest first.')
    .argument('<pipeline>', 'id of a pipeline')
    .option(...LIMIT)
    .addHelpText('after', examples('mlops revisions mlops-pipeline-my-model-byompipelinerealtimebuiltin'))
    .action(
      commands.action<ListOptions>(async (call, id = '') => {
        const page = await entriesOf((after) => {
          const { params } = query(call, {}, numberOf(after));
          return call.api.GET('/pipelines/{id}/revisions', { params: { ...params, path: { id } } });
        }, limitOf(call));
        show(call, page, 'There are none.', [
          ['REVISION', ({ revision }) => revision],
          ['CURRENT', ({ current }) => (current ? 'yes' : 'no')],
          ['DEPLOYED IN', ({ environments }) => environments.join(', ') || undefined],
          ['REQUESTED BY', ({ requestedBy }) => requestedBy],
          ['CREATED', ({ created }) => created],
          ['COMMIT', ({ origin }) => origin?.commit],
        ]);
        return undefined;
      }),
    );
}

/** The parameters of one page of a list. */
export function query<Filter extends object, After extends string | number>(
  { options: { limit } }: Call<ListOptions>,
  filter: Filter,
  after: After | undefined,
): { params: { query: Filter & { limit: number; after?: After } } } {
  const page = { limit: Math.min(limit, PAGE_LIMIT), ...(after === undefined ? {} : { after }) };
  return { params: { query: { ...filter, ...page } } };
}

export const numberOf = (after: string | undefined) => (after === undefined ? undefined : Number(after));

const limitOf = ({ options: { limit } }: Call<ListOptions>) => limit;

export function show<Entry>(
  { options: { limit }, output, say }: Call<ListOptions>,
  { entries, more }: ListPage<Entry>,
  empty: string,
  columns: readonly Column<Entry>[],
): void {
  output.list(entries, columns, empty);
  if (more) say(`There are more than these ${limit}: give a higher --limit.`);
}
