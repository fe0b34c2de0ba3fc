/** Receives webhooks: configured? → authentic? → relevant? → stored. The response is sent before anything else is done. */
import { RequestInvalid } from '../../../blueprints/faults.ts';
import type { Database } from '../../platform/database.ts';
import { inTransaction } from '../../platform/database.ts';
import { OrchestratorError } from '../../errors.ts';
import type { AllowedRepository } from '../../config/source-settings.ts';
import type { Deliveries } from '../deliveries.ts';
import { CONFIG_FILE, branchTarget } from '../source.ts';
import type { Headers, Message, Push, WebhookFormat } from './webhook-format.ts';
import { listed } from './webhook-format.ts';

export const WEBHOOK_PROVIDERS = ['github', 'gitlab', 'bitbucket'] as const;
export type WebhookProvider = (typeof WEBHOOK_PROVIDERS)[number];

/** Changes of one push that are provisioned; the providers themselves send no more than a few in one webhook. */
const MAX_CHANGES = 100;

export interface WebhookAnswer {
  /** `accepted`: kept, and worked on from now. `duplicate`: was accepted before. */
  status: 'accepted' | 'duplicate' | 'ignored' | 'pong';
  /** What is worked on, such as `github:owner/repo@main`. */
  targets?: string[];
  /** Why something was ignored. */
  reason?: string;
}

/** What the HTTP API needs of it. */
export interface WebhookReceiver {
  /**
   * @param body the very bytes that were sent
   * @param admit called once it is known who sent it; what it throws refuses the webhook
   * @throws OrchestratorError `WEBHOOK_NOT_SET_UP`, `SIGNATURE_INVALID`; RequestInvalid
   */
  receive(
    provider: WebhookProvider,
    headers: Headers,
    body: Uint8Array,
    admit?: () => Promise<void>,
  ): Promise<WebhookAnswer>;
}

export interface WebhooksDependencies {
  formats: Readonly<Record<WebhookProvider, WebhookFormat>>;
  repositories: readonly AllowedRepository[];
  database: Database;
  deliveries: Deliveries;
  /** Called when there is something to do. */
  wake: () => void;
}

export class Webhooks implements WebhookReceiver {
  readonly #parts: WebhooksDependencies;

  constructor(parts: WebhooksDependencies) {
    this.#parts = parts;
  }

  async receive(
    provider: WebhookProvider,
    headers: Headers,
    body: Uint8Array,
    admit: () => Promise<void> = () => Promise.resolve(),
  ): Promise<WebhookAnswer> {
    const format = this.#parts.formats[provider];
    if (!format.isSetUp) {
      throw new OrchestratorError(
        'WEBHOOK_NOT_SET_UP',
        `${provider} webhooks are not configured in this installation: ${format.settings.join(' or ')} is missing.`,
      );
    }
    if (!format.isAuthentic(headers, body)) {
      throw new OrchestratorError(
        'SIGNATURE_INVALID',
        `The signature does not match the body. Check that the secret of the webhook equals ${format.settings.join(' or ')} here, and that the body is passed on unchanged.`,
      );
    }
    await admit();
    const message = format.read(headers, parse(body), body);
    return message.kind === 'push' ? await this.#accept(provider, message) : notPush(message);
  }

  async #accept(provider: WebhookProvider, message: Extract<Message, { kind: 'push' }>): Promise<WebhookAnswer> {
    const { database, deliveries, wake } = this.#parts;
    const allowed = this.#allowedOf(provider, message.pushes);
    if (allowed.length === 0) {
      const names = message.pushes.map(({ repository, branch }) => branchTarget(provider, repository, branch));
      return {
        status: 'ignored',
        reason: listed([...message.ignored, `not in CONFIG_REPOSITORIES: ${listed(names, ', ')}`]),
      };
    }
    if (allowed.length > MAX_CHANGES) {
      throw refused(
        'range',
        `The push changes allowed branches ${allowed.length} times; at most ${MAX_CHANGES} changes are accepted. Push them in parts.`,
      );
    }
    const targets: string[] = [];
    await inTransaction(database, async (transaction) => {
      for (const { repository, branch, commit, people } of allowed) {
        const target = branchTarget(provider, repository, branch);
        const place = { repository, branch, path: CONFIG_FILE };
        const deliveryId = allowed.length === 1 ? message.deliveryId : `${message.deliveryId} ${branch} ${commit}`;
        const isNew = await deliveries.accept(
          { source: provider, deliveryId, target, revision: commit, place, ...(people ? { people } : {}) },
          transaction,
        );
        if (isNew) targets.push(target);
      }
    });
    if (targets.length === 0) return { status: 'duplicate' };
    wake();
    return { status: 'accepted', targets };
  }

  /** Each commit of each branch once, however often the push names it. */
  #allowedOf(
    provider: WebhookProvider,
    pushes: readonly Push[],
  ): (AllowedRepository & Pick<Push, 'commit' | 'people'>)[] {
    const allowed = new Map<string, AllowedRepository & Pick<Push, 'commit' | 'people'>>();
    for (const push of pushes) {
      const repository = this.#allowed(provider, push);
      if (repository)
        allowed.set(`${push.branch} ${push.commit}`, {
          ...repository,
          commit: push.commit,
          ...(push.people ? { people: push.people } : {}),
        });
    }
    return [...allowed.values()];
  }

  #allowed(provider: WebhookProvider, { repository, branch }: Push): AllowedRepository | undefined {
    return this.#parts.repositories.find(
      (one) =>
        one.source === provider && one.branch === branch && one.repository.toLowerCase() === repository.toLowerCase(),
    );
  }
}

function notPush(message: Exclude<Message, { kind: 'push' }>): WebhookAnswer {
  return message.kind === 'ping' ? { status: 'pong' } : { status: 'ignored', reason: message.reason };
}

function parse(body: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw refused('json', `The body is not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refused('type', 'The body must be a JSON object.');
}

function refused(rule: string, message: string): RequestInvalid {
  return new RequestInvalid(message, [{ pointer: '', message, rule }]);
}
