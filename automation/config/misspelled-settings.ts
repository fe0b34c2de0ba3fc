/**
 * Finds environment variables that are probably misspelled settings: without this, `MULTI_ACOUNT=Yes` would start a service
 * for one account. The environment also has the variables of other programs, so only what is nearly one of our names counts.
 */
import { distance } from 'fastest-levenshtein';

/** Names that other programs share, or whose neighbours are theirs: `PORT` and `POST`, `GITHUB_TOKEN` and `GITHUB_TOKENS`. */
const SHARED =
  /^(?:PORT|HOST|LOG_LEVEL|DATABASE_URL|PUBLIC_URL|ACCOUNT_ID|SERVICE_ROLE|(?:AWS|PULUMI|GITHUB|GITLAB|BITBUCKET)_.*)$/;

/** In longer names two slips are still recognizable. */
const LONG = 16;

/**
 * @param env usually `process.env`
 * @param known all settings of the program
 * @returns a sentence for each. Values are not repeated, because they may be secret
 */
export function misspelledSettings(env: NodeJS.ProcessEnv, known: readonly string[]): string[] {
  const isSet = (name: string) => env[name] !== undefined && env[name] !== '';
  // With the setting itself present, the other variable belongs to something else.
  const candidates = known.filter((name) => !SHARED.test(name) && !isSet(name));
  return Object.keys(env)
    .filter((name) => isSet(name) && !known.includes(name))
    .flatMap((name) => {
      const meant = candidates.find((candidate) => isSlip(name.toUpperCase(), candidate));
      return meant === undefined
        ? []
        : [
            `${name} is not a setting; did you mean ${meant}? If it belongs to another program, unset it here or set ${meant} as well`,
          ];
    });
}

function isSlip(name: string, setting: string): boolean {
  const limit = setting.length < LONG ? 1 : 2;
  if (Math.abs(name.length - setting.length) > limit) return false;
  return distance(name, setting) <= limit || areNeighboursSwapped(name, setting);
}

/** Two letters in the wrong order are one slip, though two replacements. */
function areNeighboursSwapped(name: string, setting: string): boolean {
  if (name.length !== setting.length) return false;
  const first = [...name].findIndex((letter, index) => letter !== setting[index]);
  if (first === -1) return true;
  const swapped =
    setting.slice(0, first) + (setting[first + 1] ?? '') + (setting[first] ?? '') + setting.slice(first + 2);
  return name === swapped;
}
