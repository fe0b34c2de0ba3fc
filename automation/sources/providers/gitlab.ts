/** GitLab (gitlab.com or one's own): its webhooks, and its REST API for files and commit statuses. */
import { createHash } from 'node:crypto';
import type { SourceSettings } from '../../config/source-settings.ts';
import { ApiClient, encoded } from './http-client.ts';
import { isStandardWebhook, isToken } from '../inbound/signatures.ts';
import type { CommitStatus, ConfigSource, Place } from '../source.ts';
import { CONFIG_FILE_BYTES, SourceUnavailable, STATUS_CONTEXT, branchNotFound, isCommit } from '../source.ts';
import type { WebhookFormat } from '../inbound/webhook-format.ts';
import { PULL_REQUEST, namesIn, objectAt, onePush, pushOf, withPeople } from '../inbound/webhook-format.ts';

type Settings = SourceSettings['gitlab'];

const STATES = { pending: 'pending', success: 'success', failure: 'failed' } as const;

/**
 * Signed where a signing token is set; the plain token proves only that the sender knows it.
 * @see https://docs.gitlab.com/user/project/integrations/webhooks/
 */
export function gitlabWebhooks({
  webhookSecret,
  signingToken,
}: Pick<Settings, 'webhookSecret' | 'signingToken'>): WebhookFormat {
  return {
    settings: ['GITLAB_SIGNING_TOKEN', 'GITLAB_WEBHOOK_SECRET'],
    isSetUp: signingToken !== '' || webhookSecret !== '',
    isAuthentic: (headers, body) =>
      signingToken ? isStandardWebhook(signingToken, body, headers) : isToken(webhookSecret, headers('x-gitlab-token')),
    read(headers, payload, body) {
      const kind = String(payload.object_kind ?? '');
      if (kind === 'merge_request') return PULL_REQUEST;
      if (kind !== 'push')
        return { kind: 'ignored', reason: `event ${kind.slice(0, 50) || 'without object_kind'} is not a push` };
      // The first is signed, and all three stay the same when GitLab sends again.
      const id = headers('webhook-id') ?? headers('idempotency-key') ?? headers('x-gitlab-event-uuid');
      const push = pushOf(objectAt(payload, 'project').path_with_namespace, payload.ref, payload.after);
      const commits: unknown[] = Array.isArray(payload.commits) ? payload.commits : [];
      const newest = commits.find((commit) => objectAt({ commit }, 'commit').id === payload.after);
      const author = objectAt(newest, 'author');
      const pushedBy = namesIn(payload.user_username, payload.user_name, payload.user_email);
      return onePush(
        id ?? createHash('sha256').update(body).digest('hex'),
        withPeople(push, pushedBy, namesIn(author.name, author.email)),
      );
    },
  };
}

/** @see https://docs.gitlab.com/api/rest/ */
export function gitlabSource(
  { token, apiUrl }: Pick<Settings, 'token' | 'apiUrl'>,
  stopped: AbortSignal,
): ConfigSource {
  const api = new ApiClient(apiUrl, token ? { 'PRIVATE-TOKEN': token } : {}, stopped);
  return {
    async isNewest({ repository, branch }, revision) {
      const path = `/projects/${encoded(repository)}/repository/branches/${encoded(branch)}`;
      const answer = await api.json(path);
      if (!answer) throw branchNotFound(`${repository}@${branch}`);
      const { id } = objectAt(answer, 'commit');
      if (!isCommit(id)) throw new SourceUnavailable(`GET ${apiUrl}${path} did not return a commit`);
      return id === revision;
    },
    async read({ repository, path }, revision) {
      return await api.call(`/projects/${encoded(repository)}/repository/files/${encoded(path)}/raw?ref=${revision}`, {
        limitBytes: CONFIG_FILE_BYTES,
      });
    },
    ...(token ? { report: (place, revision, status) => report(api, place, revision, status) } : {}),
    caller: ({ repository }) => `webhook:gitlab:${repository}`,
  };
}

async function report(api: ApiClient, place: Place, revision: string, status: CommitStatus): Promise<void> {
  const { state, description, url } = status;
  await api.call(`/projects/${encoded(place.repository)}/statuses/${revision}`, {
    method: 'POST',
    body: {
      state: STATES[state],
      name: STATUS_CONTEXT,
      ref: place.branch,
      description,
      ...(url ? { target_url: url } : {}),
    },
  });
}
