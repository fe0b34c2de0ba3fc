import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { ResourceChange } from '../../../automation/model.ts';
import { beyondApproval, changeHash } from '../../../automation/stacks/approved-change.ts';
import { ChangeCollector } from '../../../automation/stacks/child/change-collector.ts';
import { UNTIL_DEPLOYED } from '../../../automation/stacks/child/property-differences.ts';

const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const SECRET = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270', ciphertext: '[secret]' };

const change = (operation: ResourceChange['operation'], name: string, more: Partial<ResourceChange> = {}) =>
  ({ operation, urn: `urn:${name}`, type: 'aws:x:Y', name, ...more }) satisfies ResourceChange;
const update = (name: string, after: unknown, before: unknown = 'old') =>
  change('update', name, { differences: [{ property: 'value', before, after }] });
const subject = { pipelineId: 'p', revision: 1, blueprintVersion: '1.0.0', environment: 'prod' };

describe('the hash of a change', () => {
  const base = { ...subject, changes: [change('create', 'a'), update('b', 'new')] };

  it('is the same however the engine orders the changes', () => {
    assert.equal(changeHash(base), changeHash({ ...base, changes: base.changes.toReversed() }));
  });

  it('is another for another revision, blueprint, environment, pipeline, resource, operation or value', () => {
    const others = [
      { ...base, revision: 2 },
      { ...base, blueprintVersion: '1.0.1' },
      { ...base, environment: 'staging' },
      { ...base, pipelineId: 'q' },
      { ...base, changes: [change('create', 'a')] },
      { ...base, changes: [change('delete', 'a'), update('b', 'new')] },
      { ...base, changes: [change('create', 'a'), update('b', 'other')] },
      { ...base, changes: [change('create', 'a'), update('b', 'new', 'drifted')] },
    ];
    const hashes = [base, ...others].map(changeHash);
    assert.equal(new Set(hashes).size, hashes.length);
  });
});

describe('a deployment', () => {
  const table: [string, ResourceChange[], ResourceChange[], string[]][] = [
    ['may do what was approved', [change('create', 'a')], [change('create', 'a')], []],
    ['may do less, after a crash', [change('create', 'a'), change('delete', 'b')], [change('delete', 'b')], []],
    ['may not touch anything else', [change('create', 'a')], [change('create', 'a'), change('delete', 'z')], ['z']],
    ['may not do something else to a resource', [update('a', 'new')], [change('delete', 'a')], ['a']],
    ['may not arrive at another value', [update('a', 'new')], [update('a', 'newer')], ['a']],
    ['may set out from another value', [update('a', 'new')], [update('a', 'new', 'half')], []],
    ['may fill in what was not known', [update('a', UNTIL_DEPLOYED)], [update('a', 'arn:now-known')], []],
    ['may finish a replacement: delete the old', [change('replace', 'a')], [change('delete', 'a')], []],
    ['may finish a replacement: create the new', [change('replace', 'a')], [change('create', 'a')], []],
    ['may not replace what was to be updated', [update('a', 'new')], [change('replace', 'a')], ['a']],
  ];
  for (const [promise, approved, current, beyond] of table) {
    it(promise, () => {
      assert.deepEqual(
        beyondApproval(approved, current).map(({ name }) => name),
        beyond,
      );
    });
  }
});

describe('the changes of a preview', () => {
  const event = (op: string, name: string, metadata: Record<string, unknown>) =>
    ({
      sequence: 1,
      timestamp: 1,
      resourcePreEvent: { metadata: { op, urn: `urn:pulumi:s::p::t::${name}`, type: 'aws:x:Y', ...metadata } },
    }) as unknown as EngineEvent;
  const changesOf = (...events: EngineEvent[]) => {
    const collector = new ChangeCollector();
    for (const one of events) collector.add(one);
    return collector.changes();
  };
  const state = (inputs: Record<string, unknown>, id = 'id-1') => ({ custom: true, id, inputs, outputs: {} });

  it('show both sides of each changed property, by its path, and never a secret', () => {
    const [only] = changesOf(
      event('update', 'fn', {
        diffs: ['environment'],
        detailedDiff: { 'environment.variables["a.b"]': {}, 'environment.TOKEN.deep': {}, role: {} },
        old: state({ environment: { variables: { 'a.b': '1' }, TOKEN: SECRET }, role: 'arn:old' }),
        new: state({ environment: { variables: { 'a.b': '2' }, TOKEN: SECRET }, role: UNKNOWN }),
      }),
    );
    assert.deepEqual(only?.differences, [
      { property: 'environment.TOKEN.deep', before: '[secret]', after: '[secret]' },
      { property: 'environment.variables["a.b"]', before: '1', after: '2' },
      { property: 'role', before: 'arn:old', after: UNTIL_DEPLOYED },
    ]);
  });

  it('are the same in two previews, though each makes up other names', () => {
    const preview = (random: string) =>
      changesOf(
        event('create-replacement', 'config', {
          old: state({ __defaults: ['name'], name: 'config-0000000', kmsKeyArn: 'a' }),
          new: state({ __defaults: ['name'], name: `config-${random}`, kmsKeyArn: 'b' }),
        }),
        event('update', 'endpoint', {
          diffs: ['endpointConfigName'],
          old: state({ endpointConfigName: 'config-0000000' }),
          new: state({ endpointConfigName: `config-${random}` }),
        }),
      );
    assert.deepEqual(preview('abcdef1'), preview('1234567'));
    assert.deepEqual(preview('abcdef1')[0]?.differences, [
      { property: 'endpointConfigName', before: 'config-0000000', after: UNTIL_DEPLOYED },
    ]);
  });

  it('warn of what a replacement or deletion destroys, and of a protected resource', () => {
    const [replaced, deleted, kept, guarded] = changesOf(
      event('replace', 'a', { keys: ['image'], old: state({}), new: state({}) }),
      event('delete', 'b', { old: state({}, 'id-2'), new: null }),
      event('delete', 'c', { old: { ...state({}, 'id-3'), retainOnDelete: true }, new: null }),
      event('replace', 'd', { keys: ['image'], old: { ...state({}, 'id-4'), protect: true }, new: state({}) }),
    );
    assert.equal(replaced?.warning, 'Destroys id-1 and creates another in its place (change of image).');
    assert.equal(deleted?.warning, 'Destroys id-2.');
    assert.equal(kept?.warning, 'id-3 is no longer managed, and stays.');
    assert.match(guarded?.warning ?? '', /protected: the deployment will fail/);
  });

  it('omit what a refresh only read', () => {
    assert.deepEqual(changesOf(event('refresh', 'a', { old: state({}), new: state({}) })), []);
  });
});
