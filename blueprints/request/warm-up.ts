/**
 * Builds what the first requests would wait for otherwise: the schemas of all types, and from them the keys that any type knows,
 * 0.2 s of processor time together. A service does so once it listens.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { SchemaSettings } from '../blueprint.ts';
import { allBlueprints } from '../registry.ts';
import { SCHEMA_KINDS, openSchema } from './known-keys.ts';

/** One schema in a turn of the event loop, so that requests are answered in between. The schemas of the service come first. */
export async function buildSchemas(settings: SchemaSettings, signal?: AbortSignal): Promise<void> {
  for (const kind of [settings, ...SCHEMA_KINDS]) {
    for (const blueprint of allBlueprints()) {
      if (signal?.aborted) return;
      openSchema(blueprint, kind);
      await turn();
    }
  }
}
