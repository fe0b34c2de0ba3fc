/** Commands that start something: provision, run, rollback, destroy; and those that say what they would do. */
import type { Command } from 'commander';
import type { Started, StartedAnswer, Validation } from '../answers.ts';
import { executionStarted, previewOf, validationLines } from '../answers.ts';
import type { Model } from '../../../client/model.ts';
import { cell } from '../../text-table.ts';
import { answerOf } from '../client.ts';
import type { ApiClient } from '../client.ts';
import type { Call, Commands } from '../command.ts';
import { examples } from '../command.ts';
import { executionLines, pipelineLines, previewLines } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { wholeNumber } from '../numbers.ts';
import { readRequests } from '../request-files.ts';
import { executionOf, outcomeOf, watch } from '../watch.ts';

interface FileOptions {
  file: string;
}

interface WatchOptions {
  watch?: true;
}

const FILE = ['-f, --file <file>', 'JSON or YAML with a request, or a list of them; "-" is standard input'] as const;
const WATCH = [
  '-w, --watch',
  'wait until it has ended or waits for approval, with progress on standard error',
] as const;

export function addChanges(program: Command, commands: Commands): void {
  program
    .command('validate')
    .description('Validate a request; nothing is stored.')
    .requiredOption(...FILE)
    .addHelpText(
      'after',
      examples('mlops validate -f my-model.json', 'mlops types model_training_builtin | mlops validate -f -'),
    )
    .action(
      commands.action<FileOptions>(async ({ api, options, output, stdin }) => {
        const answers: Validation[] = [];
        for (const request of await readRequests(options.file, stdin)) {
          answers.push((await answerOf(send(api, request, { validate_only: true }))) as Validation);
        }
        output.show(single(answers), () => answers.flatMap(validationLines));
        return undefined;
      }),
    );
  program
    .command('preview')
    .description('Show what a request, or the latest request of a pipeline, would change; nothing is changed.')
    .argument('[pipeline]', 'id of a pipeline')
    .option(...FILE)
    .addHelpText(
      'after',
      examples('mlops preview -f my-model.json', 'mlops preview mlops-pipeline-my-model-byompipelinerealtimebuiltin'),
    )
    .action(
      commands.action<Partial<FileOptions>>(async ({ api, options: { file }, output, stdin }, pipeline) => {
        if ((file === undefined) === (pipeline === undefined)) {
          throw new UsageError('Give either the id of a pipeline or --file, to preview that request.');
        }
        const answers: Model<'PreviewAnswer'>[] = [];
        if (file === undefined) {
          const params = { path: { id: pipeline ?? '' } };
          answers.push(await api.settle(api.POST('/pipelines/{id}/preview', { params })));
        } else {
          for (const request of await readRequests(file, stdin)) {
            const answer = await api.settle(send(api, request, { preview: true }));
            answers.push(previewOf(answer as Model<'GuidePreviewAnswer'>));
          }
        }
        output.show(single(answers), () => answers.flatMap(previewLines));
        return undefined;
      }),
    );
  program
    .command('provision')
    .alias('apply')
    .description('Provision a request: a new pipeline, or a new revision of it.')
    .requiredOption(...FILE)
    .option(...WATCH)
    .addHelpText('after', examples('mlops provision -f my-model.json --watch'))
    .action(
      commands.action<FileOptions & WatchOptions>(async (call) => {
        const { api, options, say, stdin } = call;
        const requests = await readRequests(options.file, stdin);
        const started: StartedAnswer[] = [];
        for (const request of requests) {
          const answer = executionStarted((await answerOf(send(api, request))) as Started);
          for (const warning of answer.warnings ?? []) say(`warning: ${warning}`);
          // Said at once: a later request may be refused.
          if (requests.length > 1) say(startedLine(answer));
          started.push(answer);
        }
        return await report(call, started);
      }),
    );
  program
    .command('run')
    .description('Run the job of an unchanged request again.')
    .argument('<pipeline>', 'id of a pipeline')
    .option(...WATCH)
    .addHelpText('after', examples('mlops run mlops-pipeline-my-model-modeltraining --watch'))
    .action(
      commands.action<WatchOptions>(async (call, pipeline = '') => {
        const params = { path: { id: pipeline } };
        return await report(call, [await answerOf(call.api.POST('/pipelines/{id}/run', { params }))]);
      }),
    );
  program
    .command('rollback')
    .description('Deploy an older revision, through the same stages and approvals.')
    .argument('<pipeline>', 'id of a pipeline')
    .requiredOption('--to <revision>', 'number of the revision: "mlops revisions" lists them', wholeNumber)
    .option(...WATCH)
    .addHelpText('after', examples('mlops rollback mlops-pipeline-my-model-byompipelinerealtimebuiltin --to 2 --watch'))
    .action(
      commands.action<WatchOptions & { to: number }>(async (call, pipeline = '') => {
        const params = { path: { id: pipeline } };
        const body = { revision: call.options.to };
        return await report(call, [await answerOf(call.api.POST('/pipelines/{id}/rollback', { params, body }))]);
      }),
    );
  program
    .command('destroy')
    .alias('remove')
    .description('Destroy a pipeline in all environments. Without --yes: show what would be destroyed.')
    .argument('<pipeline>', 'id of a pipeline')
    .option('-y, --yes', 'destroy it')
    .option('--include-monitors', 'with the monitors that watch its endpoint')
    .option(...WATCH)
    .addHelpText(
      'after',
      examples(
        'mlops destroy mlops-pipeline-my-model-byompipelinerealtimebuiltin',
        'mlops destroy mlops-pipeline-my-model-byompipelinerealtimebuiltin --yes --watch',
      ),
    )
    .action(
      commands.action<WatchOptions & { yes?: true; includeMonitors?: true }>(async (call, pipeline = '') => {
        const { yes, includeMonitors } = call.options;
        const path = { id: pipeline };
        if (yes) {
          const params = { path, query: includeMonitors ? { include: 'monitors' as const } : {} };
          const answer = await answerOf(call.api.DELETE('/pipelines/{id}', { params }));
          return await report(call, [executionStarted(answer as Started)]);
        }
        const params = { path, query: { preview: 'true' as const } };
        const answer = await call.api.settle(call.api.DELETE('/pipelines/{id}', { params }));
        call.output.show(previewOf(answer as Model<'GuidePreviewAnswer'>), previewLines);
        throw new UsageError('Nothing was destroyed. Give --yes to destroy this.');
      }),
    );
  program
    .command('protect')
    .description('Protect a pipeline: it is not destroyed, and its endpoint neither replaced nor removed.')
    .argument('<pipeline>', 'id of a pipeline')
    .addHelpText('after', examples('mlops protect mlops-pipeline-my-model-byompipelinerealtimebuiltin'))
    .action(
      commands.action(async ({ api, output }, id = '') => {
        const params = { path: { id } };
        output.show(await answerOf(api.POST('/pipelines/{id}/protection', { params })), pipelineLines);
        return undefined;
      }),
    );
  program
    .command('unprotect')
    .description('Lift the protection of a pipeline. Requires the role admin.')
    .argument('<pipeline>', 'id of a pipeline')
    .addHelpText('after', examples('mlops unprotect mlops-pipeline-my-model-byompipelinerealtimebuiltin'))
    .action(
      commands.action(async ({ api, output }, id = '') => {
        const params = { path: { id } };
        output.show(await answerOf(api.DELETE('/pipelines/{id}/protection', { params })), pipelineLines);
        return undefined;
      }),
    );
}

