/** Bitbucket Cloud: its webhooks, and its REST API for files and build statuses. */
import { createHash } from 'node:crypto';
import type { ProviderSettings } from '../../config/source-settings.ts';
import { ApiClient, encoded } from './http-client.ts';
import { isHubSignature } from '../inbound/signatures.ts';
import type { CommitStatus, ConfigSource, Place } from '../source.ts';
import { CONFIG_FILE_BYTES, SourceUnavailable, STATUS_CONTEXT, branchNotFound, isCommit } from '../source.ts';
import type { Push, WebhookFormat } from '../inbound/webhook-format.ts';
import { PULL_REQUEST, listed, namesIn, objectAt, pushOf, unexpected, withPeople } from '../inbound/webhook-format.ts';

const STATES = { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED' } as const;

/** @see https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ */
export function bitbucketWebhooks({ webhookSecret }: Pick<ProviderSettings, 'webhookSecret'>): WebhookFormat {
  return {
    settings: ['BITBUCKET_WEBHOOK_SECRET'],
    isSetUp: webhookSecret !== '',
    isAuthentic: (headers, body) => isHubSignature(webhookSecret, body, headers('x-hub-signature')),
    read(headers, payload, body) {
      const event = headers('x-event-key') ?? '';
      if (event === 'diagnostics:ping') return { kind: 'ping' };
      if (event.startsWith('pullrequest:')) return PULL_REQUEST;
      if (event !== 'repo:push') return { kind: 'ignored', reason: `event ${event.slice(0, 50)} is not a push` };
      const read = changesOf(payload);
      const pushes = read.filter((one) => typeof one !== 'string');
      const ignored = read.filter((one) => typeof one === 'string');
      if (pushes.length === 0) return { kind: 'ignored', reason: listed(ignored) || 'nothing was pushed' };
      // Not signed; a replay under another id meets the rule that only the newest commit counts.
      const deliveryId = headers('x-request-uuid') ?? createHash('sha256').update(body).digest('hex');
      return { kind: 'push', deliveryId, pushes, ignored };
    },
  };
}

/** One push may move several branches. */
function changesOf(payload: Record<string, unknown>): (Push | string)[] {
  const { changes } = objectAt(payload, 'push');
  if (!Array.isArray(changes)) throw unexpected('push.changes');
  const { full_name: repository } = objectAt(payload, 'repository');
  const actor = objectAt(payload, 'actor');
  const pushedBy = namesIn(actor.nickname, actor.display_name, actor.account_id);
  return changes.map((change: unknown) => {
    const before = objectAt(change, 'old');
    const after = objectAt(change, 'new');
    const { name, type } = Object.keys(after).length > 0 ? after : before;
    const ref = type === 'branch' ? `refs/heads/${String(name)}` : `${String(type)} ${String(name)}`;
    const target = objectAt(after, 'target');
    const author = objectAt(objectAt(target, 'author'), 'user');
    const written = namesIn(author.nickname, author.display_name, objectAt(target, 'author').raw);
    return withPeople(pushOf(repository, ref, target.hash), pushedBy, written);
  });
}

/** @see https://developer.atlassian.com/cloud/bitbucket/rest/ */
export function bitbucketSource(
  { token, apiUrl }: Omit<ProviderSettings, 'webhookSecret'>,
  stopped: AbortSignal,
): ConfigSource {
  const api = new ApiClient(apiUrl, token ? { Authorization: `Bearer ${token}` } : {}, stopped);
  return {
    async isNewest({ repository, branch }, revision) {
      const path = `/repositories/${repository}/refs/branches/${encoded(branch)}`;
      const answer = await api.json(path);
      if (!answer) throw branchNotFound(`${repository}@${branch}`);
      const { hash } = objectAt(answer, 'target');
      if (!isCommit(hash)) throw new SourceUnavailable(`GET ${apiUrl}${path} did not return a commit`);
      return hash === revision;
    },
    async read({ repository, path }, revision) {
      return await api.call(`/repositories/${repository}/src/${revision}/${path}`, { limitBytes: CONFIG_FILE_BYTES });
    },
    ...(token ? { report: (place, revision, status) => report(api, place, revision, status) } : {}),
    caller: ({ repository }) => `webhook:bitbucket:${repository}`,
  };
}

async function report(api: ApiClient, { repository }: Place, revision: string, status: CommitStatus): Promise<void> {
  const { state, description, url } = status;
  await api.call(`/repositories/${repository}/commit/${revision}/statuses/build`, {
    method: 'POST',
    body: {
      key: STATUS_CONTEXT,
      state: STATES[state],
      name: 'MLOps provisioning',
      description,
      // Required here: without a public address of our own, the commit itself.
      url: url ?? `https://bitbucket.org/${repository}/commits/${revision}`,
    },
  });
}
