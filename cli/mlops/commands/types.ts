/** Commands about pipeline types: which there are, and how a request of one begins. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { didYouMean } from '../../../blueprints/request/suggestion.ts';
import { answerOf } from '../client.ts';
import type { ApiClient } from '../client.ts';
import type { Commands } from '../command.ts';
import { examples } from '../command.ts';
import { UsageError } from '../exit-codes.ts';
import type { Questions } from '../interview.ts';
import { askForType, askForValues, terminalQuestions } from '../interview.ts';
import type { PipelineType } from '../request-template.ts';
import { requestTemplate } from '../request-template.ts';

const TYPE = 'a pipeline type, such as byom_realtime_builtin';

export function addTypes(program: Command, commands: Commands): void {
  program
    .command('types')
    .description('List the pipeline types, or print the example request of one.')
    .argument('[type]', TYPE)
    .addHelpText('after', examples('mlops types', 'mlops types byom_realtime_builtin > my-model.json'))
    .action(
      commands.action(async ({ api, output }, type) => {
        if (type !== undefined) {
          output.show(await pipelineTypeOf(api, type), ({ example }) => [JSON.stringify(example, null, 2)]);
          return undefined;
        }
        output.list(
          await answerOf(api.GET('/pipeline-types')),
          [
            ['TYPE', ({ pipelineType }) => pipelineType],
            ['TITLE', ({ title }) => title],
            ['CUSTOM', ({ custom }) => (custom ? 'yes' : 'no')],
          ],
          'There are no pipeline types.',
        );
        return undefined;
      }),
    );
  program
    .command('init')
    .description(
      'Write a request file in YAML, with every key of the type explained. Asks for the required ones at a terminal.',
    )
    .argument('[type]', `${TYPE}; asked for at a terminal`)
    .argument('[file]', 'the file to write; default: <type>.yaml')
    .option('--set <key=value...>', 'values of keys; all others that are not asked for are those of an example')
    .option('--no-ask', 'ask nothing: a valid example')
    .option('--force', 'overwrite a file')
    .addHelpText(
      'after',
      examples('mlops init', 'mlops init byom_realtime_builtin my-model.yaml --no-ask --set model_name=churn'),
    )
    .action(
      commands.action<InitOptions>(async ({ api, options, output, stdin }, given, to) => {
        const questions = options.ask && isTerminal(stdin) ? await terminalQuestions() : undefined;
        const type = given ?? (await typeOf(api, questions));
        const answer = await pipelineTypeOf(api, type);
        const set = valuesOf(options.set ?? [], answer);
        const values = questions ? await askForValues(answer, set, questions) : set;
        const file = to ?? `${type}.yaml`;
        const template = requestTemplate(answer, values);
        await writeFile(file, template, { flag: options.force ? 'w' : 'wx' }).catch((error: unknown) => {
          const { code, message } = error as NodeJS.ErrnoException;
          const reason = code === 'EEXIST' ? 'it exists: choose another name, or --force to overwrite it' : message;
          throw new UsageError(`${file} cannot be written: ${reason}.`, { cause: error });
        });
        output.show({ file, pipelineType: type }, () => [
          `${file} is a request. Edit it, and:`,
          `  mlops validate -f ${file}`,
          `  mlops provision -f ${file} --watch`,
        ]);
        return undefined;
      }),
    );
}

async function pipelineTypeOf(api: ApiClient, type: string): Promise<PipelineType> {
  return await answerOf(api.GET('/pipeline-types/{type}', { params: { path: { type } } }));
}

interface InitOptions {
  set?: string[];
  ask: boolean;
  force?: true;
}

function isTerminal(stream: NodeJS.ReadableStream): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

async function typeOf(api: ApiClient, questions: Questions | undefined): Promise<string> {
  if (!questions) throw new UsageError('Give the type of the pipeline: "mlops types" lists them.');
  return await askForType(await answerOf(api.GET('/pipeline-types')), questions);
}

/** @throws UsageError for what is no key of the type */
function valuesOf(set: readonly string[], { requestSchema, example }: PipelineType): Record<string, unknown> {
  return Object.fromEntries(
    set.map((entry) => {
      const [key = '', ...value] = entry.split('=');
      if (value.length === 0) throw new UsageError(`--set ${entry} has no value: --set <key>=<value>.`);
      const known = Object.keys(requestSchema.properties ?? {});
      if (!known.includes(key)) throw new UsageError(`--set: there is no key "${key}"${didYouMean(key, known) || '.'}`);
      const text = value.join('=');
      return [key, typeof example[key] === 'string' ? text : jsonOrText(text)];
    }),
  );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
