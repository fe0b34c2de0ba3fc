import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { toExecutionEvent, toResourceChange } from '../../../automation/stacks/child/engine-events.ts';

const URN = 'urn:pulumi:demo.dev::byom-demo::mlops:x:Y$aws:iam/role:Role::demo-role';

function step(kind: 'resourcePreEvent' | 'resOutputsEvent' | 'resOpFailedEvent', op: string, more = {}): EngineEvent {
  return {
    sequence: 1,
    timestamp: 1_795_461_939,
    [kind]: { metadata: { op, urn: URN, type: 'aws:iam/role:Role', provider: '', ...more } },
  } as unknown as EngineEvent;
}

describe('a provider that is created', () => {
  it('is the same change whatever its session is called: after a fence it has another name', () => {
    const created = (sessionName: string) => {
      const assumeRoles = JSON.stringify([{ roleArn: 'arn:aws:iam::222222222222:role/deploy', sessionName }]);
      const type = 'pulumi:providers:aws';
      return toResourceChange(step('resourcePreEvent', 'create', { type, new: { inputs: { assumeRoles } } }));
    };
    assert.ok(JSON.stringify(created('mlops-p.staging')).includes('role/deploy'));
    assert.deepEqual(created('mlops-p.staging@1'), created('mlops-p.staging'));
  });
});

describe('engine events', () => {
  it('become past-tense events of the execution', () => {
    const table: [EngineEvent, string | undefined][] = [
      [step('resourcePreEvent', 'create'), 'resource.creating'],
      [step('resOutputsEvent', 'create'), 'resource.created'],
      [step('resOutputsEvent', 'update'), 'resource.updated'],
      [step('resOutputsEvent', 'delete-replaced'), 'resource.deleted'],
      [step('resOpFailedEvent', 'create'), 'resource.failed'],
      [step('resourcePreEvent', 'same'), undefined],
    ];
    assert.deepEqual(
      table.map(([event]) => toExecutionEvent(event)?.type),
      table.map(([, type]) => type),
    );
    const created = toExecutionEvent(step('resOutputsEvent', 'create'));
    assert.equal(created?.at, '2026-11-23T19:25:39.000Z');
    assert.deepEqual(created?.data, { urn: URN, resourceType: 'aws:iam/role:Role', name: 'demo-role' });
  });

  it('omit default providers of the engine', () => {
    const type = 'pulumi:providers:aws';
    const more = { urn: `urn:pulumi:demo.dev::byom-demo::${type}::default_7_48_0`, type };
    for (const kind of ['resourcePreEvent', 'resOutputsEvent'] as const) {
      assert.equal(toExecutionEvent(step(kind, 'create', more)), undefined);
    }
    assert.equal(toResourceChange(step('resourcePreEvent', 'create', more)), undefined);
    const own = { ...more, urn: `urn:pulumi:demo.dev::byom-demo::${type}::env` };
    assert.equal(toResourceChange(step('resourcePreEvent', 'create', own))?.name, 'env');
  });

  it('leave debug output and progress messages out', () => {
    const diagnostic = (severity: string, ephemeral = false) =>
      toExecutionEvent({
        sequence: 1,
        timestamp: 1,
        diagnosticEvent: { severity, ephemeral, message: 'x', prefix: '', color: 'never' },
      } as unknown as EngineEvent);
    assert.equal(diagnostic('debug'), undefined);
    assert.equal(diagnostic('info', true), undefined);
    assert.equal(diagnostic('warning')?.type, 'diagnostic');
  });

  it('tell a preview one change a resource, a replacement as one', () => {
    const replaced = { diffs: ['name'], keys: ['name'] };
    assert.equal(toResourceChange(step('resourcePreEvent', 'create-replacement', replaced)), undefined);
    assert.deepEqual(toResourceChange(step('resourcePreEvent', 'replace', replaced)), {
      operation: 'replace',
      urn: URN,
      type: 'aws:iam/role:Role',
      name: 'demo-role',
      properties: ['name'],
      replaceProperties: ['name'],
      differences: [{ property: 'name' }],
    });
    assert.equal(toResourceChange(step('resourcePreEvent', 'same')), undefined);
  });
});
