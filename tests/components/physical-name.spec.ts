import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { shortName } from '../../blueprints/shared/aws/physical-name.ts';

const LIMIT = 38;
const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789');
/** SageMaker's names: letters and digits, with hyphens between them. */
const names = fc
  .array(fc.string({ unit: letters, minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join('-'));

describe('a shortened name', () => {
  it('is the name itself where it fits', () => {
    assert.equal(shortName('a'.repeat(LIMIT), LIMIT), 'a'.repeat(LIMIT));
  });

  it('never is over the limit, stays legal and is the same every time', () => {
    fc.assert(
      fc.property(names, (name) => {
        const short = shortName(name, LIMIT);
        assert.ok(short.length <= LIMIT);
        assert.match(short, /^[a-z0-9](-*[a-z0-9])*$/);
        assert.equal(shortName(name, LIMIT), short);
      }),
    );
  });

  it('keeps long names apart that begin alike', () => {
    const long = 'b'.repeat(60);
    const made = Array.from({ length: 200 }, (_, i) => shortName(`${long}-${i}`, LIMIT));
    assert.equal(new Set(made).size, made.length);
  });

  it('leaves no hyphen at the cut', () => {
    const short = shortName(`${'c'.repeat(30)}--${'d'.repeat(30)}`, LIMIT);
    assert.match(short, /^c{30}-[0-9a-f]{6}$/);
  });
});
