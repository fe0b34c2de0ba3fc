/** Checks of who sent a webhook. All comparisons take the same time whatever was sent. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Older and younger messages are refused. @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const TOLERANCE_SECONDS = 300;

/**
 * `sha256=<hex>` over the raw body, as GitHub and Bitbucket send it.
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function isHubSignature(secret: string, body: Uint8Array, header: string | undefined): boolean {
  return isEqual(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`, header);
}

/** A secret that is sent as it is, as GitLab's `X-Gitlab-Token`. */
export function isToken(secret: string, header: string | undefined): boolean {
  return isEqual(secret, header);
}

/**
 * A message signed by the Standard Webhooks rules, as GitLab does it with a signing token: id, time and body are signed
 * together, and the header may hold several signatures while keys are changed.
 * @param key `whsec_` and base64
 * @param now seconds since 1970
 */
export function isStandardWebhook(
  key: string,
  body: Uint8Array,
  header: (name: string) => string | undefined,
  now = Date.now() / 1_000,
): boolean {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header);
  if (!id || !time || !signatures || !/^\d{1,12}$/.test(time)) return false;
  const hmac = createHmac('sha256', Buffer.from(key.replace(/^whsec_/, ''), 'base64'));
  const expected = `v1,${hmac.update(`${id}.${time}.`).update(body).digest('base64')}`;
  // Not `some`: it would stop at the first that fits.
  const fits = signatures.split(' ').filter((signature) => isEqual(expected, signature)).length > 0;
  return fits && Math.abs(now - Number(time)) <= TOLERANCE_SECONDS;
}

/** Digests are of equal length, whatever was sent: neither its length nor its beginning shows in the time. */
function isEqual(expected: string, given: string | undefined): boolean {
  const sameText = timingSafeEqual(sha256(expected), sha256(given ?? ''));
  return given !== undefined && sameText;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
