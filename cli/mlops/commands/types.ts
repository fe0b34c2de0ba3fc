/** Commands about pipeline types: which there are, and how a request of one begins. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Commands } from '../command.ts';
import { part } from '../command.ts';
import { UsageError } from '../exit-codes.ts';
import type { PipelineType } from '../request-template.ts';
import { requestTemplate } from '../request-template.ts';

const TYPE = 'a pipeline type, such as byom_realtime_builtin';

export function addTypes(program: Command, commands: Commands): void {
  program
    .command('types')
    .description('List the pipeline types, or print the example request of one.')
    .argument('[type]', TYPE)
    .addHelpText('after', '\nExample:\n  $ mlops types byom_realtime_builtin > my-model.json')
    .action(
      commands.action(async ({ api, output }, type) => {
        if (type !== undefined) {
          const answer = await api.call<PipelineType>('GET', `/pipeline-types/${part(type)}`);
          output.show(answer, ({ example }) => [JSON.stringify(example, null, 2)]);
          return undefined;
        }
        output.list(
          await api.call<PipelineType[]>('GET', '/pipeline-types'),
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
    .description('Write a request file in YAML: a valid example, with every key of the type explained.')
    .argument('<type>', TYPE)
    .argument('[file]', 'the file to write; default: <type>.yaml')
    .option('--force', 'overwrite a file')
    .addHelpText('after', '\nExample:\n  $ mlops init byom_realtime_builtin my-model.yaml')
    .action(
      commands.action<{ force?: true }>(async ({ api, options, output }, type = '', file = `${type}.yaml`) => {
        const answer = await api.call<PipelineType>('GET', `/pipeline-types/${part(type)}`);
        await writeFile(file, requestTemplate(answer), { flag: options.force ? 'w' : 'wx' }).catch((error: unknown) => {
          const { code, message } = error as NodeJS.ErrnoException;
          const reason = code === 'EEXIST' ? 'it exists: choose another name, or --force to overwrite it' : message;
          throw new UsageError(`${file} cannot be written: ${reason}.`, { cause: error });
        });
        output.show({ file, pipelineType: type }, () => [
          `${file} is a valid request. Edit it, and:`,
          `  mlops provision -f ${file} --watch`,
        ]);
        return undefined;
      }),
    );
}
