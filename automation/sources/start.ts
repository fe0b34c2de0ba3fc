/** Composition of configuration as data: what receives, what works, and where files are read from. */
import { CodeCommitClient } from '@aws-sdk/client-codecommit';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { environment } from '../config/process-environment.ts';
import type { Database } from '../platform/database.ts';
import type { DueAnnouncements } from '../platform/due-work.ts';
import type { Worker } from '../platform/workers.ts';
import { bitbucketSource, bitbucketWebhooks } from './providers/bitbucket.ts';
import { REPOSITORY_STATE_CHANGE, codecommitSource, onRepositoryStateChange } from './providers/codecommit.ts';
import { Deliveries } from './deliveries.ts';
import { githubSource, githubWebhooks } from './providers/github.ts';
import { GitCommand } from './providers/git-command.ts';
import { GitPoller } from './inbound/git-poller.ts';
import { gitSource } from './providers/git.ts';
import { gitlabSource, gitlabWebhooks } from './providers/gitlab.ts';
import type { Notify } from './outcome.ts';
import type { Provisioner, RetryPolicy } from './processor.ts';
import { Processor, RETRY } from './processor.ts';
import { OBJECT_CREATED } from './inbound/queue-event.ts';
import type { EventHandlers } from './inbound/queue.ts';
import { EventQueue } from './inbound/queue.ts';
import { onObjectCreated, s3Source } from './providers/s3.ts';
import type { WebhookReceiver } from './inbound/webhook-receiver.ts';
import { Webhooks } from './inbound/webhook-receiver.ts';

export interface SourcesDependencies {
  config: Pick<Config, 'sources' | 'http'>;
  /** Of the queue, the buckets and CodeCommit. */
  region: string;
  database: Database;
  due: Pick<DueAnnouncements, 'on'>;
  /** Registered already: claims are in its name. */
  worker: Worker;
  provisioner: Provisioner;
  notify: Notify;
  /** What else comes through the queue, by its `detail-type`. */
  eventHandlers?: EventHandlers;
  logger: Logger;
  /** Default {@link RETRY}. */
  retry?: RetryPolicy;
  clients?: SourceClients | undefined;
}

/** Of the buckets and the queue, where they are not those of AWS. */
export interface SourceClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

export interface Sources {
  readonly webhooks: WebhookReceiver;
  /** Resumes unfinished deliveries and processes new ones until it is stopped. Without it they are only stored. */
  work(): void;
  stop(): Promise<void>;
}

export function startSources(parts: SourcesDependencies): Sources {
  const { config, region, database, worker, provisioner, notify, retry = RETRY } = parts;
  const clients = parts.clients ?? {
    s3: new S3Client({ region, followRegionRedirects: true }),
    sqs: new SQSClient({ region }),
  };
  const { sources: settings } = config;
  const logger = parts.logger.child({ component: 'sources' });
  const stopped = new AbortController();
  const deliveries = new Deliveries(database, worker);
  const git = new GitCommand(settings.git, environment(), stopped.signal);
  const processor = new Processor({
    deliveries,
    sources: {
      github: githubSource(settings.github, stopped.signal),
      gitlab: gitlabSource(settings.gitlab, stopped.signal),
      bitbucket: bitbucketSource(settings.bitbucket, stopped.signal),
      git: gitSource(git),
      codecommit: codecommitSource(new CodeCommitClient({ region }), stopped.signal),
      s3: s3Source(clients.s3, stopped.signal),
    },
    provisioner,
    notify,
    partialLists: settings.partialLists,
    publicUrl: config.http.publicUrl,
    retry,
    logger,
  });
  const wake = () => processor.wake();
  const { repositories } = settings;
  const { pollSeconds } = settings.git;
  const poller = new GitPoller({ git, repositories, pollSeconds, database, deliveries, notify, wake, logger });
  const queue = settings.queueUrl
    ? new EventQueue({
        sqs: clients.sqs,
        queueUrl: settings.queueUrl,
        handlers: {
          ...parts.eventHandlers,
          [OBJECT_CREATED]: onObjectCreated({ deliveries, buckets: settings.buckets, wake, logger }),
          [REPOSITORY_STATE_CHANGE]: onRepositoryStateChange({ deliveries, repositories, wake }),
        },
        logger,
      })
    : undefined;
  return {
    webhooks: new Webhooks({
      formats: {
        github: githubWebhooks(settings.github),
        gitlab: gitlabWebhooks(settings.gitlab),
        bitbucket: bitbucketWebhooks(settings.bitbucket),
      },
      repositories,
      database,
      deliveries,
      wake,
    }),
    work: () => {
      parts.due.on('deliveries', wake);
      processor.start();
      poller.start();
      queue?.start();
    },
    stop: async () => {
      stopped.abort();
      await Promise.all([queue?.stop(), poller.stop(), processor.stop()]);
    },
  };
}
