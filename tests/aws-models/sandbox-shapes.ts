/**
 * The part of AWS' API models that the sandbox AWS checks requests against. As a program (`npm run sandbox:shapes`) it writes
 * `sandbox/aws/api-shapes.json`: run it after a change of botocore's version, or of the calls that are simulated.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PROVIDER_CALLS } from '../../sandbox/aws/api-requests.ts';
import { JOB_KINDS } from '../../sandbox/aws/local-endpoint/job-kinds.ts';
import type { Shape, Shapes } from '../../sandbox/aws/shape-check.ts';
import { loadModels } from '../support/aws-models.ts';

const FILE = fileURLToPath(new URL('../../sandbox/aws/api-shapes.json', import.meta.url));
const MONITORED = ['DataQuality', 'ModelQuality', 'ModelBias', 'ModelExplainability'];

/** Service → shapes of the requests that are simulated. */
function roots(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { service, shape } of Object.values(PROVIDER_CALLS)) {
    found.set(service, (found.get(service) ?? new Set()).add(shape));
  }
  const sagemaker = [
    ...JOB_KINDS.map(({ operation }) => `Create${operation}Request`),
    ...MONITORED.map((kind) => `Create${kind}JobDefinitionRequest`),
  ];
  sagemaker.forEach((shape) => found.get('sagemaker')?.add(shape));
  return found;
}

/** @returns the text of the file, one line a shape @throws NoPythonPackage */
export async function shapesText(): Promise<string> {
  const wanted = roots();
  const models = await loadModels([...wanted.keys()]);
  const services = [...wanted].map(([service, names]) => {
    const lines = Object.entries(reachable(models[service] ?? { shapes: {} }, names))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, shape]) => `${JSON.stringify(name)}: ${JSON.stringify(trimmed(shape))}`);
    return `${JSON.stringify(service)}: {"shapes": {\n${lines.join(',\n')}\n}}`;
  });
  return `{\n${services.join(',\n')}\n}\n`;
}

function reachable({ shapes }: Shapes, roots: Iterable<string>): Record<string, Shape> {
  const found: Record<string, Shape> = {};
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const shape = shapes[name];
    if (!shape || found[name]) continue;
    found[name] = shape;
    const { members = {}, member, key, value } = shape;
    open.push(...[...Object.values(members), member, key, value].flatMap((one) => (one ? [one.shape] : [])));
  }
  return found;
}

/** Without documentation and what concerns the wire. */
function trimmed({ type, required, members, member, key, value, enum: values, min, max, pattern }: Shape): object {
  const short = (one: { shape: string } | undefined) => one && { shape: one.shape };
  const all = members && Object.fromEntries(Object.entries(members).map(([name, one]) => [name, short(one)]));
  const [of, from, to] = [member, key, value].map(short);
  return { type, required, members: all, member: of, key: from, value: to, enum: values, min, max, pattern };
}

export async function writtenShapes(): Promise<string> {
  return await readFile(FILE, 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(FILE, await shapesText());
