import assert from 'node:assert/strict';
import { agoOf, durationOf, tickFormat } from '../../../console/src/components/time-text.ts';

const NOW = Date.UTC(2026, 5, 15, 12);
const before = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();

describe('times in the console', () => {
  it('says how long ago something was', () => {
    for (const [seconds, text] of [
      [-3, 'just now'],
      [4, 'just now'],
      [42, '42 s ago'],
      [60, '1 min ago'],
      [3 * 3_600 + 5, '3 h ago'],
      [49 * 3_600, '2 d ago'],
      [31 * 24 * 3_600, 'May 15, 2026'],
    ] as const) {
      assert.equal(agoOf(before(seconds), NOW), text);
    }
  });

  it('says how long something took, or has taken so far', () => {
    assert.equal(durationOf(before(75), before(0), NOW + 1_000_000), '1 min 15 s');
    assert.equal(durationOf(before(75), undefined, NOW), '1 min 15 s');
    assert.equal(durationOf(before(0), before(0), NOW), '< 1 s');
    assert.equal(durationOf(before(0), undefined, NOW), '0 s');
    assert.equal(durationOf(before(3_725), undefined, NOW), '1 h 2 min');
  });

  it('says on an axis no more and no less than tells its marks apart', () => {
    const marks = (spanMs: number) =>
      new Set([0, 1, 2, 3].map((mark) => tickFormat(spanMs).format(NOW + (mark * spanMs) / 4)));
    for (const minutes of [1, 11, 60, 24 * 60, 7 * 24 * 60]) {
      assert.equal(marks(minutes * 60_000).size, 4, `${minutes} min`);
    }
  });
});
