/** The start of a request file: every key of a pipeline type with what it means, in YAML. Pure. */
import { stringify } from 'yaml';
import type { Model } from '../../client/model.ts';

export interface KeySchema {
  description?: string;
  enum?: unknown[];
  examples?: unknown[];
}

/** A pipeline type as the API describes it, with what is read of the JSON Schema of its requests. */
export type PipelineType = Pick<Model<'PipelineType'>, 'pipelineType' | 'title' | 'example'> & {
  requestSchema: { properties?: Record<string, KeySchema>; required?: string[] };
};

const WIDTH = 100;
/** Names that are unique in an account: the one of the example would be taken by the second pipeline that is made of it. */
const UNIQUE = ['endpoint_name'];

/**
 * The keys of the example have its values, so that the file is valid as it is; all others are commented out.
 * @param given values that replace those of the example
 */
export function requestTemplate(
  { pipelineType, title, requestSchema, example }: PipelineType,
  given: Readonly<Record<string, unknown>> = {},
): string {
  const { properties = {}, required = [] } = requestSchema;
  const keys = Object.entries(properties).map(([key, schema]) => {
    const need = required.includes(key) ? 'Required.' : 'Optional.';
    const choice = schema.enum && schema.enum.length > 1 ? ` One of ${schema.enum.join(', ')}.` : '';
    const about = wrapped(`${need} ${schema.description ?? ''}${choice}`).map((line) => `# ${line}`);
    const isLeftOut = UNIQUE.includes(key) && !required.includes(key) && !(key in given);
    const shown = { ...example, ...given };
    if (key in shown && !isLeftOut) return [...about, entry(key, shown[key])];
    const [value] = schema.examples ?? [];
    return [
      ...about,
      ...(value === undefined ? [`${key}: …`] : entry(key, value).split('\n')).map((line) => `# ${line}`),
    ];
  });
  const head = [`# ${title} (${pipelineType})`, '# mlops validate -f <this file>'];
  return [head, ...keys].map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function entry(key: string, value: unknown): string {
  return stringify({ [key]: value }, { lineWidth: 0 }).trimEnd();
}

/** Words in lines of at most `WIDTH` characters. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
