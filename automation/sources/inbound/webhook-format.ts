/** The formats of all providers' webhooks: how the sender is verified, and what the body contains. */
import { RequestInvalid } from '../../../blueprints/faults.ts';
import { storableText } from '../../platform/storable.ts';
import type { People } from '../source.ts';
import { isCommit } from '../source.ts';

/** A header's value by its name in any case; undefined where it was not sent. */
export type Headers = (name: string) => string | undefined;

/** A branch that has a new newest commit. */
export interface Push {
  /** As the provider spells it; letter case makes no difference. */
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  /** Who pushed it, and who wrote it: names, logins and e-mail addresses. */
  readonly people?: People;
}

/** What a webhook says, once it is known who sent it. */
export type Message =
  | { readonly kind: 'ping' }
  | { readonly kind: 'ignored'; readonly reason: string }
  | {
      readonly kind: 'push';
      readonly deliveryId: string;
      readonly pushes: readonly Push[];
      readonly ignored: readonly string[];
    };

/** One provider's webhooks. */
export interface WebhookFormat {
  /** Variables that set it up, for the answer where none is. */
  readonly settings: readonly string[];
  readonly isSetUp: boolean;
  /** Checks the raw bytes of the body. */
  isAuthentic(headers: Headers, body: Uint8Array): boolean;
  /** @throws RequestInvalid where the body is not what the provider documents */
  read(headers: Headers, payload: Record<string, unknown>, body: Uint8Array): Message;
}

export const PULL_REQUEST: Message = {
  kind: 'ignored',
  reason: 'pull requests are never provisioned, from a fork or not: only what is pushed to an allowed branch is',
};

/** A person's names, as far as they are texts; bounded, for the sender decides on them. */
export function namesIn(...values: unknown[]): string[] {
  const names = values.filter((value): value is string => typeof value === 'string' && value.trim() !== '');
  return [...new Set(names.map((name) => storableText(name.trim().slice(0, 200))))];
}

/** Adds to a push who is behind it. */
export function withPeople(push: Push | string, pushedBy: string[], author: string[]): Push | string {
  return typeof push === 'string' ? push : { ...push, people: { pushedBy, author } };
}

/**
 * @param ref such as `refs/heads/main`
 * @param commit all zeros, or empty, where the branch was deleted
 * @returns the push, or why it is ignored
 */
export function pushOf(repository: unknown, ref: unknown, commit: unknown): Push | string {
  if (typeof repository !== 'string' || typeof ref !== 'string') throw unexpected('repository and ref');
  if (!ref.startsWith('refs/heads/')) return `${ref.slice(0, 100)} is not a branch`;
  const branch = ref.slice('refs/heads/'.length);
  if (!commit || (typeof commit === 'string' && /^0+$/.test(commit))) return `branch ${branch} was deleted`;
  if (!isCommit(commit)) throw unexpected('a full commit id');
  return { repository, branch, commit };
}

/** @returns the message of one push */
export function onePush(deliveryId: string, push: Push | string): Message {
  return typeof push === 'string'
    ? { kind: 'ignored', reason: push }
    : { kind: 'push', deliveryId, pushes: [push], ignored: [] };
}

export function unexpected(what: string): RequestInvalid {
  const message = `The body is not a valid webhook: it lacks ${what}.`;
  return new RequestInvalid(message, [{ pointer: '', message, rule: 'type' }]);
}

/** A part of the payload that is an object, or an empty one. */
export function objectAt(value: unknown, key: string): Record<string, unknown> {
  const found = (value as Record<string, unknown> | undefined)?.[key];
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
}

/** Of a list in an answer. */
const SHOWN = 10;
const SHOWN_LENGTH = 2_500;

/** The first few of a list whose length the sender decides on. */
export function listed(texts: readonly string[], separator = '; '): string {
  const more = texts.length - SHOWN;
  return [...texts.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].map(shortened).join(separator);
}

function shortened(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}
