/**
 * The interface of sources of configuration, and their common constants. Each kind of source has a file in `providers/`; the
 * processor knows only what is declared here.
 */

export const SOURCE_NAMES = ['github', 'gitlab', 'bitbucket', 'codecommit', 's3', 'git'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** The file's name: at the root of a repository, or the last part of an object's key (guide, "Git provisioning"). */
export const CONFIG_FILE = 'mlops-config.json';

/** In a bucket, the file may be in an archive of this name (config-archive.ts). */
export const CONFIG_ARCHIVE = 'mlops-config.zip';
/** Larger archives are refused: they are kept in memory while they are read. */
export const CONFIG_ARCHIVE_BYTES = 16 * 1_048_576;

/** Larger files are refused: the same limit as for the body of a request. */
export const CONFIG_FILE_BYTES = 1_048_576;

/** Where a file is. Plain JSON: it is stored with the delivery. */
export interface Place {
  /** `owner/repo`, the repository's name, the bucket, or the remote's URL without credentials. */
  readonly repository: string;
  /** Empty for a bucket. */
  readonly branch: string;
  /** Path in the repository, or key in the bucket. */
  readonly path: string;
  /** The decoded key, if the event may have URL-encoded it and that makes a difference (see s3.ts). */
  readonly decodedPath?: string;
}

/** Who pushed or authored a version: names, logins and e-mail addresses, as reported by the source. */
export interface People {
  readonly pushedBy?: readonly string[];
  readonly author?: readonly string[];
}

/** A pushed, stored or polled version that must be processed once. */
export interface NewDelivery {
  readonly source: SourceName;
  /** Id from the sender, unique per source: the same id again is the same delivery. */
  readonly deliveryId: string;
  /** What it is a version of, such as `github:owner/repo@main` or `s3:bucket/key`; versions are processed one by one. */
  readonly target: string;
  /** The exact version: a commit, an object's version or ETag. */
  readonly revision: string;
  readonly place: Place;
  readonly people?: People;
}

export type CommitState = 'pending' | 'success' | 'failure';

/** The status that people see at the commit. */
export interface CommitStatus {
  readonly state: CommitState;
  /** At most {@link STATUS_TEXT_LENGTH} characters. */
  readonly description: string;
  /** Absolute; absent if the installation has no public URL. */
  readonly url?: string;
}

/** GitHub's limit, the smallest of all. @see https://docs.github.com/en/rest/commits/statuses#create-a-commit-status */
export const STATUS_TEXT_LENGTH = 140;

/** Name of the status among those of other tools. */
export const STATUS_CONTEXT = 'mlops/provision';

/** Reads configuration from one kind of place. Every call has its own deadline. */
export interface ConfigSource {
  /**
   * Whether that version is still the latest; false if the branch or object no longer exists.
   * @throws SourceUnavailable
   */
  isNewest(place: Place, revision: string): Promise<boolean>;
  /**
   * The file in exactly that version; for a file that is too large, one byte more than the limit.
   * @returns undefined if that version has no such file
   * @throws SourceUnavailable
   */
  read(place: Place, revision: string): Promise<Uint8Array | undefined>;
  /** Writes the result back as the status of the commit; absent if the source has none. */
  report?(place: Place, revision: string, status: CommitStatus): Promise<void>;
  /** The caller of its requests, such as `webhook:github:owner/repo`. */
  caller(place: Place): string;
}

/** A source did not respond, or not as expected. Worth retrying: tokens are renewed, services recover. */
export class SourceUnavailable extends Error {
  /** HTTP status of the response, if there was one. */
  readonly status?: number;
  /** Seconds after which the source asked to be called again. */
  readonly retryAfterSeconds?: number;

  constructor(message: string, options: { cause?: unknown; status?: number; retryAfterSeconds?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = 'SourceUnavailable';
    this.status = options.status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Providers also answer 404 for what a token cannot access, so this is reported rather than ignored. */
export function branchNotFound(name: string): SourceUnavailable {
  return new SourceUnavailable(
    `Branch ${name} does not exist, or the token cannot read the repository: check CONFIG_REPOSITORIES and the token's permissions.`,
    { status: 404 },
  );
}

/** @returns the id of what deliveries of one branch have in common. */
export function branchTarget(source: SourceName, repository: string, branch: string): string {
  return `${source}:${repository}@${branch}`;
}

/** @returns whether the text is a full commit id, SHA-1 or SHA-256. */
export function isCommit(text: unknown): text is string {
  return typeof text === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
