/** AWS' own API models, as botocore ships them: data for tests, never part of the product. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Shapes } from '../../sandbox/aws/shape-check.ts';
import { installPythonPackage } from './python-package.ts';

const PACKAGE = 'botocore==1.44.8';

export interface ServiceModel extends Shapes {
  operations: Record<string, { input?: { shape: string } }>;
}

/**
 * @param services botocore's names, such as `sagemaker`
 * @throws NoPythonPackage with the reason and what to do
 */
export async function loadModels(services: readonly string[]): Promise<Record<string, ServiceModel>> {
  const programs = await installPythonPackage(PACKAGE);
  const libraries = join(programs, '..', 'lib');
  const [python = ''] = await readdir(libraries);
  const data = join(libraries, python, 'site-packages', 'botocore', 'data');
  const models = services.map(async (service): Promise<[string, ServiceModel]> => {
    const version = (await readdir(join(data, service))).sort().at(-1) ?? '';
    const packed = await readFile(join(data, service, version, 'service-2.json.gz'));
    return [service, JSON.parse(gunzipSync(packed).toString('utf8')) as ServiceModel];
  });
  return Object.fromEntries(await Promise.all(models));
}
