/** Reads model cards. They are created, updated, exported and deleted by requests: `mlops provision -f`. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { CardExport, PipelineCard } from '../../../automation/model-cards/pipeline-cards.ts';
import { cell } from '../../text-table.ts';
import type { Commands } from '../command.ts';
import { part, withQuery } from '../command.ts';
import { pairs } from '../output.ts';

/** As SageMaker's DescribeModelCard and ListModelCards answer; `Content` is the text of a JSON object. */
interface Card {
  ModelCardName: string;
  ModelCardStatus: string;
  ModelCardVersion?: number;
  CreationTime?: string;
  LastModifiedTime?: string;
  Content?: string;
}

export function addModelCards(program: Command, commands: Commands): void {
  program
    .command('cards')
    .description('List the model cards, newest first, or show one.')
    .argument('[name]', 'name of a model card')
    .action(
      commands.action(async ({ api, output }, name) => {
        if (name === undefined) {
          const { message } = await api.call<{ message: { ModelCardSummaries: Card[] } }>(
            'POST',
            '/provisionpipeline',
            {
              pipeline_type: 'list_model_cards',
            },
          );
          output.list(
            message.ModelCardSummaries,
            [
              ['CARD', ({ ModelCardName: card }) => card],
              ['STATUS', ({ ModelCardStatus: status }) => status],
              ['CREATED', ({ CreationTime: created }) => created],
              ['CHANGED', ({ LastModifiedTime: changed }) => changed],
            ],
            'There are no model cards.',
          );
          return undefined;
        }
        const { message: card } = await api.call<{ message: Card }>('POST', '/provisionpipeline', {
          pipeline_type: 'describe_model_card',
          name,
        });
        output.show(card, cardLines);
        return undefined;
      }),
    );
}

interface CardOptions {
  save?: true;
  export?: string;
}

/** The card that the service drafts for a pipeline. */
export function addPipelineCard(program: Command, commands: Commands): void {
  program
    .command('card')
    .description('Show the model card of a pipeline, drafted from what the service knows of it.')
    .argument('<pipeline>', 'id of a pipeline')
    .option('--save', 'create or update it in SageMaker')
    .addOption(new Option('--export <format>', 'save it, and export it to the assets bucket').choices(['pdf', 'json']))
    .addHelpText(
      'after',
      '\nExamples:\n  $ mlops card mlops-pipeline-my-model-byompipelinerealtimebuiltin\n  $ mlops card mlops-pipeline-my-model-byompipelinerealtimebuiltin --export json',
    )
    .action(
      commands.action<CardOptions>(async ({ api, options, output }, id = '') => {
        const path = `/pipelines/${part(id)}/card`;
        if (options.export === undefined) {
          output.show(await api.call<PipelineCard>(options.save ? 'POST' : 'GET', path), pipelineCardLines);
        } else {
          const query = { format: options.export };
          const exported = await api.call<CardExport>('POST', withQuery(`${path}/export`, query));
          output.show(exported, () => pairs({ ...exported }));
        }
        return undefined;
      }),
    );
}

function pipelineCardLines({ name, state, status, version, content, missing }: PipelineCard): string[] {
  return [
    ...pairs({ card: name, state, status, version }),
    ...contentLines({ ...content }),
    ...missing.map((what) => `missing: ${cell(what)}`),
  ];
}

function cardLines({
  ModelCardName: card,
  ModelCardStatus: status,
  ModelCardVersion: version,
  Content,
}: Card): string[] {
  const parts = JSON.parse(Content ?? '{}') as Record<string, unknown>;
  return [...pairs({ card, status, version }), ...contentLines(parts)];
}

function contentLines(parts: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(parts).flatMap(([heading, content]) => [
    '',
    heading,
    ...(typeof content === 'object' && content !== null && !Array.isArray(content)
      ? pairs(content as Record<string, unknown>, '  ')
      : [`  ${cell(content)}`]),
  ]);
}
