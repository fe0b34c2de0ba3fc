import assert from 'node:assert/strict';
import { matches } from '../../sandbox/aws/event-pattern.ts';

const EVENT = { source: 'aws.sagemaker', detail: { name: 'churn-training-1', status: 'Failed', tags: ['a', 'b'] } };

describe('event patterns of the sandbox', () => {
  for (const [what, pattern, expected] of [
    ['an exact value', { source: ['aws.sagemaker'] }, true],
    ['another value', { source: ['aws.s3'] }, false],
    ['one of several', { detail: { status: ['Completed', 'Failed'] } }, true],
    ['a prefix', { detail: { name: [{ prefix: 'churn-training-' }] } }, true],
    ['another prefix', { detail: { name: [{ prefix: 'churn-tuning-' }] } }, false],
    ['a suffix', { detail: { name: [{ suffix: '-1' }] } }, true],
    ['anything but', { detail: { status: [{ 'anything-but': ['Completed'] }] } }, true],
    ['a field that is there', { detail: { status: [{ exists: true }] } }, true],
    ['a field that is not there', { detail: { reason: [{ exists: false }] } }, true],
    ['a value of a list', { detail: { tags: ['b'] } }, true],
    ['a field of an absent object', { other: { status: ['Failed'] } }, false],
    ['all fields, of which one differs', { source: ['aws.sagemaker'], detail: { status: ['Completed'] } }, false],
  ] as const) {
    it(`${expected ? 'takes' : 'refuses'} ${what}`, () => {
      assert.equal(matches(JSON.parse(JSON.stringify(pattern)), EVENT), expected);
    });
  }
});
