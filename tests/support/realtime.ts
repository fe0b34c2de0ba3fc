import { readFile } from 'node:fs/promises';

/** The guide's real-time examples, as the blueprint ships them, under another model name. */
export async function realtime(
  modelName: string,
  changes: Record<string, unknown> = {},
  variant: 'builtin' | 'custom' = 'builtin',
): Promise<Record<string, unknown>> {
  const url = new URL(`../../blueprints/realtime-inference/example.${variant}.json`, import.meta.url);
  const { endpoint_name: _, ...body } = JSON.parse(await readFile(url, 'utf8')) as Record<string, unknown>;
  return { ...body, model_name: modelName, ...changes };
}
