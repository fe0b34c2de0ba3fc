import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import request from 'supertest';
import { loadConfig } from '../../automation/config/config.ts';
import type { SignIn } from '../../automation/config/sign-in-settings.ts';
import { REQUEST, testApi } from '../support/api.ts';

const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/mlops-sign-in/0123456789abcdef';
const ISSUER = 'https://idp.example.com/pool';
const SIGN_IN: SignIn = {
  url: 'https://mlops.example.com',
  loadBalancerArn: BALANCER,
  issuer: ISSUER,
  clientId: 'client-1',
  nameClaim: 'email',
  groupsClaim: 'groups',
  groupsFrom: 'UserInfo',
  groups: { viewer: ['Everyone'], provisioner: ['Data Scientists'], approver: ['Approvers'], admin: ['Admins'] },
};
const SECRET = 'a-secret-of-the-gateway';
const KEY_ID = randomUUID();
const KEY_URL = `https://public-keys.auth.elb.eu-west-1.amazonaws.com/${KEY_ID}`;
const balancerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strangersKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuerKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

/** Load balancers leave the padding where it is, and sign it. */
function signed(header: object, payload: object, key: KeyObject, algorithm: 'ES256' | 'RS256' = 'ES256'): string {
  const encode = (bytes: Buffer) => {
    const text = bytes.toString('base64url');
    return algorithm === 'RS256' ? text : text.padEnd(Math.ceil(text.length / 4) * 4, '=');
  };
  const input = [header, payload].map((part) => encode(Buffer.from(JSON.stringify(part)))).join('.');
  return `${input}.${encode(sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }))}`;
}

interface Given {
  header?: object;
  claims?: object;
  key?: KeyObject;
}

function claimsOf({ header, claims, key = balancerKey.privateKey }: Given = {}): string {
  const exp = inAnHour();
  return signed(
    { typ: 'JWT', alg: 'ES256', kid: KEY_ID, iss: ISSUER, client: 'client-1', signer: BALANCER, exp, ...header },
    { sub: 'u-1', email: 'Kim@example.com', groups: ['Data Scientists'], iss: ISSUER, exp, ...claims },
    key,
  );
}

/** Serves the keys as AWS and the identity provider do. */
function keyServer(): { fetchKeys: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  const pages: Record<string, string> = {
    [KEY_URL]: balancerKey.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    [`${ISSUER}/.well-known/openid-configuration`]: JSON.stringify({ issuer: ISSUER, jwks_uri: `${ISSUER}/keys` }),
    [`${ISSUER}/keys`]: JSON.stringify({ keys: [{ ...issuerKey.publicKey.export({ format: 'jwk' }), kid: 'i-1' }] }),
  };
  const fetchKeys = (async (url) => {
    asked.push(String(url));
    const page = pages[String(url)];
    return new Response(page ?? 'none', { status: page === undefined ? 403 : 200 });
  }) as typeof fetch;
  return { fetchKeys, asked };
}

function signInApi(signIn: Partial<SignIn> = {}) {
  const { fetchKeys, asked } = keyServer();
  const settings = { gatewaySecret: SECRET, signIn: { ...SIGN_IN, ...signIn } };
  return { ...testApi(settings, undefined, undefined, undefined, fetchKeys), asked };
}

const provision = (app: Parameters<typeof request>[0], headers: Record<string, string>) =>
  request(app).post('/provisionpipeline').set(headers).send(REQUEST);

