/** The settings of configuration as data: joi keys and what becomes of them. Read by config.ts only. */
import Joi from 'joi';
import type { SourceName } from '../sources/source.ts';
import { commaList } from './comma-list.ts';

type Values = Readonly<Record<string, string | number | undefined>>;

/** A branch whose `mlops-config.json` is provisioned. */
export interface AllowedRepository {
  readonly source: Exclude<SourceName, 's3'>;
  /** `owner/repo`, a CodeCommit repository's name, or the URL of any git remote. */
  readonly repository: string;
  readonly branch: string;
}

export interface ProviderSettings {
  /** What webhooks are signed with; empty: they are not set up. */
  readonly webhookSecret: string;
  /** Reads files and writes commit statuses; empty: public repositories are read, statuses are not written. */
  readonly token: string;
  /** Without a slash at its end. */
  readonly apiUrl: string;
}

export interface SourceSettings {
  readonly repositories: readonly AllowedRepository[];
  /** Buckets whose objects are provisioned. */
  readonly buckets: readonly string[];
  /** SQS queue of EventBridge and S3 events; empty: there is none. */
  readonly queueUrl: string;
  readonly github: ProviderSettings;
  readonly gitlab: ProviderSettings & {
    /** `whsec_…`; goes before the plain token where both are set. */
    readonly signingToken: string;
  };
  readonly bitbucket: ProviderSettings;
  readonly git: {
    readonly pollSeconds: number;
    readonly username: string;
    readonly password: string;
    /** Private key for `ssh://` remotes; empty: the defaults of ssh. */
    readonly sshKeyFile: string;
  };
  /** When some requests of a list are invalid, the valid ones are still provisioned. */
  readonly partialLists: boolean;
}

/** Never given to child processes, and never logged. */
export const SOURCE_SECRETS = [
  'GITHUB_WEBHOOK_SECRET',
  'GITHUB_TOKEN',
  'GITLAB_WEBHOOK_SECRET',
  'GITLAB_SIGNING_TOKEN',
  'GITLAB_TOKEN',
  'BITBUCKET_WEBHOOK_SECRET',
  'BITBUCKET_TOKEN',
  'CONFIG_GIT_USERNAME',
  'CONFIG_GIT_PASSWORD',
] as const;

/** Short secrets can be guessed: 16 characters as for the gateway's. */
const secret = Joi.string().min(16);
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/;
/** Tokens travel to it, so it is encrypted unless it stays on this machine. */
const apiUrl = (fallback: string) =>
  Joi.string()
    .uri({ scheme: ['https', 'http'] })
    .custom((value: string, helpers) =>
      value.startsWith('https://') || LOOPBACK.test(value)
        ? withoutCredentials(value.replace(/\/+$/, ''), helpers)
        : helpers.message({ custom: '{{#label}} must begin with https://: tokens are sent to it' }),
    )
    .default(fallback);

/** A URL is shown in errors and logs; and `fetch` takes none with credentials. */
export function withoutCredentials(value: string, helpers: Joi.CustomHelpers): string | Joi.ErrorReport {
  const url = URL.parse(value);
  return url && url.username === '' && url.password === ''
    ? value
    : helpers.message({ custom: '{{#label}} must be a URL without user name and password' });
}

const FORMS: Readonly<Record<AllowedRepository['source'], RegExp>> = {
  github: /^[\w.-]+\/[\w.-]+$/,
  gitlab: /^[\w.-]+(\/[\w.-]+)+$/,
  bitbucket: /^[\w.-]+\/[\w.-]+$/,
  codecommit: /^[\w.-]{1,100}$/,
  // No credentials before the host except ssh's user: they have separate settings, which are kept out of logs.
  git: /^(https:\/\/\w[\w.-]*(:\d+)?\/[^\s@]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/[^\s@]+|ssh:\/\/(\w[\w.-]*@)?\w[\w.-]*(:\d+)?\/[^\s@]+|file:\/\/\/[^\s@]+)$/,
};
/** What git takes as a branch, less `@` and a leading hyphen. @see https://git-scm.com/docs/git-check-ref-format */
const BRANCH = /^(?![-/.])(?!.*(\.\.|\/\/|\/\.|\.lock(\/|$)))[^\s~^:?*[\]\\@,\p{Cc}]+(?<![/.])$/u;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const list = (check: (entry: string) => string | undefined) =>
  Joi.string().custom((value: string, helpers) => {
    const entries = commaList(value);
    if (entries.length === 0) return helpers.message({ custom: '{{#label}} is empty: remove it, or specify an entry' });
    // Entries are reported by index: a remote URL may contain a password.
    const problems = entries.flatMap((entry, index) => {
      const problem = check(entry);
      return problem === undefined ? [] : [`entry ${index + 1} ${problem}`];
    });
    return problems.length === 0 ? value : helpers.message({ custom: `{{#label}}: ${problems.join('; ')}` });
  });

