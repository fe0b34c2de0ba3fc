/** GitHub: its webhooks, and its REST API for files and commit statuses. GitHub Enterprise has the same under another URL. */
import { createHash } from 'node:crypto';
import type { ProviderSettings } from '../../config/source-settings.ts';
import { ApiClient, encoded } from './http-client.ts';
import { isHubSignature } from '../inbound/signatures.ts';
import type { CommitStatus, ConfigSource, Place } from '../source.ts';
import { CONFIG_FILE_BYTES, SourceUnavailable, STATUS_CONTEXT, branchNotFound, isCommit } from '../source.ts';
import type { WebhookFormat } from '../inbound/webhook-format.ts';
import { PULL_REQUEST, namesIn, objectAt, onePush, pushOf, withPeople } from '../inbound/webhook-format.ts';

/** @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
export function githubWebhooks(settings: Pick<ProviderSettings, 'webhookSecret'>): WebhookFormat {
  return {
    settings: ['GITHUB_WEBHOOK_SECRET'],
    isSetUp: settings.webhookSecret !== '',
    isAuthentic: (headers, body) => isHubSignature(settings.webhookSecret, body, headers('x-hub-signature-256')),
    read(headers, payload, body) {
      const event = headers('x-github-event') ?? '';
      if (event === 'ping') return { kind: 'ping' };
      if (event.startsWith('pull_request')) return PULL_REQUEST;
      if (event !== 'push') return { kind: 'ignored', reason: `event ${event.slice(0, 50)} is not a push` };
      // X-GitHub-Delivery is not signed; the body is, and holds the time of the push, so that no two are the same.
      const id = createHash('sha256').update(body).digest('hex');
      const commit = payload.deleted === true ? '' : payload.after;
      const push = pushOf(objectAt(payload, 'repository').full_name, payload.ref, commit);
      const pusher = objectAt(payload, 'pusher');
      const author = objectAt(objectAt(payload, 'head_commit'), 'author');
      const pushedBy = namesIn(objectAt(payload, 'sender').login, pusher.name, pusher.email);
      return onePush(id, withPeople(push, pushedBy, namesIn(author.username, author.name, author.email)));
    },
  };
}

/** @see https://docs.github.com/en/rest */
export function githubSource(
  { token, apiUrl }: Omit<ProviderSettings, 'webhookSecret'>,
  stopped: AbortSignal,
): ConfigSource {
  const api = new ApiClient(apiUrl, token ? { Authorization: `Bearer ${token}` } : {}, stopped, {
    'X-GitHub-Api-Version': '2022-11-28',
  });
  return {
    async isNewest({ repository, branch }, revision) {
      const path = `/repos/${repository}/git/ref/heads/${branch.split('/').map(encoded).join('/')}`;
      const answer = await api.json(path);
      if (!answer) throw branchNotFound(`${repository}@${branch}`);
      const { sha } = objectAt(answer, 'object');
      if (!isCommit(sha)) throw new SourceUnavailable(`GET ${apiUrl}${path} did not return a commit`);
      return sha === revision;
    },
    async read({ repository, path }, revision) {
      return await api.call(`/repos/${repository}/contents/${path}?ref=${revision}`, {
        accept: 'application/vnd.github.raw+json',
        limitBytes: CONFIG_FILE_BYTES,
      });
    },
    ...(token ? { report: (place, revision, status) => report(api, place, revision, status) } : {}),
    caller: ({ repository }) => `webhook:github:${repository}`,
  };
}

async function report(api: ApiClient, { repository }: Place, revision: string, status: CommitStatus): Promise<void> {
  const { state, description, url } = status;
  await api.call(`/repos/${repository}/statuses/${revision}`, {
    method: 'POST',
    body: { state, description, context: STATUS_CONTEXT, ...(url ? { target_url: url } : {}) },
  });
}
