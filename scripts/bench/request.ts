/** The request that the benchmarks provision: the real-time example under another model name, the endpoint's name left to Pulumi. */
import { readFile } from 'node:fs/promises';

export async function realtimeRequest(modelName: string): Promise<Record<string, unknown>> {
  const url = new URL('../../blueprints/realtime-inference/example.builtin.json', import.meta.url);
  const { endpoint_name: _, ...body } = JSON.parse(await readFile(url, 'utf8')) as Record<string, unknown>;
  return { ...body, model_name: modelName };
}
