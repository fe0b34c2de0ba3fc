/** The public keys by which load balancers sign who has signed in, as AWS publishes them. */
import { Semaphore } from 'es-toolkit/promise/semaphore';
import { importSPKI } from 'jose';

/** As `jose` imports it for ES256. */
type VerifyingKey = Awaited<ReturnType<typeof importSPKI>>;

/** Ids are UUIDs: anything else never becomes part of a URL. */
const KEY_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A load balancer changes its key now and then. More than these are not asked for in good faith. */
const MOST_KEYS = 50;
const AT_ONCE = 4;
const FETCH_TIMEOUT_MS = 5_000;

/**
 * Where the keys of a region's load balancers are.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html#user-claims-encoding
 */
function keyUrl(region: string, keyId: string): string {
  return region.startsWith('us-gov-')
    ? `https://s3-${region}.amazonaws.com/aws-elb-public-keys-prod-${region}/${keyId}`
    : `https://public-keys.auth.elb.${region}.amazonaws.com/${keyId}`;
}

/** Keys by their id, each fetched once; one that could not be had is asked for again by the next request. */
export class LoadBalancerKeys {
  readonly #keys = new Map<string, Promise<VerifyingKey>>();
  readonly #places = new Semaphore(AT_ONCE);
  readonly #region: string;
  readonly #fetch: typeof fetch;

  constructor(region: string, fetchKey: typeof fetch) {
    this.#region = region;
    this.#fetch = fetchKey;
  }

  /** @throws Error if there is no such key, or AWS does not answer */
  async find(keyId: string): Promise<VerifyingKey> {
    if (!KEY_ID.test(keyId)) throw new Error('the token names no key');
    const known = this.#keys.get(keyId);
    if (known) return known;
    if (this.#keys.size >= MOST_KEYS) this.#keys.clear();
    const fetched = this.#request(keyId);
    this.#keys.set(keyId, fetched);
    try {
      return await fetched;
    } catch (error) {
      this.#keys.delete(keyId);
      throw error;
    }
  }

  async #request(keyId: string): Promise<VerifyingKey> {
    await this.#places.acquire();
    try {
      const answer = await this.#fetch(keyUrl(this.#region, keyId), {
        redirect: 'error',
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      });
      if (!answer.ok) throw new Error(`AWS answers ${answer.status} for the key of the load balancer`);
      return await importSPKI(await answer.text(), 'ES256');
    } finally {
      this.#places.release();
    }
  }
}
