/** Groups from the access token: Amazon Cognito puts them there, and not among the claims of its user info endpoint. */
import type { JWTPayload } from 'jose';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import type { SignIn } from '../../automation/config/sign-in-settings.ts';

const DISCOVERY_TIMEOUT_MS = 5_000;

/** Verifies access tokens with the keys that the issuer publishes. */
export class AccessTokens {
  readonly #signIn: SignIn;
  readonly #fetch: typeof fetch;
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined;

  constructor(signIn: SignIn, fetchKeys: typeof fetch) {
    this.#signIn = signIn;
    this.#fetch = fetchKeys;
  }

  /**
   * @param subject whose token it must be
   * @returns the claims of the token
   * @throws Error if it is not a token of the issuer, for our client and the subject, that is still valid
   */
  async verify(token: string, subject: string): Promise<JWTPayload> {
    const { issuer, clientId } = this.#signIn;
    this.#keys ??= await this.#discover();
    const { payload } = await jwtVerify(token, this.#keys, { issuer, subject, requiredClaims: ['exp'] });
    const audience = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? []);
    // Cognito names the client in client_id, others in azp or in the audience.
    if (![payload.client_id, payload.azp, ...audience].includes(clientId)) {
      throw new Error('the access token was issued to another client');
    }
    return payload;
  }

  /** @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
  async #discover(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    const { issuer } = this.#signIn;
    const answer = await this.#fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS),
    });
    if (!answer.ok) throw new Error(`${issuer} answers ${answer.status} for its OpenID configuration`);
    const found = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (found.issuer !== issuer) throw new Error(`the OpenID configuration at ${issuer} is that of another issuer`);
    const url = URL.parse(String(found.jwks_uri));
    if (url?.protocol !== 'https:') throw new Error(`the OpenID configuration at ${issuer} names no keys over HTTPS`);
    return createRemoteJWKSet(url, { [customFetch]: this.#fetch });
  }
}
