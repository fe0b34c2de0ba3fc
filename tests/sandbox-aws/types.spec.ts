import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { SIMULATED_TYPES, requireType } from '../../sandbox/aws/registry.ts';

const require = createRequire(import.meta.url);

/** What the SDK's own class says of a type. */
async function definitionOf(token: string) {
  const [, path = ''] = token.split(':');
  const source = await readFile(require.resolve(`@pulumi/aws/${path}.js`), 'utf8');
  const all = (pattern: RegExp) => [...source.matchAll(pattern)].map(([, name]) => name ?? '');
  return {
    token: all(/__pulumiType = '([^']+)'/g)[0],
    inputs: all(/resourceInputs\["(\w+)"\] = \(?args/g),
    outputs: all(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g),
    required: all(/Missing required property '(\w+)'/g),
  };
}

/** Left out by AWS itself in a resource that does not use them. */
const OPTIONAL_OUTPUTS: Record<string, string[]> = {
  'aws:appautoscaling/target:Target': [],
  'aws:s3/bucket:Bucket': ['websiteDomain', 'websiteEndpoint'],
  'aws:s3/bucketObjectv2:BucketObjectv2': [
    'checksumCrc32',
    'checksumCrc32c',
    'checksumCrc64nvme',
    'checksumSha1',
    'checksumSha256',
  ],
  'aws:sns/topic:Topic': ['beginningArchiveTime'],
};

describe('sandbox AWS: its types, against those of @pulumi/aws', () => {
  for (const token of SIMULATED_TYPES) {
    it(`${token} has the inputs, required inputs and outputs of the SDK`, async () => {
      const type = requireType(token);
      const sdk = await definitionOf(token);
      assert.equal(sdk.token, token);
      const required = [...sdk.required].filter((name) => name !== 'targetPrefix');
      assert.deepEqual([...(type.required ?? [])].sort(), required.sort());

      const outputs = sdk.outputs.filter((name) => !OPTIONAL_OUTPUTS[token]?.includes(name));
      const given = new Set([
        ...type.computed,
        ...Object.keys(type.defaults ?? {}),
        ...(type.taggable ? ['tagsAll'] : []),
      ]);
      assert.deepEqual(
        outputs.filter((name) => !given.has(name)),
        [],
      );
      assert.equal(type.taggable ?? false, sdk.outputs.includes('tagsAll'));

      const known = new Set([...sdk.inputs, ...sdk.outputs]);
      const replaceOn = 'allExcept' in type.replaceOn ? type.replaceOn.allExcept : type.replaceOn;
      const named = [
        ...replaceOn,
        ...(type.documents ?? []),
        ...(type.rules ?? []).map(({ path }) => path),
        ...(type.references ?? []).map(({ property }) => property),
        ...(type.autoName ? [type.autoName.property, ...(type.autoName.conflictsWith ?? [])] : []),
        ...(type.identity.kind === 'assigned' ? type.identity.searchBy : []),
        ...Object.keys(type.defaults ?? {}),
        ...type.computed,
      ].map((path) => path.split(/[.[]/)[0] ?? path);
      assert.deepEqual(
        named.filter((name) => !known.has(name)),
        [],
      );
      assert.equal(type.global ?? false, !sdk.inputs.includes('region'));
      for (const reference of type.references ?? []) requireType(reference.type);
    });
  }
});
