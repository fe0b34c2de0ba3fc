/** Reads model cards. They are created, updated, exported and deleted by requests: `mlops provision -f`. */
import type { Command } from 'commander';
import { cell } from '../../text-table.ts';
import type { Commands } from '../command.ts';
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

function cardLines({
  ModelCardName: card,
  ModelCardStatus: status,
  ModelCardVersion: version,
  Content,
}: Card): string[] {
  const parts = JSON.parse(Content ?? '{}') as Record<string, unknown>;
  return [
    ...pairs({ card, status, version }),
    ...Object.entries(parts).flatMap(([part, content]) => [
      '',
      part,
      ...(typeof content === 'object' && content !== null && !Array.isArray(content)
        ? pairs(content as Record<string, unknown>, '  ')
        : [`  ${cell(content)}`]),
    ]),
  ];
}
