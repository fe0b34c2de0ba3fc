/**
 * How a Lambda function makes a SageMaker job: once for every change of the request, however often it is called for that
 * change, and again under a new name whenever a person asks. Bundled into the handlers.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The content of `job.json` next to the handler: everything about the job that is known before anything is created. */
export interface JobDefinition {
  /** Names of jobs begin with this; what follows makes them unique. */
  baseName: string;
  /** The caller's own name for the job: it must be unused, or the job is not created. */
  fixedName?: string;
  /** A name of ours that is whole as it is; default: `<baseName>-<run>`. */
  wholeName?: string;
  /** The longest name that the service takes. */
  nameLimit: number;
  tags: Record<string, string>;
  /** The service's request but for the name, the tags, and what only the deployment knows. */
  request: Record<string, unknown>;
  /** What the request names but does not hold, such as the content of a model: a change of it is a change of the job. */
  source?: Record<string, unknown>;
  /**
   * Name of the function that makes the job, new with every stack: a job that outlived an earlier stack, or an earlier
   * installation that counted its changes from 1 too, is not this one's.
   */
  maker?: string;
}

/** What decides the names of a job's runs. */
export type JobNaming = Pick<JobDefinition, 'baseName' | 'fixedName' | 'wholeName' | 'nameLimit'>;

/** What the function is called with. */
export interface JobEvent {
  /** The change that the job is for; without one a person asks for one more. */
  run?: string;
}

/** The service, seen from here. */
export interface JobService {
  /** Waits some milliseconds; the clock's own, but for tests. */
  wait?(milliseconds: number): Promise<unknown>;
  /** @throws the service's own error */
  create(name: string, tags: { Key: string; Value: string }[]): Promise<unknown>;
  describe(name: string): Promise<{ arn: string; status: string }>;
  listTags(arn: string): Promise<{ Key?: string; Value?: string }[]>;
}

/** Says which change a job was made for, and by which function, so that a repeated call knows its own job. */
export const RUN_TAG = 'mlops:run';

/** Failed jobs are retried, and names in use are skipped, this many times. */
const RETRY_NAMES = 9;
const BY_HAND_LENGTH = 8;
/**
 * A role or policy that was made a moment ago is not known everywhere yet.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
const NOT_KNOWN_YET = /AccessDenied|not authorized to perform|could not assume role|cannot assume role/i;
/** In milliseconds; together they leave a function of a minute time to answer. */
const WAITS_FOR_IAM = [1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000];
/** A name that is taken, in the words of the several services. */
const TAKEN = /ResourceInUse|already exist/i;
const OVER = new Set(['Failed', 'Stopped']);

/**
 * Reads the definition that the deployment stored next to the bundle.
 * @param maker name of the function
 */
export function readDefinition(maker: string | undefined): JobDefinition {
  const definition = JSON.parse(readFileSync(new URL('./job.json', import.meta.url), 'utf8')) as JobDefinition;
  return { ...definition, ...(maker ? { maker } : {}) };
}

/** Names of jobs for a change, in the order in which they are tried. */
export function jobNames(definition: JobDefinition, run: string): string[] {
  const { baseName, nameLimit } = definition;
  const first = wholeNameOf(definition) ?? fitted(baseName, run.replace(/[^A-Za-z0-9-]/g, '-'), nameLimit);
  // A name of the caller's is taken by the first run.
  const later = definition.fixedName ? [fitted(first, digestOf(run), nameLimit)] : [];
  return [
    first,
    ...later,
    ...Array.from({ length: RETRY_NAMES - 1 }, (_, index) => fitted(first, String(index + 2), nameLimit)),
  ];
}

/**
 * What names of the job's runs, and of what SageMaker makes for them, may come to: whole names, and with `*` behind a hyphen
 * what they begin with. Never a part of a word: the jobs of `churn` are not those of `churners`.
 */
