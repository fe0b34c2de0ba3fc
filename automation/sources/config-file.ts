/** What is in a `mlops-config.json`: one request or a list of them, each checked, with every fault of every request. */
import type { Fault } from '../../blueprints/faults.ts';
import { configIn, isArchive } from './config-archive.ts';
import { CONFIG_ARCHIVE_BYTES, CONFIG_FILE_BYTES } from './source.ts';

/** Enough for every model of a team; more would be one accident away from hundreds of stacks. */
const MAX_REQUESTS = 100;

/** A fault of the file. `pointer` leads into the whole file: `/2/model_name` in a list. */
export interface ConfigFault extends Fault {
  /** Position of the request in the list; absent where the file is one request, or is wrong as a whole. */
  index?: number;
}

/** A valid request of the file. */
export interface ConfigRequest {
  /** 0 where the file is one request. */
  index: number;
  body: unknown;
  pipelineId: string;
}

export interface ConfigFile {
  /** Valid requests, in the order of the file. */
  requests: ConfigRequest[];
  /** How many requests there are, valid or not. */
  count: number;
  faults: ConfigFault[];
}

type Validate = (body: unknown) => Promise<{ pipelineId: string }>;

/**
 * Reads a file, or the one in an archive. Nothing is provisioned.
 * @param validate throws `REQUEST_INVALID` for a request that would be refused; other errors are passed on
 */
export async function checkConfigFile(bytes: Uint8Array, validate: Validate): Promise<ConfigFile> {
  const content = await parse(bytes);
  if ('fault' in content) return { requests: [], count: 0, faults: [content.fault] };
  const isList = Array.isArray(content.value);
  const bodies: unknown[] = Array.isArray(content.value) ? content.value : [content.value];
  const fault = sizeFault(bodies.length);
  if (fault) return { requests: [], count: bodies.length, faults: [fault] };

  const file: ConfigFile = { requests: [], count: bodies.length, faults: [] };
  for (const [index, body] of bodies.entries()) {
    const place = isList ? { index } : {};
    const prefix = isList ? `/${index}` : '';
    const checked = await check(body, validate);
    file.faults.push(...checked.faults.map((one) => ({ ...one, ...place, pointer: `${prefix}${one.pointer}` })));
    if (checked.pipelineId !== undefined) file.requests.push({ index, body, pipelineId: checked.pipelineId });
  }
  return rejectDuplicates(file);
}

async function parse(given: Uint8Array): Promise<{ value: unknown } | { fault: ConfigFault }> {
  if (isArchive(given) && given.length > CONFIG_ARCHIVE_BYTES) {
    return { fault: whole('range', `is an archive of more than ${CONFIG_ARCHIVE_BYTES} bytes (16 MiB)`) };
  }
  const found = isArchive(given) ? await configIn(given) : { file: given };
  if ('problem' in found) return { fault: whole('archive', `is an archive that ${found.problem}`) };
  const bytes = found.file;
  if (bytes.length > CONFIG_FILE_BYTES) {
    return { fault: whole('range', `is larger than ${CONFIG_FILE_BYTES} bytes (1 MiB)`) };
  }
  let text: string;
  try {
    // A byte order mark, which some editors write, is taken away by the decoder.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { fault: whole('utf8', 'is not valid UTF-8') };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { fault: whole('json', `is not valid JSON: ${(error as Error).message}`) };
  }
}

function sizeFault(count: number): ConfigFault | undefined {
  if (count === 0) return whole('required', 'is an empty list: at least one request is needed');
  return count > MAX_REQUESTS ? whole('range', `has ${count} requests; at most ${MAX_REQUESTS} are taken`) : undefined;
}

function whole(rule: string, message: string): ConfigFault {
  return { pointer: '', rule, message };
}

async function check(body: unknown, validate: Validate): Promise<{ pipelineId?: string; faults: readonly Fault[] }> {
  try {
    return { pipelineId: (await validate(body)).pipelineId, faults: [] };
  } catch (error) {
    const { code, faults } = error as { code?: unknown; faults?: readonly Fault[] };
    if (code !== 'REQUEST_INVALID' || !faults) throw error;
    return { faults };
  }
}

/** Two requests for one pipeline would undo each other, again with every commit. */
function rejectDuplicates(file: ConfigFile): ConfigFile {
  const first = new Map<string, number>();
  const twins = new Set<number>();
  for (const { index, pipelineId } of file.requests) {
    const earlier = first.get(pipelineId);
    if (earlier === undefined) {
      first.set(pipelineId, index);
      continue;
    }
    for (const one of [earlier, index]) twins.add(one);
    file.faults.push({
      index,
      pointer: `/${index}`,
      rule: 'conflict',
      message: `is for the same pipeline as request ${earlier}: ${pipelineId}`,
    });
  }
  return { ...file, requests: file.requests.filter(({ index }) => !twins.has(index)) };
}