/** Keys of the configuration, for the schema. */
export const sourceKeys: Joi.SchemaMap = {
  CONFIG_REPOSITORIES: list((entry) => (repositoryOf(entry) ? undefined : repositoryProblem(entry))),
  CONFIG_BUCKETS: list((entry) => (BUCKET.test(entry) ? undefined : 'is no S3 bucket name')),
  CONFIG_QUEUE_URL: Joi.string()
    .uri({ scheme: ['https', 'http'] })
    .custom(withoutCredentials),
  CONFIG_PARTIAL_LISTS: Joi.string().valid('Yes', 'No').default('No'),
  CONFIG_POLL_SECONDS: Joi.number().integer().min(1).max(86_400).default(60),
  CONFIG_GIT_USERNAME: Joi.string(),
  CONFIG_GIT_PASSWORD: Joi.string(),
  // It stands in a command that ssh's caller gives to a shell.
  CONFIG_GIT_SSH_KEY_FILE: Joi.string().pattern(/^\/[\w./-]+$/, 'an absolute path of letters, digits and . _ - /'),
  GITHUB_WEBHOOK_SECRET: secret,
  GITHUB_TOKEN: Joi.string(),
  GITHUB_API_URL: apiUrl('https://api.github.com'),
  GITLAB_WEBHOOK_SECRET: secret,
  GITLAB_SIGNING_TOKEN: Joi.string().pattern(/^whsec_[A-Za-z0-9+/]{22,}={0,2}$/, 'whsec_ and base64'),
  GITLAB_TOKEN: Joi.string(),
  GITLAB_API_URL: apiUrl('https://gitlab.com/api/v4'),
  BITBUCKET_WEBHOOK_SECRET: secret,
  BITBUCKET_TOKEN: Joi.string(),
  BITBUCKET_API_URL: apiUrl('https://api.bitbucket.org/2.0'),
};

/** Faults across several settings: an allowed repository for which no change can ever be detected. */
export function sourceFaults(values: Values): string[] {
  const repositories = commaList(String(values.CONFIG_REPOSITORIES ?? '')).flatMap(
    (entry) => repositoryOf(entry) ?? [],
  );
  const needed: Readonly<Partial<Record<AllowedRepository['source'], readonly string[]>>> = {
    github: ['GITHUB_WEBHOOK_SECRET'],
    gitlab: ['GITLAB_WEBHOOK_SECRET', 'GITLAB_SIGNING_TOKEN'],
    bitbucket: ['BITBUCKET_WEBHOOK_SECRET'],
    codecommit: ['CONFIG_QUEUE_URL'],
  };
  const faults = Object.entries(needed)
    .filter(
      ([source, names]) => repositories.some((one) => one.source === source) && !names.some((name) => values[name]),
    )
    .map(([source, names]) => `${names.join(' or ')} is required with ${source} repositories in CONFIG_REPOSITORIES`);
  const hosts = new Set(repositories.filter(isPasswordSentTo).map(({ repository }) => new URL(repository).host));
  if (values.CONFIG_GIT_PASSWORD && hosts.size > 1) {
    faults.push(
      `CONFIG_GIT_PASSWORD applies to a single host, but CONFIG_REPOSITORIES has several: ${[...hosts].join(', ')}`,
    );
  }
  return faults;
}

function isPasswordSentTo({ source, repository }: AllowedRepository): boolean {
  return source === 'git' && /^https?:/.test(repository);
}

export function sourceSettingsOf(values: Values): SourceSettings {
  const text = (name: string) => String(values[name] ?? '');
  const provider = (name: string): ProviderSettings => ({
    webhookSecret: text(`${name}_WEBHOOK_SECRET`),
    token: text(`${name}_TOKEN`),
    apiUrl: text(`${name}_API_URL`),
  });
  return {
    repositories: commaList(text('CONFIG_REPOSITORIES')).flatMap((entry) => repositoryOf(entry) ?? []),
    buckets: commaList(text('CONFIG_BUCKETS') || text('ASSETS_BUCKET')),
    queueUrl: text('CONFIG_QUEUE_URL'),
    github: provider('GITHUB'),
    gitlab: { ...provider('GITLAB'), signingToken: text('GITLAB_SIGNING_TOKEN') },
    bitbucket: provider('BITBUCKET'),
    git: {
      pollSeconds: Number(values.CONFIG_POLL_SECONDS),
      username: text('CONFIG_GIT_USERNAME'),
      password: text('CONFIG_GIT_PASSWORD'),
      sshKeyFile: text('CONFIG_GIT_SSH_KEY_FILE'),
    },
    partialLists: values.CONFIG_PARTIAL_LISTS === 'Yes',
  };
}

function repositoryOf(entry: string): AllowedRepository | undefined {
  const [, source, repository, branch] = /^([a-z0-9]+):(.+)@([^@]*)$/.exec(entry) ?? [];
  if (!isRepositorySource(source) || !repository || !branch) return undefined;
  return FORMS[source].test(repository) && BRANCH.test(branch) ? { source, repository, branch } : undefined;
}

function isRepositorySource(name: string | undefined): name is AllowedRepository['source'] {
  return name !== undefined && Object.hasOwn(FORMS, name);
}

function repositoryProblem(entry: string): string {
  const kind = entry.split(':', 1)[0] ?? '';
  return kind === 'git'
    ? 'must be git:https://host/path@branch (or ssh://, file://) without credentials in the URL: those belong in CONFIG_GIT_USERNAME and CONFIG_GIT_PASSWORD'
    : 'must be github:owner/repo@branch, gitlab:group/project@branch, bitbucket:workspace/repo@branch, codecommit:repo@branch or git:url@branch';
}
