import assert from 'node:assert/strict';
import {
  faultsAt,
  looseText,
  parsedLoosely,
  parsedNumber,
  pointerOf,
  withValue,
} from '../../../console/src/pages/new/request-value.ts';

describe('changing a request', () => {
  it('sets, replaces and removes what is at a path, and leaves the rest and its order', () => {
    const before = { model_name: 'a', endpoint: { autoscaling: { min_capacity: 1 } }, alarms: ['x', 'y'] };
    const copy = structuredClone(before);
    const after = withValue(before, ['endpoint', 'autoscaling', 'max_capacity'], 4);
    assert.deepEqual(after, { ...copy, endpoint: { autoscaling: { min_capacity: 1, max_capacity: 4 } } });
    assert.deepEqual(Object.keys(withValue(before, ['model_name'], 'b') as object), Object.keys(copy));
    assert.deepEqual(withValue(before, ['endpoint'], undefined), { model_name: 'a', alarms: ['x', 'y'] });
    assert.deepEqual(withValue(before, ['alarms', 0], undefined), { ...copy, alarms: ['y'] });
    assert.deepEqual(withValue(before, ['alarms', 2], 'z'), { ...copy, alarms: ['x', 'y', 'z'] });
    // An object takes the place of what is none.
    assert.deepEqual(withValue({ a: 'text' }, ['a', 'dev'], 1), { a: { dev: 1 } });
    assert.deepEqual(before, copy);
  });

  it('finds the faults of a field by JSON pointer', () => {
    assert.equal(pointerOf(['a/b', 0, 'c~d']), '/a~1b/0/c~0d');
    const faults = ['', '/endpoint', '/endpoint/min', '/endpoint_name'].map((pointer) => ({ pointer }));
    const at = (below: boolean) => faultsAt(faults, ['endpoint'], below).map(({ pointer }) => pointer);
    assert.deepEqual(at(false), ['/endpoint']);
    assert.deepEqual(at(true), ['/endpoint', '/endpoint/min']);
  });

  it('takes numbers and JSON from text, and leaves text that is neither', () => {
    for (const [text, value] of [
      ['0.5', 0.5],
      ['true', true],
      ['[1, 2]', [1, 2]],
      ['"1"', '1'],
      ['auc', 'auc'],
      ['truest', 'truest'],
      ['{"a": ', '{"a": '],
    ] as const) {
      assert.deepEqual(parsedLoosely(text), value);
    }
    assert.equal(parsedNumber(' 12 '), 12);
    assert.equal(parsedNumber(''), undefined);
    assert.equal(parsedNumber('12a'), '12a');
    assert.equal(looseText(0.5), '0.5');
    assert.equal(looseText(undefined), '');
  });
});
