/** Custom blueprints for tests: made by the generator, or written by hand to be broken in one way. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a script of this repository, as npm does. */
export function script(name: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'cli', `${name}.ts`), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

/** A blueprint of the generator. @returns its folder */
export function generated(name: string, parent: string): string {
  const { status, err } = script('blueprint-new', name, '--dir', parent);
  assert.equal(status, 0, err);
  return join(parent, name);
}

/** The smallest blueprint that is one, in JavaScript, with some lines of its definition changed. */
export function handwritten(changes: Record<string, string | undefined> = {}, before = ''): string {
  const fields: Record<string, string | undefined> = {
    pipelineType: `'hand_written'`,
    title: `'Hand-written'`,
    description: `'Nothing but a name.'`,
    namePostfix: `'handwritten'`,
    nameKey: `'model_name'`,
    placement: `'environments'`,
    perStageKeys: '[]',
    schema: `() => Joi.object({ ...KEYS })`,
    example: `{ pipeline_type: 'hand_written', model_name: 'my-model' }`,
    loadProgram: 'async () => async () => ({})',
    ...changes,
  };
  const definition = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `  ${field}: ${value},`);
  return `import Joi from 'joi';
import { modelName, pipelineType } from 'mlops-workload-orchestrator/shared/joi-pieces';
const KEYS = { pipeline_type: pipelineType('hand_written'), model_name: modelName().required() };
${before}
export default {
${definition.join('\n')}
};
`;
}

export const MANIFEST = JSON.stringify({ name: 'hand-written', version: '1.2.3', type: 'module' });

/** @param files by name; undefined: not there. Default: a package.json */
export async function folderOf(folder: string, files: Record<string, string | undefined>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries({ 'package.json': MANIFEST, ...files })) {
    if (text !== undefined) await writeFile(join(folder, name), text);
  }
  return folder;
}
