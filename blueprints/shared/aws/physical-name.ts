import { createHash } from 'node:crypto';

const HASH_LENGTH = 6;

/**
 * A name that is no longer than `limit`: cut, with a hash of the whole in place of what was cut, so that two long names
 * with the same beginning stay different.
 * @param limit at least 8
 */
export function shortName(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, limit - HASH_LENGTH - 1).replace(/-+$/, '')}-${hash}`;
}
