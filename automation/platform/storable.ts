/**
 * Texts as PostgreSQL can store them. What people send is refused where it holds a NUL character or half a surrogate pair;
 * what programs, providers and AWS report is not theirs to word, and losing one character is better than losing the report.
 * @see https://www.postgresql.org/docs/current/datatype-json.html
 */

const REPLACEMENT = '\ufffd';
/** Of two escapes with a backslash, the first is one. */
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/g;
/** In JSON, a whole pair is written as it is. */
const NUL_OR_SURROGATE = /^\\u(?:0000|d[89a-f][0-9a-f]{2})$/;

export function storableText(text: string): string {
  return text.replaceAll('\0', REPLACEMENT).toWellFormed();
}

/** For a parameter of type `json` or `jsonb`. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPES, (escape) => (NUL_OR_SURROGATE.test(escape) ? REPLACEMENT : escape));
}
