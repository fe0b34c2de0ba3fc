/** Time passing in the sandbox account: jobs end, EventBridge tells its rules, and topics get the messages. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SandboxAwsSettings } from '../config.ts';
import type { Properties } from '../provider.ts';
import { matches } from './event-pattern.ts';
import { entries } from './files.ts';
import { onJob } from './job-signal.ts';
import type { JobKind } from './local-endpoint/job-kinds.ts';
import { JOB_KINDS } from './local-endpoint/job-kinds.ts';
import { statusOfJob } from './local-endpoint/jobs.ts';
import { scopeOf } from './partitions.ts';
import { at, object, text } from './properties.ts';
import type { StoredResource } from './store.ts';
import { Store, placeOf } from './store.ts';
import type { Notification } from './topics.ts';
import { tellTopic } from './topics.ts';

/** For what no signal announced. */
const SLOW_LOOK_MS = 30_000;
/** After a failure, and at least between two looks. */
const RETRY_MS = 1_000;
const LEAST_MS = 20;
const RULE = { token: 'aws:cloudwatch/eventRule:EventRule' };
const TARGET = { token: 'aws:cloudwatch/eventTarget:EventTarget' };

/**
 * Looks at the accounts whenever a job begins or ends, until it is stopped. A change is reported once, even across restarts of
 * the sandbox.
 */
export function startClock({ directory }: SandboxAwsSettings, logger?: Logger): { stop(): Promise<void> } {
  const store = new Store(directory);
  const ending = new AbortController();
  let signalled = Promise.withResolvers<undefined>();
  const unwatch = onJob(directory, () => signalled.resolve(undefined));
  const run = async () => {
    while (!ending.signal.aborted) {
      // Before the look: what begins during it makes for another one.
      signalled = Promise.withResolvers<undefined>();
      const wait = await look(store, logger);
      const waited = new AbortController();
      const signal = AbortSignal.any([ending.signal, waited.signal]);
      const time = delay(wait, undefined, { signal, ref: false }).catch(() => undefined);
      await Promise.race([time, signalled.promise]);
      waited.abort();
    }
  };
  const running = run();
  return {
    stop: async () => {
      unwatch();
      ending.abort();
      await running;
    },
  };
}

/** @returns milliseconds until the next job ends */
async function look(store: Store, logger: Logger | undefined): Promise<number> {
  try {
    const { over, nextEnd } = await unreported(store);
    for (const { kind, job } of over) await tell(store, kind, job, logger);
    return Math.min(Math.max(nextEnd - Date.now(), LEAST_MS), SLOW_LOOK_MS);
  } catch (error) {
    logger?.warn({ err: error }, 'the sandbox could not tell of ended jobs, and tries again');
    return RETRY_MS;
  }
}

interface Unreported {
  over: { kind: JobKind; job: StoredResource }[];
  /** When the first of those that run ends, in milliseconds since 1970. */
  nextEnd: number;
}

/** Jobs that have ended or will end, and have not been reported. */
async function unreported(store: Store): Promise<Unreported> {
  const found: Unreported = { over: [], nextEnd: Infinity };
  for (const accountId of await folders(store.directory, /^\d{12}$/)) {
    for (const region of await folders(join(store.directory, accountId), /-\d+$/)) {
      for (const kind of JOB_KINDS) {
        const jobs = await store.list(placeOf(kind, scopeOf(accountId, region)));
        for (const job of jobs.filter(({ outputs }) => !outputs['told'])) {
          if (statusOfJob(job) === 'InProgress') found.nextEnd = Math.min(found.nextEnd, Number(job.outputs['endsAt']));
          else found.over.push({ kind, job });
        }
      }
    }
  }
  return found;
}

async function folders(directory: string, names: RegExp): Promise<string[]> {
  return (await entries(directory)).filter((name) => names.test(name)).sort();
}

async function tell(store: Store, kind: JobKind, job: StoredResource, logger: Logger | undefined): Promise<void> {
  const event = eventOf(kind, job);
  for (const notification of await messages(store, job, event)) {
    await tellTopic(store.directory, notification);
    logger?.info({ topicArn: notification.topicArn, rule: notification.rule }, notification.message);
  }
  await store.write({ ...job, outputs: { ...job.outputs, told: statusOfJob(job) } });
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html */
function eventOf(kind: JobKind, job: StoredResource): Properties {
  const jobArn = text(job.outputs, 'arn');
  return {
    version: '0',
    id: createHash('sha256')
      .update(`${jobArn} ${statusOfJob(job)}`)
      .digest('hex')
      .slice(0, 32),
    'detail-type': kind.detailType,
    source: 'aws.sagemaker',
    account: job.accountId,
    time: new Date(Number(job.outputs['endsAt'])).toISOString(),
    region: job.region,
    resources: [jobArn],
    detail: {
      [kind.name]: job.id,
      [kind.arn]: jobArn,
      [kind.status]: statusOfJob(job),
      ...(job.failureReason ? { FailureReason: job.failureReason } : {}),
    },
  };
}

async function messages(store: Store, job: StoredResource, event: Properties): Promise<Notification[]> {
  const scope = scopeOf(job.accountId, job.region);
  const published: Notification[] = [];
  for (const rule of await store.list(placeOf(RULE, scope))) {
    const pattern = text(rule.inputs, 'eventPattern');
    if (pattern === '' || !matches(JSON.parse(pattern) as Properties, event)) continue;
    for (const target of await store.list(placeOf(TARGET, scope), `${rule.key}/`)) {
      const topicArn = text(target.inputs, 'arn');
      if (!topicArn.split(':').includes('sns')) continue;
      published.push({
        id: `${text(event, 'id')}/${target.id}`,
        time: new Date().toISOString(),
        topicArn,
        rule: rule.id,
        message: messageOf(target, event),
      });
    }
  }
  return published;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
function messageOf(target: StoredResource, event: Properties): string {
  const transformer = object(target.inputs, 'inputTransformer');
  const template = text(transformer, 'inputTemplate');
  if (template === '') return JSON.stringify(event);
  const paths = object(transformer, 'inputPaths');
  const filled = template.replace(/<([\w-]+)>/g, (_all, name: string) => {
    const value = at(event, text(paths, name).replace(/^\$\./, ''));
    return typeof value === 'string' ? value : JSON.stringify(value ?? null);
  });
  return filled.startsWith('"') ? (JSON.parse(filled) as string) : filled;
}
