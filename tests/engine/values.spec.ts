import assert from 'node:assert/strict';
import { aliasUrns } from '../../sandbox/engine/aliases.ts';
import { hashAssets } from '../../sandbox/engine/assets.ts';
import { deletionOrder } from '../../sandbox/engine/dependency-graph.ts';
import { seconds } from '../../sandbox/engine/monitor-requests.ts';
import { inheritSecrets, secret } from '../../sandbox/engine/properties.ts';
import { ignoreChanges, parsePath, pathContains } from '../../sandbox/engine/property-path.ts';
import { Crypter, keyRounds } from '../../sandbox/engine/secrets.ts';
import { newManifest } from '../../sandbox/engine/state.ts';
import { createUrn, displayType } from '../../sandbox/engine/urn.ts';
import { ARCHIVE, ASSET, SIGNATURE } from '../../sandbox/provider.ts';

describe('values of the sandbox engine', () => {
  it('reads what the real CLI has encrypted', async () => {
    const salt = 'v1:VY9ZU9KXUzs=:v1:+HNtwnyBBhI6SJI+:0hcEvvR2pTkxnrfrORRmL5LVoB1QEw==';
    const crypter = await Crypter.open(salt, 'x');
    assert.equal(crypter.decrypt('v1:RX1Y1ri2YIrXpIol:m8higj0uE5lRwGH6mkLkvO07UBz2Mw=='), 's3cret');
    assert.equal(crypter.decrypt(crypter.encrypt('ü')), 'ü');
    await assert.rejects(Crypter.open(salt, 'y'), /incorrect passphrase/);
  });

  it('derives keys as the real CLI does, or in as many rounds as asked for', async () => {
    const { salt } = await Crypter.create('x', keyRounds({ SANDBOX_KEY_ROUNDS: '10' }));
    await Crypter.open(salt, 'x', 10);
    await assert.rejects(Crypter.open(salt, 'x', keyRounds({})), /incorrect passphrase/);
    assert.throws(() => keyRounds({ SANDBOX_KEY_ROUNDS: '1e3' }), /SANDBOX_KEY_ROUNDS is "1e3"/);
  });

  it('hashes assets and archives as the real engine does', () => {
    const text = 'export const handler = async () => 1;\n';
    const asset = { [SIGNATURE]: ASSET, __pulumiAsset: true, text };
    const { code, one } = hashAssets(
      { code: { [SIGNATURE]: ARCHIVE, __pulumiArchive: true, assets: { 'index.mjs': asset } }, one: asset },
      '/',
    ) as Record<string, { hash: string }>;
    assert.equal(one?.hash, 'a431f310cfc1e433df31cebc5408d7dbdf27370b97decb5a65d5399d739fd047');
    assert.equal(code?.hash, '8b47bdf169907602437618550a85bfd50dcf8f9222818fbd0859af0f58cb6c6e');
    assert.ok(!('__pulumiAsset' in (one ?? {})));
  });

  it('signs a manifest with its version', () => {
    const magic = 'da41b6ba6f541b05210422a0c7a5cfe6366a0dd710a1faefa2cbf79e60134d0b';
    assert.equal(newManifest('3.270.0').magic, magic);
  });

  it('makes URNs that show parents but not the stack', () => {
    const root = createUrn('dev', 'p', '', 'pulumi:pulumi:Stack', 'p-dev');
    const parent = createUrn('dev', 'p', root, 'a:b:C', 'c');
    assert.equal(parent, 'urn:pulumi:dev::p::a:b:C::c');
    assert.equal(
      createUrn('dev', 'p', parent, 'aws:iam/role:Role', 'r'),
      'urn:pulumi:dev::p::a:b:C$aws:iam/role:Role::r',
    );
    assert.equal(displayType('aws:iam/role:Role'), 'aws:iam:Role');
  });

  it('reads property paths', () => {
    assert.deepEqual(parsePath('a.b[0]["c.d"].*'), ['a', 'b', 0, 'c.d', '*']);
    assert.equal(parsePath('a..b'), undefined);
    assert.ok(pathContains('tags', 'tags.Name'));
    assert.ok(pathContains('rules[*].port', 'rules[3].port'));
    assert.ok(!pathContains('rules[*].port', 'rules[3].name'));
  });

  it('puts ignored properties back: changed, added and removed ones', () => {
    const olds = { a: 1, list: [{ x: 1 }, { x: 2 }], gone: 'g' };
    const news = { a: 2, list: [{ x: 7 }, { x: 8 }], fresh: 'f' };
    assert.deepEqual(ignoreChanges(news, olds, ['a', 'list[*].x', 'gone', 'fresh']).properties, olds);
    assert.deepEqual(ignoreChanges(news, olds, ['list[1]']).properties, { ...news, list: [{ x: 7 }, { x: 2 }] });
  });

  it('keeps secret in outputs what was secret in inputs of the same name', () => {
    const outputs = { a: 'x', deep: { b: 'y', c: 'z' }, list: ['p', 'q'] };
    const inputs = { a: secret('x'), deep: { b: secret('y') }, list: ['p', secret('q')] };
    assert.deepEqual(inheritSecrets(outputs, inputs), {
      a: secret('x'),
      deep: { b: secret('y'), c: 'z' },
      list: ['p', secret('q')],
    });
  });

  it('works out former names from the one its parent was found under', () => {
    const parent = 'urn:pulumi:dev::p::a:b:C::new';
    const resource = { urn: createUrn('dev', 'p', parent, 'a:b:D', 'new-d'), name: 'new-d', type: 'a:b:D', parent };
    assert.deepEqual(
      aliasUrns(resource, [{ type: 'a:b:Old' }], () => 'urn:pulumi:dev::p::a:b:C::old'),
      [
        'urn:pulumi:dev::p::a:b:C$a:b:Old::new-d',
        'urn:pulumi:dev::p::a:b:C$a:b:D::old-d',
        'urn:pulumi:dev::p::a:b:C$a:b:Old::old-d',
      ],
    );
    assert.deepEqual(
      aliasUrns(resource, [{ noParent: true }], () => undefined),
      ['urn:pulumi:dev::p::a:b:D::new-d'],
    );
  });

  it('orders deletions by parent, dependency and provider', () => {
    const state = (urn: string, more: object = {}) => ({ urn, custom: true, type: 't', id: 'i', ...more });
    const provider = state('provider');
    const base = state('base', { provider: 'provider::i' });
    const child = state('child', { parent: 'base' });
    const other = state('other', { propertyDependencies: { p: ['base'] } });
    const groups = deletionOrder([provider, base, child, other], [provider, base, child, other]).map((group) =>
      group.map(({ urn }) => urn),
    );
    assert.deepEqual(groups, [['child', 'other'], ['base'], ['provider']]);
  });

  it('reads durations', () => {
    assert.deepEqual(['1h30m', '10s', '1.5m', '', '250ms'].map(seconds), [5400, 10, 90, 0, 0.25]);
  });
});
