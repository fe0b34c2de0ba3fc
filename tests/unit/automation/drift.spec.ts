import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { toDriftFinding } from '../../../automation/stacks/child/actions/drift.ts';

const URN = 'urn:pulumi:demo.dev::byom-demo::mlops:x:Y$aws:iam/role:Role::demo-role';
const SECRET = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270', ciphertext: '[secret]' };

interface Sides {
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  [key: string]: unknown;
}

const state = ({ inputs = {}, outputs = {}, ...more }: Sides) => ({
  custom: true,
  id: 'r-1',
  inputs,
  outputs,
  ...more,
});

/** What the engine says when it has read one resource. */
function read(op: string, before: Sides, found: Sides | undefined, more: Record<string, unknown> = {}): EngineEvent {
  const metadata = {
    op,
    urn: URN,
    type: 'aws:iam/role:Role',
    old: state(before),
    new: found ? state(found) : null,
    detailedDiff: null,
    provider: '',
    ...more,
  };
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata, planning: true } } as unknown as EngineEvent;
}

const details = (...paths: string[]) => ({
  detailedDiff: Object.fromEntries(paths.map((path) => [path, { diffKind: 'update', inputDiff: true }])),
});

describe('drift, as the events of a previewed refresh tell it', () => {
  it('names a resource that is not there any more', () => {
    assert.deepEqual(toDriftFinding(read('delete', { inputs: { path: '/' } }, undefined)), {
      urn: URN,
      type: 'aws:iam/role:Role',
      name: 'demo-role',
      kind: 'missing',
      differences: [],
    });
  });

  it('tells what was deployed and what was found, at the paths that the provider names', () => {
    const finding = toDriftFinding(
      read(
        'update',
        { inputs: { tags: { team: 'a', cost: '1' }, path: '/' } },
        { inputs: { tags: { team: 'b', cost: '1' }, path: '/' } },
        details('tags.team'),
      ),
    );
    assert.equal(finding?.kind, 'changed');
    assert.deepEqual(finding?.differences, [{ property: 'tags.team', before: 'a', after: 'b' }]);
  });

  it('leaves a side out where the property is not there', () => {
    const finding = toDriftFinding(
      read(
        'update',
        { inputs: { description: 'x' } },
        { inputs: { maxSessionDuration: 7200 } },
        details('description', 'maxSessionDuration'),
      ),
    );
    assert.deepEqual(finding?.differences, [
      { property: 'description', before: 'x' },
      { property: 'maxSessionDuration', after: 7200 },
    ]);
  });

  it('finds in the outputs what was added within a map, or what a provider does not read back as input', () => {
    const added = read(
      'update',
      { inputs: { tags: { team: 'a' } } },
      { inputs: { tags: { team: 'a' } }, outputs: { tags: { team: 'a', by: 'hand' } } },
      details('tags.by'),
    );
    assert.deepEqual(toDriftFinding(added)?.differences, [{ property: 'tags.by', after: 'hand' }]);
    const kept = read(
      'update',
      { inputs: { size: 1 } },
      { inputs: { size: 1 }, outputs: { size: 2 } },
      details('size'),
    );
    assert.deepEqual(toDriftFinding(kept)?.differences, [{ property: 'size', before: 1, after: 2 }]);
  });

  it('says nothing of what only the cloud decides', () => {
    const before = { inputs: { path: '/' }, outputs: { lastModified: 'monday', path: '/' } };
    const found = { inputs: { path: '/' }, outputs: { lastModified: 'tuesday', path: '/' } };
    assert.equal(toDriftFinding(read('update', before, found)), undefined);
    assert.equal(toDriftFinding(read('update', before, found, details('lastModified'))), undefined);
    assert.equal(toDriftFinding(read('update', before, found, { diffs: ['__defaults'] })), undefined);
  });

  it('trusts the provider in what is no difference to it', () => {
    const before = { inputs: { policy: '{"a":[1]}', path: '/' } };
    const found = { inputs: { policy: '{"a":1}', path: '/x' } };
    const finding = toDriftFinding(read('update', before, found, { diffs: ['path'] }));
    assert.deepEqual(finding?.differences, [{ property: 'path', before: '/', after: '/x' }]);
  });

  it('compares the inputs itself where the provider names nothing', () => {
    const before = { inputs: { a: 1, b: { c: [1, 2] } } };
    const finding = toDriftFinding(read('update', before, { inputs: { a: 1, b: { c: [1, 3] } }, outputs: { a: 5 } }));
    assert.deepEqual(finding?.differences, [{ property: 'b', before: { c: [1, 2] }, after: { c: [1, 3] } }]);
  });

  it('reports that a secret was changed, and never what it is', () => {
    const inputs = { environment: { TOKEN: SECRET, MODE: 'x' } };
    const finding = toDriftFinding(read('update', { inputs }, { inputs }, details('environment.TOKEN')));
    assert.deepEqual(finding?.differences, [{ property: 'environment.TOKEN', before: '[secret]', after: '[secret]' }]);
    assert.equal(toDriftFinding(read('update', { inputs }, { inputs })), undefined, 'nothing says that it was changed');
  });

  it('passes over components, providers, what waits for its deletion, and what is as it was', () => {
    const [before, found] = [{ inputs: { a: 1 } }, { inputs: { a: 2 } }];
    assert.ok(toDriftFinding(read('update', before, found)), 'would be a finding otherwise');
    assert.equal(toDriftFinding(read('same', before, found)), undefined);
    assert.equal(toDriftFinding(read('update', { ...before, custom: false }, found)), undefined);
    assert.equal(toDriftFinding(read('delete', { ...before, delete: true }, undefined)), undefined);
    assert.equal(toDriftFinding(read('update', before, found, { type: 'pulumi:providers:aws' })), undefined);
    assert.equal(toDriftFinding({ sequence: 1, timestamp: 1, cancelEvent: {} } as EngineEvent), undefined);
  });
});
