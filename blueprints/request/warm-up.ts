/**
 * Builds what the first requests would wait for otherwise: the schemas of all types, and from them the keys that any type knows,
 * 0.1 s of processor time together. A service does so once it listens.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { SchemaSettings } from '../blueprint.ts';
import { allBlueprints } from '../registry.ts';
import { SCHEMA_KINDS, openSchema } from './known-keys.ts';

/** A quarter of the event loop's time: requests that come meanwhile need the rest. */
const PAUSE_FACTOR = 3;

/** One schema after the other, with pauses in which requests are answered. The schemas of the service come first. */
export async function buildSchemas(settings: SchemaSettings, signal?: AbortSignal): Promise<void> {
  for (const kind of [settings, ...SCHEMA_KINDS]) {
    for (const blueprint of allBlueprints()) {
      if (signal?.aborted) return;
      const begun = performance.now();
      openSchema(blueprint, kind);
      await delay((performance.now() - begun) * PAUSE_FACTOR);
    }
  }
}
