/**
 * SageMaker's instance types by what runs on them, from its API model. As a program (`npm run instance-types`) it writes
 * `blueprints/shared/aws/instance-types.json`: run it after a change of botocore's version.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { InstanceUse } from '../../blueprints/shared/aws/instance-types.ts';
import { loadModels } from '../support/aws-models.ts';

const FILE = fileURLToPath(new URL('../../blueprints/shared/aws/instance-types.json', import.meta.url));

export const INSTANCE_USES: Readonly<Record<InstanceUse, string>> = {
  endpoint: 'ProductionVariantInstanceType',
  training: 'TrainingInstanceType',
  transform: 'TransformInstanceType',
  processing: 'ProcessingInstanceType',
};

/** @returns the text of the file, one line a family @throws NoPythonPackage */
export async function instanceTypesText(): Promise<string> {
  const { sagemaker } = await loadModels(['sagemaker']);
  const families: Record<string, Record<string, string[]>> = {};
  for (const [use, shape] of Object.entries(INSTANCE_USES)) {
    for (const type of sagemaker?.shapes[shape]?.enum ?? []) {
      const dot = type.lastIndexOf('.');
      const sizes = (families[type.slice(0, dot)] ??= {});
      (sizes[use] ??= []).push(type.slice(dot + 1));
    }
  }
  const lines = Object.entries(families)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([family, uses]) => {
      const sizes = Object.entries(uses).map(([use, all]) => [use, all.sort(bySize).join(' ')]);
      return `${JSON.stringify(family)}: ${JSON.stringify(Object.fromEntries(sizes))}`;
    });
  return `{\n${lines.join(',\n')}\n}\n`;
}

const NAMED_SIZES = ['medium', 'large', 'xlarge'];

function bySize(one: string, other: string): number {
  const rank = (size: string) => (NAMED_SIZES.includes(size) ? NAMED_SIZES.indexOf(size) - 3 : parseInt(size, 10));
  return rank(one) - rank(other);
}

export async function writtenInstanceTypes(): Promise<string> {
  return await readFile(FILE, 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(FILE, await instanceTypesText());
