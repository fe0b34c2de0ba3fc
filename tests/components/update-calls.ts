/** What an update asks of the sandbox AWS, and in which order: for the specs of updates. */
import assert from 'node:assert/strict';
import { shortName } from '../../blueprints/shared/aws/physical-name.ts';
import { journal } from '../support/journal.ts';

/**
 * @param known how many calls to leave out: those of earlier executions
 * @param nameLimit of the component
 * @returns operation and logical name of each call, in order
 */
export async function callsSince(
  home: string,
  pipelineId: string,
  known: number,
  nameLimit: number,
): Promise<string[]> {
  const prefix = `${shortName(pipelineId, nameLimit)}-`;
  const calls = (await journal(home, pipelineId)).slice(known);
  return calls.map(({ operation, urn }) => `${operation} ${urn.split('::').at(-1)?.replace(prefix, '')}`);
}

/** All of `expected` is among the calls, in this order. */
export function assertInOrder(calls: readonly string[], expected: readonly string[]): void {
  const places = expected.map((call) => calls.indexOf(call));
  assert.ok(!places.includes(-1), `${expected.join(', ')} in ${calls.join(', ')}`);
  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    places,
    calls.join(', '),
  );
}
