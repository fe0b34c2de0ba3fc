/** Composition of configuration as data: what receives, what works, and where files are read from. */
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database.ts';
import type { Worker } from '../workers.ts';
import { bitbucketSource, bitbucketWebhooks } from './bitbucket.ts';
import { Deliveries } from './deliveries.ts';
import { githubSource, githubWebhooks } from './github.ts';
import { gitlabSource, gitlabWebhooks } from './gitlab.ts';
import type { Notify } from './outcome.ts';
import type { Provisioner, RetryPolicy } from './processor.ts';
import { Processor, RETRY } from './processor.ts';
import type { WebhookReceiver } from './webhooks.ts';
import { Webhooks } from './webhooks.ts';

export interface SourcesDependencies {
  config: Pick<Config, 'sources' | 'http'>;
  database: Database;
  /** Registered already: claims are in its name. */
  worker: Worker;
  provisioner: Provisioner;
  notify: Notify;
  logger: Logger;
  /** Default {@link RETRY}. */
  retry?: RetryPolicy;
}

export interface Sources {
  readonly webhooks: WebhookReceiver;
  /** Takes up what was left undone, and works until it is stopped. Without it deliveries are only kept. */
  work(): void;
  stop(): Promise<void>;
}

export function startSources(parts: SourcesDependencies): Sources {
  const { config, database, worker, provisioner, notify, retry = RETRY } = parts;
  const { sources: settings } = config;
  const logger = parts.logger.child({ component: 'sources' });
  const stopped = new AbortController();
  const deliveries = new Deliveries(database, worker);
  const processor = new Processor({
    deliveries,
    sources: {
      github: githubSource(settings.github, stopped.signal),
      gitlab: gitlabSource(settings.gitlab, stopped.signal),
      bitbucket: bitbucketSource(settings.bitbucket, stopped.signal),
    },
    provisioner,
    notify,
    partialLists: settings.partialLists,
    publicUrl: config.http.publicUrl,
    retry,
    logger,
  });
  const wake = () => processor.wake();
  return {
    webhooks: new Webhooks({
      formats: {
        github: githubWebhooks(settings.github),
        gitlab: gitlabWebhooks(settings.gitlab),
        bitbucket: bitbucketWebhooks(settings.bitbucket),
      },
      repositories: settings.repositories,
      database,
      deliveries,
      wake,
    }),
    work: () => {
      processor.start();
    },
    stop: async () => {
      stopped.abort();
      await processor.stop();
    },
  };
}
