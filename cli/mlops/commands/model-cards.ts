/** Reads model cards. They are created, updated, exported and deleted by requests: `mlops provision -f`. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Model } from '../../../client/model.ts';
import { cell } from '../../text-table.ts';
import { answerOf } from '../client.ts';
import type { ApiClient } from '../client.ts';
import type { Commands } from '../command.ts';
import { examples } from '../command.ts';
import { UsageError } from '../exit-codes.ts';
import { wholeNumber } from '../numbers.ts';
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
    .description('List the model cards, newest first, or show one, or its versions.')
    .argument('[name]', 'name of a model card')
    .option('--card-version <number>', 'an older version of the card; default: the latest', wholeNumber)
    .option('--versions', 'list the versions of the card')
    .addHelpText(
      'after',
      examples('mlops cards', 'mlops cards my-card --versions', 'mlops cards my-card --card-version 2 -o json'),
    )
    .action(
      commands.action<CardsOptions>(async ({ api, options: { cardVersion, versions }, output }, name) => {
        if (name === undefined) {
          if (versions || cardVersion) throw new UsageError('Give the name of a card: "mlops cards" lists them.');
          const { ModelCardSummaries } = await ask<{ ModelCardSummaries: Card[] }>(api, {
            pipeline_type: 'list_model_cards',
          });
          output.list(
            ModelCardSummaries,
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
        if (versions) {
          const { ModelCardVersionSummaryList: list } = await ask<{ ModelCardVersionSummaryList: Card[] }>(api, {
            pipeline_type: 'list_model_card_versions',
            name,
          });
          output.list(
            list,
            [
              ['VERSION', ({ ModelCardVersion: version }) => version],
              ['STATUS', ({ ModelCardStatus: status }) => status],
              ['CREATED', ({ CreationTime: created }) => created],
            ],
            'There are no versions.',
          );
          return undefined;
        }
        const request = { pipeline_type: 'describe_model_card' as const, name };
        const version = cardVersion === undefined ? {} : { model_card_version: cardVersion };
        output.show(await ask<Card>(api, { ...request, ...version }), cardLines);
        return undefined;
      }),
    );
}

/** As in the original, cards are read with requests; SageMaker's answer is the message. */
async function ask<T>(api: ApiClient, body: Model<'PipelineRequest'>): Promise<T> {
  const answer = await answerOf(api.POST('/provisionpipeline', { body }));
  return (answer as Model<'ModelCardAnswer'>).message as T;
}

interface CardsOptions {
  cardVersion?: number;
  versions?: true;
}

interface CardOptions {
  save?: true;
  export?: 'pdf' | 'json';
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
      examples(
        'mlops card mlops-pipeline-my-model-byompipelinerealtimebuiltin',
        'mlops card mlops-pipeline-my-model-byompipelinerealtimebuiltin --export json',
      ),
    )
    .action(
      commands.action<CardOptions>(async ({ api, options, output }, id = '') => {
        const params = { path: { id } };
        if (options.export === undefined) {
          const path = '/pipelines/{id}/card';
          const card = options.save ? api.POST(path, { params }) : api.GET(path, { params });
          output.show(await answerOf(card), pipelineCardLines);
        } else {
          const query = { format: options.export };
          const exported = await answerOf(api.POST('/pipelines/{id}/card/export', { params: { ...params, query } }));
          output.show(exported, () => pairs({ ...exported }));
        }
        return undefined;
      }),
    );
}

function pipelineCardLines({ name, state, status, version, content, missing }: Model<'PipelineCard'>): string[] {
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
