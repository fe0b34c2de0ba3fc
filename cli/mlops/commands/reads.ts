/** Commands that read one thing: a pipeline, an execution, outputs, what differs between revisions, drift. */
import type { Command } from 'commander';
import type { DriftCheck, Model, Pipeline } from '../../../client/model.ts';
import { answerOf } from '../client.ts';
import type { ApiClient } from '../client.ts';
import type { Commands } from '../command.ts';
import { examples } from '../command.ts';
import { DIFFERENCE_COLUMNS, counts, executionLines, pipelineLines, stageLines } from '../describe.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { wholeNumber } from '../numbers.ts';
import { cell, table } from '../../text-table.ts';
import { pairs } from '../output.ts';
import { executionOf, isExecutionId } from '../watch.ts';

const PIPELINE = ['<pipeline>', 'id of a pipeline'] as const;

export function addReads(program: Command, commands: Commands): void {
  program
    .command('show')
    .description('Show a pipeline or an execution, with the change that it waits with.')
    .argument('<id>', 'id of a pipeline or of an execution')
    .addHelpText(
      'after',
      examples(
        'mlops show mlops-pipeline-my-model-byompipelinerealtimebuiltin',
        'mlops show 3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11 -o yaml',
      ),
    )
    .action(
      commands.action(async ({ api, output }, id = '') => {
        if (isExecutionId(id)) output.show(await executionOf(api, id), executionLines);
        else output.show(await pipelineOf(api, id), pipelineLines);
        return undefined;
      }),
    );
  program
    .command('status')
    .description('Show the stages of the latest execution of a pipeline.')
    .argument(...PIPELINE)
    .addHelpText('after', examples('mlops status mlops-pipeline-my-model-byompipelinerealtimebuiltin'))
    .action(
      commands.action(async ({ api, output }, id = '') => {
        const { pipelineId, status, revision, latestExecutionId, stages } = await pipelineOf(api, id);
        output.show({ pipelineId, status, revision, latestExecutionId, stages }, () => [
          `${pipelineId}  revision ${revision}  ${status}`,
          ...stageLines(stages),
        ]);
        return undefined;
      }),
    );
  program
    .command('diff')
    .description('Show how the request of one revision differs from that of another.')
    .argument(...PIPELINE)
    .option('--from <revision>', 'default: the one before --to', wholeNumber)
    .option('--to <revision>', 'default: the current one', wholeNumber)
    .addHelpText(
      'after',
      examples(
        'mlops diff mlops-pipeline-my-model-byompipelinerealtimebuiltin',
        'mlops diff mlops-pipeline-my-model-byompipelinerealtimebuiltin --from 1 --to 3',
      ),
    )
    .action(
      commands.action<{ from?: number; to?: number }>(async ({ api, options, output }, id = '') => {
        const to = options.to ?? (await pipelineOf(api, id)).revision;
        const from = options.from ?? to - 1;
        if (from < 1) throw new UsageError(`Revision ${to} is the first of ${id}: there is none to compare it with.`);
        const params = { path: { id, revision: String(from) }, query: { to } };
        const answer = await answerOf(api.GET('/pipelines/{id}/revisions/{revision}/diff', { params }));
        output.show(answer, ({ differences }) =>
          differences.length === 0
            ? [`Revisions ${from} and ${to} have the same request.`]
            : [`Revision ${from} → ${to}`, '', ...table(differences, DIFFERENCE_COLUMNS)],
        );
        return undefined;
      }),
    );
  program
    .command('outputs')
    .description('Show the stack outputs of a pipeline, such as its inference URL; secret ones are masked.')
    .argument(...PIPELINE)
    .addHelpText('after', examples('mlops outputs mlops-pipeline-my-model-byompipelinerealtimebuiltin'))
    .action(
      commands.action(async ({ api, output }, id = '') => {
        output.show(
          await answerOf(api.GET('/pipelines/{id}/outputs', { params: { path: { id } } })),
          ({ environments }) =>
            environments.length === 0
              ? ['Nothing is deployed.']
              : environments.flatMap(({ environment, outputs }) => [environment, ...pairs(outputs, '  ')]),
        );
        return undefined;
      }),
    );
  program
    .command('history')
    .description('Show the updates of the stacks of a pipeline, newest first.')
    .argument(...PIPELINE)
    .addHelpText('after', examples('mlops history mlops-pipeline-my-model-byompipelinerealtimebuiltin'))
    .action(
      commands.action(async ({ api, output }, id = '') => {
        output.list(
          await api.settle<Model<'HistoryEntry'>[]>(api.GET('/pipelines/{id}/history', { params: { path: { id } } })),
          [
            ['ENVIRONMENT', ({ environment }) => environment],
            ['VERSION', ({ version }) => version],
            ['KIND', ({ kind }) => kind],
            ['RESULT', ({ result }) => result],
            ['STARTED', ({ startTime }) => startTime],
            ['CHANGES', ({ resourceChanges }) => resourceChanges && counts(resourceChanges)],
          ],
          'Nothing was deployed yet.',
        );
        return undefined;
      }),
    );
  program
    .command('drift')
    .description('Show the latest drift checks of a pipeline; the exit code is 1 if there is drift.')
    .argument(...PIPELINE)
    .option('--check', 'start a check of each environment')
    .option('--reconcile', 'start an execution that undoes the drift, after an approval')
    .addHelpText(
      'after',
      examples(
        'mlops drift mlops-pipeline-my-model-byompipelinerealtimebuiltin',
        'mlops drift mlops-pipeline-my-model-byompipelinerealtimebuiltin --check',
      ),
    )
    .action(
      commands.action<{ check?: true; reconcile?: true }>(async ({ api, options, output }, id = '') => {
        const params = { path: { id } };
        if (options.check && options.reconcile) throw new UsageError('Give either --check or --reconcile.');
        if (options.reconcile) {
          const answer = await answerOf(api.POST('/pipelines/{id}/drift/reconcile', { params }));
          output.show(answer, ({ message, executionId }) => [[message, executionId].filter(Boolean).join('  ')]);
          return undefined;
        }
        if (options.check) {
          const answer = await answerOf(api.POST('/pipelines/{id}/drift', { params }));
          output.show(answer, ({ message, checks }) => [
            message,
            ...checks.map(({ environment, checkId }) => `  ${environment}  ${checkId}`),
          ]);
          return undefined;
        }
        const checks = await answerOf(api.GET('/pipelines/{id}/drift', { params }));
        output.show(checks, driftLines);
        return checks.some(({ status }) => status === 'Drifted') ? EXIT.failed : EXIT.done;
      }),
    );
}

async function pipelineOf(api: ApiClient, id: string): Promise<Pipeline> {
  return await answerOf(api.GET('/pipelines/{id}', { params: { path: { id } } }));
}

function driftLines(checks: readonly DriftCheck[]): string[] {
  if (checks.length === 0) return ['Nothing was checked yet: --check starts a check.'];
  return checks.flatMap(({ environment, status, created, ended, findings, outdated, error }) => [
    `${environment}  ${status}  ${ended ?? created}${outdated ? '  (outdated: something was deployed since)' : ''}`,
    ...findings.flatMap(({ kind, type, name, differences }) => [
      `  ${kind} ${type} ${name}`,
      ...differences.map(({ property, before, after }) => `      ${property}: ${cell(before)} → ${cell(after)}`),
    ]),
    ...(error ? [`  ${error.message} (${error.code})`] : []),
  ]);
}
