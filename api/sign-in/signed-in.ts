/**
 * Recognizes people who signed in with OpenID Connect at the load balancer in front of the web console. The load balancer
 * signs who they are; a header that anyone else has written does not pass.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
 */
import type { JWTPayload, JWTHeaderParameters } from 'jose';
import { jwtVerify } from 'jose';
import { SIGNED_IN } from '../../automation/config/caller-roles.ts';
import type { SignIn } from '../../automation/config/sign-in-settings.ts';
import { AccessTokens } from './access-token-groups.ts';
import { LoadBalancerKeys } from './load-balancer-keys.ts';

/** Claims of the person, signed by the load balancer. */
export const USER_CLAIMS = 'x-amzn-oidc-data';
/** The token that the identity provider issued to the load balancer. */
export const ACCESS_TOKEN = 'x-amzn-oidc-accesstoken';

export interface Person {
  /** `oidc:<name>`, with the name as the configured claim has it; e-mail addresses in lower case. */
  readonly principal: string;
  readonly groups: readonly string[];
}

/** Printable ASCII without spaces, so that it can be shown in lists and logs without escaping. */
const NAME = /^[\x21-\x7e]{1,500}$/;

export class SignedIn {
  readonly #signIn: SignIn;
  readonly #keys: LoadBalancerKeys;
  readonly #accessTokens: AccessTokens;

  /** @param fetchKeys fetches public keys */
  constructor(signIn: SignIn, fetchKeys: typeof fetch) {
    const [, , , region = ''] = signIn.loadBalancerArn.split(':');
    this.#signIn = signIn;
    this.#keys = new LoadBalancerKeys(region, fetchKeys);
    this.#accessTokens = new AccessTokens(signIn, fetchKeys);
  }

  /**
   * @param claims what the load balancer sent in {@link USER_CLAIMS}
   * @param accessToken what it sent in {@link ACCESS_TOKEN}
   * @throws Error saying why the person is not recognized; the message contains nothing of the tokens
   */
  async recognize(claims: string, accessToken: string): Promise<Person> {
    const { nameClaim, groupsClaim, groupsFrom } = this.#signIn;
    const payload = await this.#verifiedClaims(claims);
    const name = payload[nameClaim];
    if (typeof name !== 'string' || !NAME.test(name)) {
      throw new Error(
        `the sign-in has no usable claim "${nameClaim}": it must be 1 to 500 printable ASCII characters without spaces (SIGN_IN_NAME_CLAIM)`,
      );
    }
    if (nameClaim === 'email' && isFalse(payload.email_verified)) {
      throw new Error('the identity provider has not verified the e-mail address of this person');
    }
    const groups =
      groupsFrom === 'AccessToken'
        ? (await this.#accessTokens.verify(accessToken, String(payload.sub)))[groupsClaim]
        : payload[groupsClaim];
    return { principal: `${SIGNED_IN}${name.includes('@') ? name.toLowerCase() : name}`, groups: groupsIn(groups) };
  }

  async #verifiedClaims(token: string): Promise<JWTPayload> {
    const { issuer, clientId, loadBalancerArn } = this.#signIn;
    const { payload, protectedHeader } = await jwtVerify(token, ({ kid }) => this.#keys.find(kid ?? ''), {
      algorithms: ['ES256'],
      issuer,
      requiredClaims: ['exp', 'sub'],
    });
    const { signer, client } = protectedHeader as JWTHeaderParameters & { signer?: unknown; client?: unknown };
    // Keys are those of a whole region: any load balancer there, of any account, could have signed.
    if (signer !== loadBalancerArn) throw new Error('another load balancer has signed the sign-in');
    if (client !== clientId) throw new Error('the sign-in is for another client of the identity provider');
    return payload;
  }
}

/** Amazon Cognito writes booleans as text. */
function isFalse(claim: unknown): boolean {
  return claim === false || claim === 'false';
}

/** A list; Cognito's SAML mappings and some providers send one text instead. */
function groupsIn(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((group) => typeof group === 'string');
  return typeof claim === 'string' ? claim.split(',').map((group) => group.trim()) : [];
}
