import { createHash } from 'node:crypto';

/** The content address of a validated request: equal requests, in whatever order of keys, have equal digests. */
export function requestDigest(request: Record<string, unknown>): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex');
}

/** JSON with the keys of every object sorted: a database may hand them back in another order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
