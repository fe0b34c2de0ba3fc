/** Ids in the formats that AWS uses. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function spell(bytes: Uint8Array, alphabet: string): string {
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');
}

/** Lower-case letters and digits, as API Gateway's ids. */
export function randomId(length: number): string {
  return spell(randomBytes(length), LOWER);
}

/** `AROA…`, `ANPA…`: IAM's unique ids. */
export function randomIamId(prefix: 'AROA' | 'ANPA'): string {
  return prefix + spell(randomBytes(17), UPPER);
}

export function uuid(): string {
  return randomUUID();
}

/**
 * An id that looks random but follows from what must be unique. Where AWS gives a random id to something that may exist
 * only once (a route, a path part), this makes a second one collide, and lets a later search find the first.
 */
export function idOf(length: number, ...unique: string[]): string {
  const digest = createHash('sha256').update(unique.join('\u0000')).digest();
  return spell(digest.subarray(0, length), LOWER);
}
