/** Calls the model of a pipeline through its inference URL, signed as the API's own calls are. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Model } from '../../../client/model.ts';
import { answerOf } from '../client.ts';
import type { Commands } from '../command.ts';
import { examples } from '../command.ts';
import type { ConnectionOptions } from '../connection.ts';
import { connect } from '../connection.ts';
import { UsageError } from '../exit-codes.ts';

interface InvokeOptions extends Omit<ConnectionOptions, 'url' | 'caller'> {
  file: string;
  type: string;
  env?: string;
}

export function addInvoke(program: Command, commands: Commands): void {
  program
    .command('invoke')
    .description('Send a payload to the inference URL of a pipeline, and print what the model answers.')
    .argument('<pipeline>', 'id of a pipeline')
    .requiredOption('-f, --file <file>', 'the payload as the model reads it; "-" is standard input')
    .option('--type <type>', 'content type of the payload', 'text/csv')
    .option('--env <environment>', 'where; required if several environments have an inference URL')
    .addHelpText(
      'after',
      examples('echo 1,2,3 | mlops invoke mlops-pipeline-my-model-byompipelinerealtimebuiltin -f -'),
    )
    .action(
      commands.action<InvokeOptions>(async ({ api, options, output, stdin }, id = '') => {
        const { file, type, env, profile, region } = options;
        const payload = await (file === '-' ? text(stdin) : readFile(file, 'utf8')).catch((error: unknown) => {
          throw new UsageError(`--file ${file} cannot be read: ${(error as Error).message}`, { cause: error });
        });
        const params = { path: { id } };
        const address = inferenceUrl(await answerOf(api.GET('/pipelines/{id}/outputs', { params })), env);
        const endpoint = connect({ url: address, profile, region });
        output.show(await endpoint.call('POST', address, { payload, content_type: type }), (answer) => [
          typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2),
        ]);
        return undefined;
      }),
    );
}

/** @throws UsageError where there is none, or more than one to choose from */
function inferenceUrl({ pipelineId, environments }: Model<'PipelineOutputs'>, wanted: string | undefined): string {
  const found = environments.flatMap(({ environment, outputs: { inferenceUrl: url } }) =>
    typeof url === 'string' && (wanted === undefined || wanted === environment) ? [{ environment, url }] : [],
  );
  const [first, second] = found;
  if (!first) {
    const where = wanted === undefined ? '' : ` in ${wanted}`;
    throw new UsageError(
      `${pipelineId} has no output inferenceUrl${where}: "mlops outputs ${pipelineId}" shows what it has.`,
    );
  }
  if (second) {
    const names = found.map(({ environment }) => environment).join(', ');
    throw new UsageError(`${pipelineId} has an inference URL in ${names}: choose one with --env.`);
  }
  return first.url;
}
