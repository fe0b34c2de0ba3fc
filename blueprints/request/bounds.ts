/** Bounds on what JSON allows but the database cannot store. They apply to requests from HTTP, git and buckets alike. */
import type { Fault } from '../faults.ts';
import { RequestInvalid } from '../faults.ts';

/** Deeper than any request needs, and shallow enough for code that walks a value recursively. */
export const MAX_DEPTH = 64;

/**
 * Keys and list entries of one body. Validation takes time for each of them, on the thread that answers
 * everybody: 80,000 took it three seconds. The largest requests of the guide have about a hundred.
 */
export const MAX_VALUES = 5_000;

/**
 * Keys of the request itself. Each unknown one is compared with all known ones. The built-in types together have 64 keys, and
 * requests written for the original carry those of other types along.
 */
export const MAX_KEYS = 200;

export const TOO_MANY_KEYS: Fault = { pointer: '', rule: 'range', message: `has more than ${MAX_KEYS} keys` };

export const TOO_MANY_VALUES: Fault = {
  pointer: '',
  rule: 'range',
  message: `has more than ${MAX_VALUES} keys and list entries`,
};

/** @param pointer to what is in too many others */
export function tooDeep(pointer: string): Fault {
  return {
    pointer,
    rule: 'depth',
    message: `is nested too deeply: at most ${MAX_DEPTH} levels of objects and lists are allowed`,
  };
}

interface Place {
  value: unknown;
  pointer: string;
  depth: number;
}

export function outOfBounds(fault: Fault): RequestInvalid {
  return new RequestInvalid(`Bad request. ${fault.pointer || 'The body'} ${fault.message}`, [fault]);
}

/** @throws RequestInvalid */
export function mustBeWithinBounds(body: unknown): void {
  const fault = boundsFault(body);
  if (fault) throw outOfBounds(fault);
}

/**
 * The first thing in a value that cannot be stored, or walked, or distinguished from something else.
 * Without recursion: a million brackets must not overflow the stack.
 * @see https://www.postgresql.org/docs/current/datatype-json.html
 */
export function boundsFault(body: unknown): Fault | undefined {
  if (hasTooManyKeys(body)) return TOO_MANY_KEYS;
  const pending: Place[] = [{ value: body, pointer: '', depth: 0 }];
  // The body itself is neither a key nor an entry.
  let values = -1;
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (++values > MAX_VALUES) return TOO_MANY_VALUES;
    const fault = faultAt(next);
    if (fault) return fault;
    const { value, pointer, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value).reverse()) {
      if (!isStorable(key)) return characters(pointer);
      // Top-level keys are looked up in the schema, so only deeper ones could reach code that copies objects.
      if (key === '__proto__' && depth > 0) return prototypeKey(pointer);
      pending.push({ value: item, pointer: `${pointer}/${escapePointer(key)}`, depth: depth + 1 });
    }
  }
  return undefined;
}

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function hasTooManyKeys(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  return Object.keys(body).length > MAX_KEYS;
}

function faultAt({ value, pointer, depth }: Place): Fault | undefined {
  if (typeof value === 'string' && !isStorable(value)) return characters(pointer);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { pointer, rule: 'range', message: 'is too large a number' };
  }
  if (typeof value === 'object' && value !== null && depth >= MAX_DEPTH) return tooDeep(pointer);
  return undefined;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function characters(pointer: string): Fault {
  return {
    pointer,
    rule: 'characters',
    message: 'must not contain the NUL character (\\u0000) or half a surrogate pair',
  };
}

function prototypeKey(pointer: string): Fault {
  return { pointer, rule: 'pattern', message: 'must not have a key named "__proto__"; rename it' };
}
