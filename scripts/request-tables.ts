/** The tables of request keys in the blueprints' README files: made from the schemas that validate. */
import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Blueprint } from '../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../blueprints/registry.ts';

/** Folder below blueprints/ → the types that it serves. */
const FOLDERS: Readonly<Record<string, readonly (keyof typeof BLUEPRINTS)[]>> = {
  'realtime-inference': ['byom_realtime_builtin', 'byom_realtime_custom'],
  'batch-transform': ['byom_batch_builtin', 'byom_batch_custom'],
  'model-training': ['model_training_builtin'],
  'hyperparameter-tuning': ['model_tuner_builtin'],
  autopilot: ['model_autopilot_training'],
  'image-builder': ['byom_image_builder'],
  'model-monitor': [
    'byom_data_quality_monitor',
    'byom_model_quality_monitor',
    'byom_model_bias_monitor',
    'byom_model_explainability_monitor',
  ],
};

const BEGIN = '<!-- keys: made by `npm run docs` from schema.ts -->';
const END = '<!-- end of keys -->';

interface DescribedKey {
  flags?: { description?: string; presence?: string; result?: string };
  whens?: unknown[];
  examples?: unknown[];
  /** Of an object. */
  keys?: Record<string, DescribedKey>;
}

export interface RequestPage {
  file: URL;
  /** As the file is. */
  current: string;
  /** As it should be. */
  wanted: string;
}

/** Every blueprint's README.md, as it is and as it should be. @throws for a README without the two marks */
export async function requestPages(): Promise<RequestPage[]> {
  return await Promise.all(
    Object.entries(FOLDERS).map(async ([folder, types]) => {
      const file = new URL(`../blueprints/${folder}/README.md`, import.meta.url);
      const current = await readFile(file, 'utf8');
      const [before, rest = ''] = current.split(BEGIN);
      const after = rest.split(END)[1];
      if (after === undefined) throw new Error(`${file.pathname} lacks the marks between which its keys go.`);
      const keys = types.map((type) => section(BLUEPRINTS[type])).join('\n');
      const text = `${before ?? ''}${BEGIN}\n\n${keys}\n${END}${after}`;
      const options = await resolveConfig(file);
      return { file, current, wanted: await format(text, { ...options, parser: 'markdown' }) };
    }),
  );
}

function section(blueprint: Blueprint): string {
  const settings = { useModelRegistry: false, multiAccount: false };
  const plain = keysOf(blueprint, settings);
  const registry = keysOf(blueprint, { ...settings, useModelRegistry: true });
  const names = [...new Set([...Object.keys(plain), ...Object.keys(registry)])];
  const rows = names.flatMap((name) => {
    const key =
      plain[name] && plain[name].flags?.presence !== 'forbidden' ? plain[name] : (registry[name] ?? plain[name]);
    const onlyRegistry = registry[name] !== undefined && plain[name]?.flags?.presence === 'forbidden';
    const perStage = blueprint.perStageKeys.includes(name);
    return [row(name, key, need(key, onlyRegistry), perStage), ...innerRows(name, key)];
  });
  return [
    `### \`${blueprint.pipelineType}\``,
    '',
    `${blueprint.description} Pipeline id: \`<prefix>-<${blueprint.nameKey}>-${blueprint.namePostfix}\`.`,
    '',
    '| key | needed | per stage | what it does | example |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '```json',
    JSON.stringify(blueprint.example, undefined, 2),
    '```',
    '',
    `Main stack outputs: ${(blueprint.keyOutputs ?? []).map((name) => `\`${name}\``).join(', ')}.`,
    '',
  ].join('\n');
}

/** The keys inside an object, each by its path. */
function innerRows(path: string, key: DescribedKey | undefined): string[] {
  return Object.entries(key?.keys ?? {}).flatMap(([name, inner]) => [
    row(`${path}.${name}`, inner, need(inner, false), false),
    ...innerRows(`${path}.${name}`, inner),
  ]);
}

function row(path: string, key: DescribedKey | undefined, needed: string, perStage: boolean): string {
  const { flags, examples } = key ?? {};
  return `| \`${path}\` | ${needed} | ${perStage ? 'yes' : ''} | ${cell(flags?.description)} | ${code(examples?.[0])} |`;
}

function keysOf(blueprint: Blueprint, settings: Parameters<Blueprint['schema']>[0]): Record<string, DescribedKey> {
  return (blueprint.schema(settings).describe() as { keys: Record<string, DescribedKey> }).keys;
}

function need(key: DescribedKey | undefined, onlyRegistry: boolean): string {
  if (onlyRegistry) return 'with the model registry';
  if (key?.flags?.presence === 'required') return 'yes';
  return key?.whens ? 'it depends' : '';
}

const cell = (text = ''): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (value: unknown): string =>
  value === undefined
    ? ''
    : `\`${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('|', '\\|')}\``;
