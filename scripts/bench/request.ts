/** The request that the benchmarks provision: the real-time example under another model name. */
import { readFile } from 'node:fs/promises';

export async function realtimeRequest(modelName: string): Promise<Record<string, unknown>> {
  const url = new URL('../../blueprints/realtime-inference/example.builtin.json', import.meta.url);
  return { ...(JSON.parse(await readFile(url, 'utf8')) as object), model_name: modelName };
}