export function jobNamePatterns(definition: JobNaming): string[] {
  const { baseName, nameLimit } = definition;
  const name = wholeNameOf(definition);
  if (!name) return [`${baseName}-*`];
  // A long name gives way to what is put behind it: one digit of a retry, or the random part of a call by hand.
  const behind = [1, BY_HAND_LENGTH].map((length) => fitted(name, '*', nameLimit + 1 - length));
  return [...new Set([name, ...behind])];
}

/** As long as the random part of a call by hand, so that one pattern goes for both. */
function digestOf(run: string): string {
  return createHash('sha256').update(run).digest('hex').slice(0, BY_HAND_LENGTH);
}

function wholeNameOf({ fixedName, wholeName }: JobNaming): string | undefined {
  return fixedName ?? wholeName;
}

/** {@link jobNamePatterns} as EventBridge takes them. */
export function jobNameMatchers(definition: JobNaming): (string | { prefix: string })[] {
  return jobNamePatterns(definition).map((name) => (name.endsWith('*') ? { prefix: name.slice(0, -1) } : name));
}

/** `<name>-<suffix>` within the limit: the name gives way, the suffix is what makes it unique. */
function fitted(name: string, suffix: string, limit: number): string {
  return `${name.slice(0, limit - suffix.length - 1).replace(/-+$/, '')}-${suffix}`;
}

/**
 * Makes the job, or finds the one that an earlier call for the same change has made.
 * @throws the service's own error, where the job cannot be made
 */
export async function runJob(
  definition: JobDefinition,
  event: JobEvent,
  service: JobService,
): Promise<{ jobName: string; created: boolean }> {
  const { run } = event;
  if (!run) {
    const jobName = fitted(
      wholeNameOf(definition) ?? definition.baseName,
      randomBytes(BY_HAND_LENGTH / 2).toString('hex'),
      definition.nameLimit,
    );
    await create(service, jobName, toTags(definition, 'by hand'));
    return { jobName, created: true };
  }
  const mark = markOf(definition, run);
  let taken: unknown;
  for (const jobName of jobNames(definition, run)) {
    try {
      await create(service, jobName, toTags(definition, mark));
      return { jobName, created: true };
    } catch (error) {
      if (!isTaken(error)) throw error;
      taken = error;
    }
    const known = await markedJob(service, jobName, mark);
    // Another job of the name that the caller gave: SageMaker's own words say so.
    if (!known && definition.fixedName) throw taken;
    if (known?.run === run && !OVER.has(known.status)) return { jobName, created: false };
  }
  throw taken;
}

async function create(service: JobService, name: string, tags: { Key: string; Value: string }[]): Promise<void> {
  for (const wait of [...WAITS_FOR_IAM, undefined]) {
    try {
      await service.create(name, tags);
      return;
    } catch (error) {
      if (wait === undefined || !(error instanceof Error) || !NOT_KNOWN_YET.test(`${error.name} ${error.message}`)) {
        throw error;
      }
      await (service.wait ?? delay)(wait);
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && TAKEN.test(`${error.name} ${error.message}`);
}

/** @see https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html for the characters that a value may have */
function markOf({ maker }: JobDefinition, run: string): string {
  return maker ? `${run}@${maker}` : run;
}

/** A job of this definition, whichever run made it; undefined for any other. */
async function markedJob(
  service: JobService,
  name: string,
  mark: string,
): Promise<{ status: string; run: string } | undefined> {
  const found = await service.describe(name);
  const tags = await service.listTags(found.arn);
  const value = tags.find(({ Key }) => Key === RUN_TAG)?.Value;
  if (value === undefined || withoutNumber(value) !== withoutNumber(mark)) return undefined;
  return { ...found, run: value.split('@')[0] ?? '' };
}

/** `<digest>@<maker>` of a mark `<number>-<digest>@<maker>`. */
function withoutNumber(mark: string): string {
  return mark.replace(/^\d+-/, '');
}

function toTags({ tags }: JobDefinition, mark: string): { Key: string; Value: string }[] {
  return Object.entries({ ...tags, [RUN_TAG]: mark }).map(([Key, Value]) => ({ Key, Value }));
}