/** Any request may be sent: the service says what is wrong with it. */
function send(api: ApiClient, request: unknown, query: { validate_only?: boolean; preview?: boolean } = {}) {
  return api.POST('/provisionpipeline', { body: request as Model<'PipelineRequest'>, params: { query } });
}

/** Prints what was started; with `--watch`, how it ended, and the exit code is that of the worst. */
async function report(call: Call<WatchOptions>, started: readonly StartedAnswer[]): Promise<number> {
  const { api, options, output, say } = call;
  if (!options.watch) {
    output.show(single(started), () => started.map(startedLine));
    for (const { executionId } of started) if (executionId) say(`mlops watch ${executionId}`);
    return 0;
  }
  const executions = [];
  for (const { message, pipelineId, executionId } of started) {
    say([pipelineId, cell(message)].filter(Boolean).join('  '));
    if (executionId) executions.push(await watch(api, executionId, say));
  }
  const ended = await Promise.all(executions.map(({ executionId }) => executionOf(api, executionId)));
  output.show(single(ended), () => ended.flatMap(executionLines));
  const codes = ended.map(outcomeOf);
  // A failure outweighs an approval that is waited for.
  return codes.includes(1) ? 1 : Math.max(0, ...codes);
}

/** Requests about model cards are answered with the card, and without a pipeline. */
function startedLine({ message, pipelineId, executionId }: StartedAnswer): string {
  return [cell(message), pipelineId, executionId].filter(Boolean).join('  ');
}

/** A file with one request has one answer, and one with a list a list. */
function single<T>(answers: readonly T[]): T | readonly T[] {
  const [first] = answers;
  return answers.length === 1 && first !== undefined ? first : answers;
}
