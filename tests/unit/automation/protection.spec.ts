import assert from 'node:assert/strict';
import { takeProtection } from '../../../automation/pipelines/protection.ts';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import { RequestInvalid } from '../../../blueprints/faults.ts';
import { describePipelineType } from '../../../blueprints/registry.ts';
import { isValid } from '../blueprints/json-schema-check.ts';
import { INSTALLATIONS } from '../blueprints/requests.ts';

describe('the key "protected"', () => {
  it('is a flag as others are: text will do, and an empty one is as good as none', () => {
    const taken = (value: unknown) => takeProtection({ model_name: 'm', protected: value });
    for (const value of [true, 'true', 'True', 'TRUE']) assert.equal(taken(value).protection, true);
    for (const value of [false, 'false', 'False']) assert.equal(taken(value).protection, false);
    for (const value of [null, '', undefined]) assert.equal(taken(value).protection, undefined);
    assert.deepEqual(taken(true).request, { model_name: 'm' });
    for (const value of ['yes', 1, 0, [], [true], {}, ['true']]) {
      assert.throws(() => taken(value), RequestInvalid, JSON.stringify(value));
    }
  });

  it('is in the schema of every pipeline type, with what it does', () => {
    for (const type of PIPELINE_TYPES) {
      const { requestSchema, example } = describePipelineType(type, INSTALLATIONS.MULTI);
      const { protected: property } = requestSchema.properties as Record<string, { description?: string }>;
      assert.match(property?.description ?? '', /admin/);
      assert.ok(isValid({ ...example, protected: true }, requestSchema), type);
      assert.ok(!isValid({ ...example, protected: 'yes' }, requestSchema), type);
    }
  });
});
