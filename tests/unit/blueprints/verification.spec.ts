/** The key `verification` of a real-time request: what is taken, what it becomes, and what is refused, where and why. */
import assert from 'node:assert/strict';
import { BLUEPRINTS } from '../../../blueprints/registry.ts';
import { stageValues } from '../../../blueprints/request/stage-values.ts';
import type { Body } from './requests.ts';
import { MULTI, SINGLE, accepted, body, onlyFault } from './requests.ts';

const realtimeBuiltin = BLUEPRINTS.byom_realtime_builtin;
const TYPE = 'byom_realtime_builtin';
const SMOKE = { body: '1,2,3', expected: '^0\\.\\d+' };
const sent = (verification: unknown, changes: Body = {}) => body(TYPE, { verification, ...changes });
const taken = (verification: unknown, settings = SINGLE, changes: Body = {}) =>
  accepted(sent(verification, changes), settings).request;

describe('the verification of a real-time request', () => {
  it('is nothing by default', () => {
    const { request } = accepted(body(TYPE));
    assert.ok(!('verification' in request));
    assert.equal(realtimeBuiltin.smokeRequest?.(request), undefined);
    assert.equal(realtimeBuiltin.soak?.(request, { alarmNames: ['own'] }), undefined);
  });

  it('sends CSV by default, and accepts any response without a pattern', () => {
    const smoke = (value: Body) => realtimeBuiltin.smokeRequest?.(taken({ smoke_request: value }));
    assert.deepEqual(smoke(SMOKE), { ...SMOKE, contentType: 'text/csv' });
    assert.deepEqual(smoke({ body: '{}', content_type: 'application/json; charset=utf-8' }), {
      body: '{}',
      contentType: 'application/json; charset=utf-8',
    });
  });

  it('watches the alarms that are named, else those that guard deployments, else none', () => {
    const soak = (verification: Body, endpoint?: Body, outputs = {}) =>
      realtimeBuiltin.soak?.(taken(verification, SINGLE, { endpoint }), outputs);
    const guarded = { deployment: { strategy: 'canary', alarms: ['guard'] } };
    assert.deepEqual(soak({ soak_seconds: '60', alarms: ['mine'] }, guarded), { seconds: 60, alarms: ['mine'] });
    assert.deepEqual(soak({ soak_seconds: 60 }, guarded), { seconds: 60, alarms: ['guard'] });
    const own = { deployment: { strategy: 'canary' } };
    assert.deepEqual(soak({ soak_seconds: 60 }, own, { alarmNames: ['own-5xx', 'own-latency'] }), {
      seconds: 60,
      alarms: ['own-5xx', 'own-latency'],
    });
    assert.deepEqual(soak({ soak_seconds: 60 }), { seconds: 60, alarms: [] });
    assert.equal(soak({ soak_seconds: 0 }), undefined);
  });

  it('needs the alarms that it names', () => {
    const place = { assetsBucket: 'assets', allowUnapprovedModelPackages: false };
    const needs = realtimeBuiltin.needs?.(taken({ soak_seconds: 60, alarms: ['mine'] }), place) ?? [];
    assert.deepEqual(needs.at(-1), { kind: 'alarm', pointer: '/verification/alarms', name: 'mine' });
  });

  it('may differ per stage, or be one for all of them', () => {
    const stages = { dev: {}, staging: { smoke_request: SMOKE }, prod: { smoke_request: SMOKE, soak_seconds: 600 } };
    const of = (verification: unknown, environment: string) => {
      const request = stageValues(realtimeBuiltin, taken(verification, MULTI), environment);
      return [realtimeBuiltin.smokeRequest?.(request)?.body, realtimeBuiltin.soak?.(request, {})?.seconds];
    };
    assert.deepEqual(
      ['dev', 'staging', 'prod'].map((stage) => of(stages, stage)),
      [
        [undefined, undefined],
        ['1,2,3', undefined],
        ['1,2,3', 600],
      ],
    );
    assert.deepEqual(of({ soak_seconds: 5 }, 'prod'), [undefined, 5]);
  });

  describe('is refused, at its key,', () => {
    const asynchronous = { input_location: 'my-bucket/in', output_location: 'my-bucket/out' };
    for (const [what, verification, pointer, message] of [
      [
        'no expression',
        { smoke_request: { ...SMOKE, expected: '(' } },
        'smoke_request/expected',
        /regular expression.*group/,
      ],
      [
        'a long expression',
        { smoke_request: { ...SMOKE, expected: 'a'.repeat(501) } },
        'smoke_request/expected',
        /500/,
      ],
      ['no payload', { smoke_request: { expected: 'a' } }, 'smoke_request/body', /required/],
      ['a huge payload', { smoke_request: { body: 'a'.repeat(262_145) } }, 'smoke_request/body', /262144/],
      [
        'a header in the content type',
        { smoke_request: { ...SMOKE, content_type: 'a\r\nb' } },
        'smoke_request/content_type',
        /content type/,
      ],
      ['more than a day', { soak_seconds: 86_401 }, 'soak_seconds', /86400/],
      ['alarms without a time', { alarms: ['mine'] }, 'alarms', /no effect without soak_seconds/],
      ['an unknown key', { soak: 5 }, 'soak', /soak_seconds/],
    ] as const) {
      it(what, () => {
        const fault = onlyFault(sent(verification));
        assert.equal(fault.pointer, `/verification/${pointer}`);
        assert.match(fault.message, message);
      });
    }

    it('a smoke request to an asynchronous endpoint, in any stage', () => {
      const fault = onlyFault(sent({ smoke_request: SMOKE }, { endpoint: { asynchronous } }));
      assert.deepEqual([fault.pointer, fault.rule], ['/verification', 'conflict']);
      assert.match(fault.message, /asynchronous/);
      const endpoint = { dev: {}, staging: {}, prod: { asynchronous } };
      assert.equal(onlyFault(sent({ smoke_request: SMOKE }, { endpoint }), MULTI).pointer, '/verification');
      const verification = { dev: { smoke_request: SMOKE }, staging: {}, prod: { soak_seconds: 5 } };
      accepted(sent(verification, { endpoint }), MULTI);
    });
  });
});
