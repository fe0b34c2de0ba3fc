/** What AWS documents of conditions on its own services: what a policy must not ask of a service that does not send it. */
import type { FoundPolicy } from '../environments/policy-walk.ts';

/**
 * EventBridge sends no source when it publishes to a topic, uses a topic's key, or assumes the role of a target. For queues
 * the condition is documented, so theirs are left out.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function sourceConditionsOnEvents(policies: readonly FoundPolicy[]): string[] {
  return policies
    .filter(({ type }) => !type.includes('aws:sqs/'))
    .flatMap(({ where, statements }) =>
      statements
        .filter(({ Effect, Principal }) => Effect === 'Allow' && servicesOf(Principal).includes('events.amazonaws.com'))
        .flatMap(({ Condition = {} }) => Object.values(Condition).flatMap((keys) => Object.keys(keys)))
        .filter((key) => /^aws:Source/i.test(key))
        .map((key) => `${where}: ${key}`),
    );
}

function servicesOf(principal: unknown): string[] {
  if (typeof principal !== 'object' || principal === null) return [];
  return [(principal as { Service?: string | string[] }).Service ?? []].flat();
}
