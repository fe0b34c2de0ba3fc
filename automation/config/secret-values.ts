/**
 * The settings that hold a secret: their values, for logs and messages of start-up failures to mask, and those that the
 * programs which the service starts do not see. Masking is a second line of defense: nothing is meant to print secrets, but
 * the errors of libraries and of the Pulumi CLI are not ours to word.
 */
import { escapeRegExp } from 'es-toolkit/string/escapeRegExp';
import { SOURCE_SECRETS } from './source-settings.ts';

const SECRET_SETTINGS = [
  'GATEWAY_SECRET',
  ...SOURCE_SECRETS,
  'PULUMI_ACCESS_TOKEN',
  'PULUMI_CONFIG_PASSPHRASE',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'PGPASSWORD',
] as const;

/** A shorter value occurs in ordinary words: masking it would make the log unreadable and give the secret away. */
const SHORTEST = 8;

/** Instead of the value. */
export const MASK = '[secret]';

/** @returns secrets among the variables, and passwords in those that are URLs such as `DATABASE_URL` */
export function secretValues(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = [
    ...SECRET_SETTINGS.map((name) => env[name]),
    // Two while one replaces the other.
    ...(env.GATEWAY_SECRET ?? '').split(','),
    ...Object.values(env).flatMap((value) => secretsIn(value ?? '')),
  ];
  return [...new Set(values.filter((value): value is string => value !== undefined && value.length >= SHORTEST))];
}

/** Query parameters of URLs, such as those of libpq: https://www.postgresql.org/docs/current/libpq-connect.html */
const SECRET_PARAMETER = /password|passphrase|token|secret/i;

/** As they are written in the URL, and decoded. */
function secretsIn(value: string): string[] {
  const url = URL.parse(value);
  if (!url) return [];
  // An access token is often sent as the user name of Basic authentication.
  const token = /^https?:$/.test(url.protocol) && url.password === '' ? url.username : '';
  const parameters = [...url.searchParams].filter(([name]) => SECRET_PARAMETER.test(name)).map(([, given]) => given);
  return [url.password, token, ...parameters].filter((secret) => secret !== '').flatMap(asWrittenAndMeant);
}

function asWrittenAndMeant(written: string): string[] {
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    // A percent sign that is not an escape.
    return [written];
  }
}

/** @returns a function that replaces each of the values in a text or in its JSON by {@link MASK} */
export function secretMask(values: readonly string[]): (text: string) => string {
  if (values.length === 0) return (text) => text;
  const forms = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  // The longest first: a value may be part of another.
  const sorted = [...new Set(forms)].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(sorted.map(escapeRegExp).join('|'), 'g');
  return (text) => text.replace(pattern, MASK);
}

/** Only the service talks to the database, to its callers and to the places that configuration comes from. */
const SERVICE_ONLY: ReadonlySet<string> = new Set(['DATABASE_URL', 'GATEWAY_SECRET', ...SOURCE_SECRETS]);

/** What libpq and its like read: host, user, password of a database. */
const POSTGRESQL = /^PG[A-Z]+$/;

/** @returns the variables that a program which the service starts may see: those of the CLI and of AWS stay */
export function withoutServiceSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SERVICE_ONLY.has(name) && !POSTGRESQL.test(name)));
}