describe('sign-in at the load balancer', () => {
  it('is the principal, by the claim that names people, with the padding of load balancers', async () => {
    const { app, orchestrator } = signInApi();
    await provision(app, { 'x-amzn-oidc-data': claimsOf() }).expect(200);
    assert.equal(orchestrator.calls[0]?.arguments[1], 'oidc:kim@example.com');
  });

  it('asks AWS for a key once', async () => {
    const { app, asked } = signInApi();
    for (let count = 0; count < 3; count += 1) {
      await request(app).get('/pipelines').set('x-amzn-oidc-data', claimsOf()).expect(200);
    }
    assert.deepEqual(asked, [KEY_URL]);
  });

  for (const [what, given] of [
    ['another key has signed', { key: strangersKey.privateKey }],
    ['another load balancer has signed', { header: { signer: `${BALANCER}0` } }],
    ['it is for another client', { header: { client: 'client-2' } }],
    ['it is of another issuer', { claims: { iss: 'https://other.example.com' } }],
    ['it has expired', { claims: { exp: 1_700_000_000 } }],
    ['it never expires', { claims: { exp: undefined } }],
    ['its key id is no UUID', { header: { kid: '../../pipelines' } }],
    ['AWS does not know its key', { header: { kid: randomUUID() } }],
    ['it is not signed', { header: { alg: 'none' } }],
    ['it names no one', { claims: { email: undefined } }],
    ['its name cannot be shown', { claims: { email: 'kim example' } }],
    ['its e-mail address is not verified', { claims: { email_verified: 'false' } }],
  ] as [string, Given][]) {
    it(`is refused where ${what}`, async () => {
      const { app, orchestrator } = signInApi();
      const token = claimsOf(given);
      const { body } = await provision(app, { 'x-amzn-oidc-data': token }).expect(401);
      assert.match(body.detailedMessage, /^The sign-in is not accepted: /);
      assert.ok(!JSON.stringify(body).includes(token));
      assert.deepEqual(orchestrator.calls, []);
    });
  }

  it('is refused where the claims were changed', async () => {
    const { app } = signInApi();
    const [header = '', , signature = ''] = claimsOf().split('.');
    const [, payload = ''] = claimsOf({ claims: { groups: ['Admins'] } }).split('.');
    await request(app).get('/audit').set('x-amzn-oidc-data', `${header}.${payload}.${signature}`).expect(401);
  });

  it('is not looked at where a webhook comes through the gateway', async () => {
    const { app, asked } = signInApi();
    await request(app).post('/webhooks/github').set('x-amzn-oidc-data', claimsOf()).send({});
    assert.deepEqual(asked, []);
  });

  it('counts for nothing where none is set up', async () => {
    const { app } = testApi({ gatewaySecret: SECRET });
    await request(app).get('/pipelines').set('x-amzn-oidc-data', claimsOf()).expect(401);
  });

  it('leaves callers of the gateway as they are', async () => {
    const { app, orchestrator, asked } = signInApi();
    const arn = 'arn:aws:sts::111122223333:assumed-role/DataScientist/kim';
    const gateway = { 'x-mlops-caller': arn, 'x-mlops-gateway-secret': SECRET };
    await provision(app, { ...gateway, 'x-amzn-oidc-data': claimsOf() }).expect(200);
    assert.equal(orchestrator.calls[0]?.arguments[1], arn);
    assert.deepEqual(asked, []);
  });

  describe('roles', () => {
    const statusOf = async (groups: unknown, method: 'get' | 'post', path: string): Promise<number> => {
      const { app } = signInApi();
      const token = claimsOf({ claims: { groups } });
      return (await request(app)[method](path).set('x-amzn-oidc-data', token).send(REQUEST)).status;
    };

    it('are those of the groups', async () => {
      assert.equal(await statusOf(['Everyone'], 'get', '/pipelines'), 200);
      assert.equal(await statusOf(['Everyone'], 'post', '/provisionpipeline'), 403);
      assert.equal(await statusOf(['Data Scientists'], 'post', '/provisionpipeline'), 200);
      assert.equal(await statusOf(['Approvers'], 'post', '/provisionpipeline'), 403);
      assert.equal(await statusOf('Other, Admins', 'get', '/audit'), 200);
    });

    it('are none without a group, though every caller of the gateway has all', async () => {
      for (const groups of [[], undefined, ['Strangers'], [{ name: 'Admins' }], 7]) {
        assert.equal(await statusOf(groups, 'get', '/pipelines'), 403, JSON.stringify(groups));
      }
    });

    it('name the settings to a person who lacks one', async () => {
      const { app } = signInApi();
      const token = claimsOf({ claims: { groups: ['Everyone'] } });
      const { body } = await provision(app, { 'x-amzn-oidc-data': token }).expect(403);
      assert.match(body.detailedMessage, /^oidc:kim@example\.com .*PROVISIONER_GROUPS or ADMIN_GROUPS\.$/);
    });
  });

  describe('groups in the access token', () => {
    const COGNITO = { groupsFrom: 'AccessToken', groupsClaim: 'cognito:groups' } as const;
    const accessToken = (claims: object = {}, key = issuerKey.privateKey): string =>
      signed(
        { alg: 'RS256', kid: 'i-1' },
        { sub: 'u-1', iss: ISSUER, client_id: 'client-1', exp: inAnHour(), 'cognito:groups': ['Admins'], ...claims },
        key,
        'RS256',
      );
    const statusWith = async (token: string): Promise<number> => {
      const { app } = signInApi(COGNITO);
      const headers = { 'x-amzn-oidc-data': claimsOf(), 'x-amzn-oidc-accesstoken': token };
      return (await request(app).get('/audit').set(headers)).status;
    };

    it('count once the token is verified with the keys of the issuer', async () => {
      assert.equal(await statusWith(accessToken()), 200);
      assert.equal(await statusWith(accessToken({ 'cognito:groups': undefined })), 403);
    });

    it('do not count in a token of someone else, for someone else, or past its time', async () => {
      const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
      for (const token of [
        accessToken({}, stranger.privateKey),
        accessToken({ sub: 'u-2' }),
        accessToken({ client_id: 'client-2' }),
        accessToken({ iss: 'https://other.example.com' }),
        accessToken({ exp: 1_700_000_000 }),
        '',
      ]) {
        assert.equal(await statusWith(token), 401);
      }
    });
  });

  describe('pages of other origins', () => {
    for (const [what, headers, status] of [
      ['the console itself', { Host: 'mlops.example.com', 'Sec-Fetch-Site': 'same-origin' }, 200],
      ['a page of another site', { Host: 'mlops.example.com', 'Sec-Fetch-Site': 'cross-site' }, 403],
      ['a page of a sibling domain', { Host: 'mlops.example.com', Origin: 'https://other.example.com' }, 403],
      [
        'a name that was bound to the load balancer',
        { Host: 'attacker.example', 'Sec-Fetch-Site': 'same-origin' },
        403,
      ],
    ] as [string, Record<string, string>, number][]) {
      it(`${status === 200 ? 'answers' : 'refuses'} ${what}`, async () => {
        const { app, orchestrator } = signInApi();
        await provision(app, { ...headers, 'x-amzn-oidc-data': claimsOf() }).expect(status);
        assert.equal(orchestrator.calls.length, status === 200 ? 1 : 0);
      });
    }
  });

  describe('sign-out', () => {
    const logoutUrl = 'https://idp.example.com/logout?client_id=client-1&logout_uri=https%3A%2F%2Fmlops.example.com';
    const signOut = (app: Parameters<typeof request>[0], headers: Record<string, string> = {}) =>
      request(app)
        .post('/sign-out')
        .set({ Host: 'mlops.example.com', 'Sec-Fetch-Site': 'same-origin', ...headers });

    it('expires all cookies of the session, and says where the identity provider ends its own', async () => {
      const { app } = signInApi({ logoutUrl });
      // Also for a person whose groups give no role.
      const headers = { 'x-amzn-oidc-data': claimsOf({ claims: { groups: [] } }) };
      const Cookie = 'a=b; AWSELBAuthSessionCookie-0=x; AWSELBAuthSessionCookie-7=y';
      const answer = await signOut(app, { ...headers, Cookie }).expect(200);
      assert.deepEqual(answer.body, { location: logoutUrl });
      const cookies = (answer.headers['set-cookie'] as unknown as string[]).map((cookie) => cookie.split('; '));
      assert.deepEqual(
        cookies.map(([nameAndValue]) => nameAndValue),
        [0, 1, 2, 3, 7].map((shard) => `AWSELBAuthSessionCookie-${shard}=`),
      );
      for (const [, ...attributes] of cookies) {
        assert.deepEqual(attributes.toSorted(), [
          'Expires=Thu, 01 Jan 1970 00:00:00 GMT',
          'HttpOnly',
          'Path=/',
          'Secure',
        ]);
      }
    });

    it('is refused to pages of other origins, and not possible by a link', async () => {
      const { app } = signInApi({ logoutUrl });
      const headers = { 'x-amzn-oidc-data': claimsOf() };
      await signOut(app, { ...headers, 'Sec-Fetch-Site': 'cross-site' }).expect(403);
      await request(app).get('/sign-out').set(headers).expect(405);
    });

    it('is not there for callers that have not signed in, or without the address of the identity provider', async () => {
      const gateway = { 'x-mlops-caller': 'arn:aws:iam::111122223333:user/kim', 'x-mlops-gateway-secret': SECRET };
      const signed = await signOut(signInApi({ logoutUrl }).app, gateway).expect(409);
      assert.match(signed.body.detailedMessage, /no session to end/);
      const unset = await signOut(signInApi().app, { 'x-amzn-oidc-data': claimsOf() }).expect(409);
      assert.match(unset.body.detailedMessage, /SIGN_IN_LOGOUT_URL/);
      await signOut(testApi().app, { Host: '127.0.0.1' }).expect(409);
    });
  });
});

