/** Commands that start something: provision, run, rollback, destroy; and those that say what they would do. */
import type { Command } from 'commander';
import type { GuideAnswer, GuidePreview, GuideValidation } from '../answers.ts';
import { executionStarted, previewOf, validationLines } from '../answers.ts';
import { cell } from '../../text-table.ts';
import type { Call, Commands } from '../command.ts';
import { part, withQuery } from '../command.ts';
import { executionLines, pipelineLines, previewLines } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { wholeNumber } from '../numbers.ts';
import { readRequests } from '../request-files.ts';
import { executionOf, outcomeOf, watch } from '../watch.ts';
import type { ExecutionAnswer, Pipeline, PreviewAnswer } from '../../../automation/model.ts';

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
    .addHelpText('after', '\nExample:\n  $ mlops validate -f my-model.json')
    .action(
      commands.action<FileOptions>(async ({ api, options, output, stdin }) => {
        const answers: GuideValidation[] = [];
        for (const request of await readRequests(options.file, stdin)) {
          answers.push(await api.call('POST', '/provisionpipeline?validate_only=true', request));
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
      '\nExamples:\n  $ mlops preview -f my-model.json\n  $ mlops preview mlops-my-model-byomrealtime',
    )
    .action(
      commands.action<Partial<FileOptions>>(async ({ api, options: { file }, output, stdin }, pipeline) => {
        if ((file === undefined) === (pipeline === undefined)) {
          throw new UsageError('Give either the id of a pipeline or --file, to preview that request.');
        }
        const answers: PreviewAnswer[] = [];
        if (file === undefined) {
          answers.push(await api.settle('POST', `/pipelines/${part(pipeline ?? '')}/preview`));
        } else {
          for (const request of await readRequests(file, stdin)) {
            answers.push(previewOf(await api.settle<GuidePreview>('POST', '/provisionpipeline?preview=true', request)));
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
    .addHelpText('after', '\nExample:\n  $ mlops provision -f my-model.json --watch')
    .action(
      commands.action<FileOptions & WatchOptions>(async (call) => {
        const { api, options, say, stdin } = call;
        const requests = await readRequests(options.file, stdin);
        const started: ExecutionAnswer[] = [];
        for (const request of requests) {
          const answer = executionStarted(await api.call<GuideAnswer>('POST', '/provisionpipeline', request));
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
    .action(
      commands.action<WatchOptions>(async (call, pipeline = '') => {
        return await report(call, [await call.api.call('POST', `/pipelines/${part(pipeline)}/run`)]);
      }),
    );
  program
    .command('rollback')
    .description('Deploy an older revision, through the same stages and approvals.')
    .argument('<pipeline>', 'id of a pipeline')
    .requiredOption('--to <revision>', 'number of the revision: "mlops revisions" lists them', wholeNumber)
    .option(...WATCH)
    .action(
      commands.action<WatchOptions & { to: number }>(async (call, pipeline = '') => {
        const body = { revision: call.options.to };
        return await report(call, [await call.api.call('POST', `/pipelines/${part(pipeline)}/rollback`, body)]);
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
    .action(
      commands.action<WatchOptions & { yes?: true; includeMonitors?: true }>(async (call, pipeline = '') => {
        const include = call.options.includeMonitors ? 'monitors' : undefined;
        const path = `/pipelines/${part(pipeline)}`;
        if (call.options.yes) {
          return await report(call, [
            executionStarted(await call.api.call<GuideAnswer>('DELETE', withQuery(path, { include }))),
          ]);
        }
        const answer = await call.api.settle<GuidePreview>('DELETE', withQuery(path, { preview: 'true' }));
        call.output.show(previewOf(answer), previewLines);
        throw new UsageError('Nothing was destroyed. Give --yes to destroy this.');
      }),
    );
  for (const [name, method, description] of [
    ['protect', 'POST', 'Protect a pipeline: it is not destroyed, and its endpoint neither replaced nor removed.'],
    ['unprotect', 'DELETE', 'Lift the protection of a pipeline. Requires the role admin.'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument('<pipeline>', 'id of a pipeline')
      .action(
        commands.action(async ({ api, output }, id = '') => {
          output.show(await api.call<Pipeline>(method, `/pipelines/${part(id)}/protection`), pipelineLines);
          return undefined;
        }),
      );
  }
}

/** Prints what was started; with `--watch`, how it ended, and the exit code is that of the worst. */
async function report(call: Call<WatchOptions>, started: readonly ExecutionAnswer[]): Promise<number> {
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
function startedLine({ message, pipelineId, executionId }: ExecutionAnswer): string {
  return [cell(message), pipelineId, executionId].filter(Boolean).join('  ');
}

/** A file with one request has one answer, and one with a list a list. */
function single<T>(answers: readonly T[]): T | readonly T[] {
  const [first] = answers;
  return answers.length === 1 && first !== undefined ? first : answers;
}
