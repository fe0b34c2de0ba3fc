/** "Did you mean …?" */
import { closest, distance } from 'fastest-levenshtein';

/** Longer texts are no slip of the pen, and comparing them costs time. */
const LONGEST = 100;

/** Share of the letters that may differ: further off, a suggestion would only puzzle. */
const FAR = 0.4;

/** The candidate that was probably meant, regardless of letter case; undefined where none is near. */
export function suggestion(sent: string, candidates: readonly string[]): string | undefined {
  if (sent.length > LONGEST || candidates.length === 0) return undefined;
  const plain = sent.trim().toLowerCase();
  const lowered = candidates.map((candidate) => candidate.toLowerCase());
  const nearest = closest(plain, lowered);
  if (distance(plain, nearest) > Math.max(1, FAR * nearest.length)) return undefined;
  return candidates[lowered.indexOf(nearest)];
}

/** The suggestion as the end of a sentence, or nothing. */
export function didYouMean(sent: unknown, candidates: readonly unknown[]): string {
  if (typeof sent !== 'string') return '';
  const texts = candidates.filter((one): one is string => typeof one === 'string');
  const meant = suggestion(sent, texts);
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}
