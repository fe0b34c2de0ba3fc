/** Makes resources and holds each against what AWS would give. */
import assert from 'node:assert/strict';
import type { Properties, Property } from '../../sandbox/provider.ts';
import type { Account, Made } from './support.ts';

/** The account that the ARNs name. */
export const A = '111111111111';
/** A policy that every service takes. */
export const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'x.amazonaws.com' }, Action: 'x:y', Resource: '*' }],
});

type Expected = string | RegExp;

/** What was made so far, in the order in which it was. */
export class World {
  readonly made: Made[] = [];
  private readonly account: Account;

  constructor(account: Account) {
    this.account = account;
  }

  /** Creates a resource and compares its id, and outputs where given. */
  async make(type: string, news: Properties, id: Expected, outputs: Record<string, Expected> = {}) {
    const name = `n${this.made.length}`;
    const resource = await this.account.create(type, name, news);
    this.made.push(resource);
    matches(resource.id, id, `id of ${type}`);
    for (const [key, expected] of Object.entries(outputs)) {
      matches(resource.properties[key], expected, `${key} of ${type}`);
    }
    const again = await this.account.read(resource);
    assert.deepEqual([again.id, again.properties], [resource.id, resource.properties], `read of ${type}`);
    assert.equal((await this.account.diff(resource, {})).changes, 'none', `diff of ${type}`);
    return resource;
  }
}

function matches(actual: Property | undefined, expected: Expected, what: string): void {
  if (typeof expected === 'string') assert.equal(actual, expected, what);
  else assert.match(String(actual), expected, what);
}

/** An output as text. */
export const out = (made: Made, key: string): string => String(made.properties[key]);