describe('the settings of sign-in', () => {
  const BASE = {
    DATABASE_URL: 'postgresql://u:p@db:5432/mlops',
    PULUMI_BACKEND_URL: 's3://state',
    PULUMI_CONFIG_PASSPHRASE: 'x',
    AWS_REGION: 'eu-west-1',
    ACCOUNT_ID: '111122223333',
    ASSETS_BUCKET: 'mlops-assets',
    GATEWAY_SECRET: 'a-long-enough-secret',
  };
  const ALL = {
    SIGN_IN_URL: 'https://mlops.example.com/',
    SIGN_IN_LOAD_BALANCER_ARN: BALANCER,
    SIGN_IN_ISSUER: ISSUER,
    SIGN_IN_CLIENT_ID: 'client-1',
    ADMIN_GROUPS: 'Admins, Platform Team',
  };
  const faultOf = (given: Record<string, string>): string => {
    try {
      loadConfig(given);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('are read together', () => {
    assert.deepEqual(loadConfig({ ...BASE, ...ALL }).signIn, {
      ...SIGN_IN,
      groups: { viewer: [], provisioner: [], approver: [], admin: ['Admins', 'Platform Team'] },
    });
    const logoutUrl = 'https://idp.example.com/logout';
    assert.equal(loadConfig({ ...BASE, ...ALL, SIGN_IN_LOGOUT_URL: logoutUrl }).signIn?.logoutUrl, logoutUrl);
    assert.equal(loadConfig(BASE).signIn, undefined);
  });

  for (const [what, given, expected] of [
    ['one that is missing', { SIGN_IN_ISSUER: '' }, /SIGN_IN_ISSUER is required with SIGN_IN_URL/],
    ['groups without the rest', { ...withoutAll(), ADMIN_GROUPS: 'A' }, /SIGN_IN_URL is required with ADMIN_GROUPS/],
    ['no group at all', { ADMIN_GROUPS: '' }, /one of VIEWER_GROUPS, .* is required/],
    ['no gateway', { GATEWAY_SECRET: '' }, /GATEWAY_SECRET is required with SIGN_IN_URL/],
    ['an address with a path', { SIGN_IN_URL: 'https://mlops.example.com/console' }, /SIGN_IN_URL must be the address/],
    ['an issuer without TLS', { SIGN_IN_ISSUER: 'http://idp.example.com' }, /SIGN_IN_ISSUER/],
  ] as [string, Record<string, string>, RegExp][]) {
    it(`are refused with ${what}`, () => assert.match(faultOf({ ...BASE, ...ALL, ...given }), expected));
  }

  function withoutAll(): Record<string, string> {
    return Object.fromEntries(Object.keys(ALL).map((name) => [name, '']));
  }
});
