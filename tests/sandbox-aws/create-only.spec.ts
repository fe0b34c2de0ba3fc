/** What AWS never changes in place, the sandbox AWS replaces: held against CloudFormation's resource schemas (`npm run create-only`). */
import assert from 'node:assert/strict';
import createOnly from '../aws-models/create-only.json' with { type: 'json' };
import { requireType } from '../../sandbox/aws/registry.ts';

/** CloudFormation's property → the provider's, where the case alone does not make it. */
const RENAMED: Readonly<Record<string, string>> = { EncryptionConfiguration: 'encryptionConfigurations' };
/** What the provider does not have. */
const ABSENT = ['ScalingTargetId'];

/** `ModelName` of a model is the provider's `name`; so are the names of policies, logs, alarms. */
function ownName(property: string, inputs: readonly string[]): string {
  if (RENAMED[property]) return RENAMED[property];
  const name = property.charAt(0).toLowerCase() + property.slice(1);
  return property.endsWith('Name') && !inputs.includes(name) ? 'name' : name;
}

describe('what the sandbox AWS replaces', () => {
  for (const [token, properties] of Object.entries(createOnly)) {
    it(`includes what AWS does not change in place: ${token}`, () => {
      const { replaceOn } = requireType(token);
      const listed = 'allExcept' in replaceOn ? [] : replaceOn;
      const missing = properties
        .filter((property) => !ABSENT.includes(property))
        .map((property) => ownName(property, listed))
        .filter((name) => ('allExcept' in replaceOn ? replaceOn.allExcept.includes(name) : !listed.includes(name)));
      assert.deepEqual(missing, []);
    });
  }
});
