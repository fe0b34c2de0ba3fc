/** `npm run blueprint:new -- <name> [--dir <folder>]`: a custom blueprint that works, to be changed (docs/custom-blueprints.md). */
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { BLUEPRINTS } from '../blueprints/registry.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TEMPLATE = join(ROOT, 'templates/blueprint');
const USAGE = 'npm run blueprint:new -- <name> [--dir <folder>]';
/** What a stack name has left for the end of a pipeline id. */
const POSTFIX_LIMIT = 30;

/** The ways in which the template names itself, each in the letters of the new name. */
function spellings(words: readonly string[]): [string, string][] {
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const [first = '', ...others] = words;
  return [
    ['sample-blueprint', words.join('-')],
    ['sample_blueprint', words.join('_')],
    ['sampleBlueprint', first + others.map(capital).join('')],
    ['SampleBlueprint', words.map(capital).join('')],
    ['sampleblueprint', words.join('')],
    ['Sample blueprint', capital(words.join(' '))],
    ['sample blueprint', words.join(' ')],
  ];
}

/** @throws Error that says what is wrong with the name and how to fix it */
function wordsOf(name: string): string[] {
  if (!/^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/.test(name)) {
    throw new Error(`"${name}" must be lower case words with hyphens between them, such as feature-group.`);
  }
  const words = name.split(/[-_]/);
  const taken = Object.values(BLUEPRINTS).find(
    ({ pipelineType, namePostfix }) => pipelineType === words.join('_') || namePostfix === words.join(''),
  );
  if (taken) throw new Error(`"${name}" is too near to the built-in type ${taken.pipelineType}; choose another name.`);
  if (words.join('').length > POSTFIX_LIMIT) {
    throw new Error(
      `"${name}" is too long: its letters end every pipeline id, which has ${POSTFIX_LIMIT} left for them.`,
    );
  }
  return words;
}

/** @returns where the blueprint is */
async function makeBlueprint(name: string, parent: string): Promise<string> {
  const words = wordsOf(name);
  const folder = resolve(parent, words.join('-'));
  if (existsSync(folder)) throw new Error(`${folder} is there already; remove it, or choose another name or --dir.`);
  await mkdir(folder, { recursive: true });
  const style = await resolveConfig(join(ROOT, 'package.json'));
  for (const file of await readdir(TEMPLATE)) {
    const text = spellings(words)
      .reduce(
        (changed, [before, after]) => changed.replaceAll(before, after),
        await readFile(join(TEMPLATE, file), 'utf8'),
      )
      .replace('../../tsconfig.blueprint.json', relative(folder, join(ROOT, 'tsconfig.blueprint.json')))
      .replaceAll('path/to/' + words.join('-'), relative(ROOT, folder));
    await writeFile(join(folder, file), await format(text, { ...style, filepath: file }));
  }
  return folder;
}

try {
  const { values, positionals } = parseArgs({ options: { dir: { type: 'string' } }, allowPositionals: true });
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) throw new Error(`Usage: ${USAGE}`);
  const folder = await makeBlueprint(name, values.dir ?? 'custom-blueprints');
  process.stdout.write(`${folder} is a blueprint that works. Change it, and:

  npm run blueprint:check -- ${folder}
  CUSTOM_BLUEPRINTS=${folder} npm run sandbox
`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
