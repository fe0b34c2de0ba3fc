import assert from 'node:assert/strict';
import { secretMask, secretValues, withoutServiceSecrets } from '../../../automation/config/secret-values.ts';
import { createLogger } from '../../../automation/platform/logger.ts';

const CANARY = 'canary-"4711/';

function logged(secrets: readonly string[], write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger({ level: 'info', secrets }, { write: (line) => void (text += line) }));
  return text;
}

describe('values of settings that hold a secret', () => {
  it('are found in settings, and in URLs as written and as meant', () => {
    const env = {
      GITHUB_TOKEN: 'ghp_0123456789',
      PULUMI_CONFIG_PASSPHRASE: 'correct horse',
      DATABASE_URL: `postgresql://user:${encodeURIComponent(CANARY)}@db:5432/mlops`,
      HTTPS_PROXY: 'http://user:proxy-password@proxy:3128',
      AWS_REGION: 'eu-west-1',
      UNDEFINED: undefined,
      BROKEN: 'http://user:broken%zz%@host',
    };
    assert.deepEqual(
      new Set(secretValues(env)),
      new Set(['ghp_0123456789', 'correct horse', encodeURIComponent(CANARY), CANARY, 'proxy-password', 'broken%zz%']),
    );
  });

  it('are found where libraries take them too: parameters and user names of URLs, two secrets of a gateway', () => {
    const env = {
      DATABASE_URL: 'postgresql://user@db/mlops?sslmode=require&password=in-the-query&sslpassword=of-the-key',
      PULUMI_BACKEND_URL: 'https://pul-0123456789@api.example.com',
      GATEWAY_SECRET: 'former-gateway-secret,next-gateway-secret',
      CONFIG_GIT_USERNAME: 'a-user-name',
    };
    for (const secret of [
      'in-the-query',
      'of-the-key',
      'pul-0123456789',
      'former-gateway-secret',
      'next-gateway-secret',
      'a-user-name',
    ]) {
      assert.equal(secretMask(secretValues(env))(`with ${secret}.`), 'with [secret].', secret);
    }
    assert.equal(secretMask(secretValues(env))('user of db'), 'user of db');
  });

  it('of less than eight characters are left: they occur in words', () => {
    assert.deepEqual(secretValues({ GITHUB_TOKEN: 'mlops', DATABASE_URL: 'postgresql://u:short12@db/mlops' }), []);
  });

  it('are in no line of the log, whether in a message, a field, a key or the stack of an error', () => {
    const text = logged([CANARY, 'canary-"4711/longer'], (logger) => {
      logger.info({ url: `https://user:${encodeURIComponent(CANARY)}@host/`, [CANARY]: [CANARY] }, `with ${CANARY}`);
      logger.error({ err: new Error(`failed for ${CANARY}longer`, { cause: new Error(CANARY) }) });
      logger.child({ target: CANARY }).warn('a child');
    });
    assert.ok(!text.includes('4711'), text);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string });
    assert.equal(lines[0]?.msg, 'with [secret]');
    assert.equal(lines.length, 3);
    assert.ok(!text.includes('longer'), 'the longer of two secrets is masked as a whole');
  });

  it('leave a log without secrets as it is', () => {
    assert.match(
      logged([], (logger) => logger.info('canary')),
      /"msg":"canary"/,
    );
    assert.equal(secretMask([])('canary'), 'canary');
  });

  it('for the database, callers and sources are not seen by what the service starts', () => {
    const env = {
      DATABASE_URL: 'x',
      PGSSLROOTCERT: 'x',
      GATEWAY_SECRET: 'x',
      GITLAB_TOKEN: 'x',
      PATH: '/bin',
      AWS_REGION: 'r',
    };
    assert.deepEqual(withoutServiceSecrets(env), { PATH: '/bin', AWS_REGION: 'r' });
  });
});
