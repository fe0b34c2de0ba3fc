/** Commands about what happened: the audit log, notifications, deliveries of configuration. */
import type { Command } from 'commander';
import type { AuditEntry, QueryOf } from '../../../client/model.ts';
import type { ListPage } from '../client.ts';
import { answerOf, entriesOf } from '../client.ts';
import type { Commands } from '../command.ts';
import { examples } from '../command.ts';
import { pairs } from '../output.ts';
import type { ListOptions } from './lists.ts';
import { LIMIT, numberOf, query, show } from './lists.ts';

interface AuditOptions extends ListOptions, Pick<QueryOf<'/audit'>, 'action' | 'principal' | 'since'> {
  pipeline?: string;
  execution?: string;
}

export function addRecords(program: Command, commands: Commands): void {
  program
    .command('audit')
    .description('List who did what, newest first. Requires the role admin.')
    .option('--pipeline <pipeline>', 'only of this pipeline')
    .option('--execution <execution>', 'only of this execution')
    .option('--action <action>', 'only this action, such as approve or denied')
    .option('--principal <name>', 'only by this ARN or name')
    .option('--since <time>', 'not before this time, in ISO 8601')
    .option(...LIMIT)
    .addHelpText('after', examples('mlops audit --action approve --since 2026-01-01T00:00:00Z'))
    .action(
      commands.action<AuditOptions>(async (call) => {
        const { pipeline, execution, action, principal, since, limit } = call.options;
        const filter = { pipelineId: pipeline, executionId: execution, action, principal, since };
        const page = await entriesIn(
          (after) => answerOf(call.api.GET('/audit', query(call, filter, after))) as Promise<Page<AuditEntry>>,
          limit,
        );
        show(call, page, 'There are no such entries.', [
          ['AT', ({ at }) => at],
          ['PRINCIPAL', (entry) => entry.principal],
          ['ACTION', (entry) => entry.action],
          ['PIPELINE', ({ pipelineId }) => pipelineId],
          ['ENVIRONMENT', ({ environment }) => environment],
          ['EXECUTION', ({ executionId }) => executionId],
        ]);
        return undefined;
      }),
    );
  program
    .command('notifications')
    .description('List notifications, newest first, with the state of their delivery.')
    .option('--kind <kind>', 'only of this kind, such as approval-needed')
    .option('--pipeline <pipeline>', 'only of this pipeline')
    .option(...LIMIT)
    .addHelpText('after', examples('mlops notifications --kind approval-needed'))
    .action(
      commands.action<ListOptions & Pick<QueryOf<'/notifications'>, 'kind'> & { pipeline?: string }>(async (call) => {
        const { kind, pipeline, limit } = call.options;
        const filter = { kind, pipelineId: pipeline };
        const page = await entriesIn(
          (after) => answerOf(call.api.GET('/notifications', query(call, filter, after))),
          limit,
        );
        show(call, page, 'There are no such notifications.', [
          ['ID', ({ id }) => id],
          ['AT', ({ at }) => at],
          ['KIND', (entry) => entry.kind],
          ['DELIVERY', ({ delivery }) => delivery],
          ['SUBJECT', ({ subject }) => subject],
        ]);
        return undefined;
      }),
    );
  program
    .command('deliveries')
    .description('List the versions of mlops-config.json that arrived, newest first.')
    .option('--status <status>', 'only with this status, such as Invalid')
    .option('--source <source>', 'only from this kind of source, such as github')
    .option('--target <target>', 'only of this target, such as github:owner/repo@main')
    .option(...LIMIT)
    .addHelpText('after', examples('mlops deliveries --status Invalid'))
    .action(
      commands.action<ListOptions & Pick<QueryOf<'/deliveries'>, 'status' | 'source' | 'target'>>(async (call) => {
        const { status, source, target, limit } = call.options;
        const filter = { status, source, target };
        const page = await entriesOf(
          (after) => call.api.GET('/deliveries', query(call, filter, numberOf(after))),
          limit,
        );
        show(call, page, 'There are no such deliveries.', [
          ['ID', ({ id }) => id],
          ['TARGET', (entry) => entry.target],
          ['REVISION', ({ revision }) => revision],
          ['STATUS', (entry) => entry.status],
          ['ACCEPTED', ({ accepted }) => accepted],
          ['DETAIL', ({ detail }) => detail],
        ]);
        return undefined;
      }),
    );
  program
    .command('redeliver')
    .description('Process a delivery again.')
    .argument('<delivery>', 'id of a delivery: "mlops deliveries" lists them')
    .addHelpText('after', examples('mlops redeliver 42'))
    .action(
      commands.action(async ({ api, output }, id = '') => {
        const delivery = await answerOf(api.POST('/deliveries/{id}/redeliver', { params: { path: { id } } }));
        output.show(delivery, ({ target, revision, status }) => pairs({ target, revision, status }));
        return undefined;
      }),
    );
  program
    .command('resend')
    .description('Deliver a notification to the topic once more.')
    .argument('<notification>', 'id of a notification: "mlops notifications" lists them')
    .addHelpText('after', examples('mlops resend 42'))
    .action(
      commands.action(async ({ api, output }, id = '') => {
        const notification = await answerOf(api.POST('/notifications/{id}/resend', { params: { path: { id } } }));
        output.show(notification, ({ subject, delivery }) => pairs({ subject, delivery }));
        return undefined;
      }),
    );
}

interface Page<Entry> {
  entries: Entry[];
  next?: number;
}

/** For the lists whose pages are objects with `entries` and `next`. */
async function entriesIn<Entry>(
  page: (after: number | undefined) => Promise<Page<Entry>>,
  limit: number,
): Promise<ListPage<Entry>> {
  const entries: Entry[] = [];
  let next: number | undefined;
  do {
    const read = await page(next);
    entries.push(...read.entries);
    ({ next } = read);
  } while (next !== undefined && entries.length < limit);
  return { entries: entries.slice(0, limit), more: next !== undefined || entries.length > limit };
}
