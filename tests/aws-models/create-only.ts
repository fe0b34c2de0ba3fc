/**
 * Which properties of a resource AWS never changes in place, from CloudFormation's resource schemas. As a program
 * (`npm run create-only`) it writes `create-only.json`: run it for another version of cfn-lint, or for other types.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TYPES, loadResourceSchemas } from './resource-schemas.ts';

const FILE = fileURLToPath(new URL('./create-only.json', import.meta.url));

/** @throws NoPythonPackage */
async function createOnly(): Promise<Record<string, string[]>> {
  const schemas = await loadResourceSchemas();
  const pathsOf = (type: string) =>
    (schemas.get(type)?.createOnlyProperties ?? []).map((one) => one.replace('/properties/', ''));
  const ofTop = (paths: string[]) => paths.filter((one) => !one.includes('/')).sort();
  return Object.fromEntries(Object.entries(TYPES).map(([token, type]) => [token, ofTop(pathsOf(type))]));
}

await writeFile(FILE, `${JSON.stringify(await createOnly(), undefined, 2)}\n`);
