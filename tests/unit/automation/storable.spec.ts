import assert from 'node:assert/strict';
import fc from 'fast-check';
import { storableJson, storableText } from '../../../automation/platform/storable.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\0', '\ud800', 'a\\u0000', '\\', '\\\0', '\udc00\ud800', '\\ud800', '😀', '"\\\\u0000"'),
);

describe('what PostgreSQL stores', () => {
  it('is every text, with a mark for each character that it cannot store', () => {
    fc.assert(
      fc.property(
        fc.jsonValue().chain((json) => fc.tuple(fc.constant(json), fc.array(text))),
        ([json, texts]) => {
          const value = { json, texts, ...Object.fromEntries(texts.map((one) => [`key ${one}`, one])) };
          const stored = storableJson(value);
          assert.doesNotMatch(stored.replaceAll('\\\\', ''), /\\u0000|\\ud[89a-f]/);
          const expected = texts.map(storableText);
          assert.deepEqual((JSON.parse(stored) as { texts: string[] }).texts, expected);
          for (const one of expected) assert.ok(one.isWellFormed() && !one.includes('\0'));
        },
      ),
    );
  });

  it('is unchanged otherwise', () => {
    const value = { path: 'C:\\u0000', emoji: '😀', quote: '"', list: [1, null, 'é\n'] };
    assert.equal(storableJson(value), JSON.stringify(value));
  });
});
