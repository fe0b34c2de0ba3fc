import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readSdkTypes, SDK_TYPES_FILE, sdkTypesText } from '../../scripts/sandbox-sdk-types.ts';
import { INFRA_EXTENSION } from '../../scripts/infra-sandbox/extension.ts';
import { addTypes, simulatedTypes, requireType } from '../../sandbox/aws/registry.ts';

addTypes(INFRA_EXTENSION.types);

const require = createRequire(import.meta.url);

/** Every input and output that the SDK's own class knows. */
function propertiesOf(token: string): Set<string> {
  const [, path = ''] = token.split(':');
  const source = readFileSync(require.resolve(`@pulumi/aws/${path}.js`), 'utf8');
  return new Set([...source.matchAll(/resourceInputs\["(\w+)"\] =/g)].map(([, name]) => name ?? ''));
}

describe('sandbox AWS: its types, against those of @pulumi/aws', () => {
  it('has the required inputs and outputs of the version that is installed (npm run sandbox:types)', () => {
    assert.equal(readFileSync(SDK_TYPES_FILE, 'utf8'), sdkTypesText(readSdkTypes(simulatedTypes())));
  });

  for (const token of simulatedTypes()) {
    it(`${token} names properties that the SDK knows`, () => {
      const type = requireType(token);
      const known = propertiesOf(token);
      const replaceOn = 'allExcept' in type.replaceOn ? type.replaceOn.allExcept : type.replaceOn;
      const named = [
        ...replaceOn,
        ...(type.documents ?? []),
        ...(type.rules ?? []).map(({ path }) => path),
        ...(type.references ?? []).map(({ property }) => property),
        ...(type.autoName ? [type.autoName.property, ...(type.autoName.conflictsWith ?? [])] : []),
        ...(type.identity.kind === 'assigned' ? type.identity.searchBy : []),
        ...Object.keys(type.defaults ?? {}),
        ...(type.mayBeEmpty ?? []),
        ...type.computed,
      ].map((path) => path.split(/[.[]/)[0] ?? path);
      assert.deepEqual(
        named.filter((name) => !known.has(name)),
        [],
      );
      assert.equal(type.global ?? false, !known.has('region'));
      for (const reference of type.references ?? []) requireType(reference.type);
    });
  }
});
