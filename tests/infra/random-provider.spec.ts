import assert from 'node:assert/strict';
import { createRandomProvider } from '../../scripts/infra-sandbox/random/random-provider.ts';

describe('the random provider of the sandbox', () => {
  it('gives a password with a hash in the shape of bcrypt', async () => {
    const type = 'random:index/randomPassword:RandomPassword';
    const { properties } = await createRandomProvider().create({
      urn: `urn:pulumi:s::p::${type}::secret`,
      name: 'secret',
      type,
      properties: { length: 20 },
      timeout: 0,
      preview: false,
    });
    assert.equal(String(properties['result']).length, 20);
    assert.match(String(properties['bcryptHash']), /^\$2a\$10\$[A-Za-z0-9./]{53}$/);
  });
});
