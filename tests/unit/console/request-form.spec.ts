import assert from 'node:assert/strict';
import { describePipelineType, pipelineTypes } from '../../../blueprints/registry.ts';
import type { Field, Schema } from '../../../console/src/pages/new/schema-fields.ts';
import { fieldsOf } from '../../../console/src/pages/new/schema-fields.ts';

const SETTINGS = { useModelRegistry: false, multiAccount: true };

function formOf(type: string, used: readonly string[] = []): Field[] {
  return fieldsOf(describePipelineType(type, SETTINGS).requestSchema as Schema, used);
}

function field(fields: readonly Field[], ...[key, ...rest]: string[]): Field {
  const found = fields.find((each) => each.key === key);
  assert.ok(found, `no field ${key}`);
  if (rest.length === 0) return found;
  assert.ok(found.kind === 'group', `${key} is no group`);
  return field(found.fields, ...rest);
}

describe('form of a request', () => {
  it('has a described field for every key of the example of every type, the required ones first', () => {
    for (const type of pipelineTypes()) {
      const { example } = describePipelineType(type, SETTINGS);
      const fields = formOf(type);
      const keys = fields.map(({ key }) => key);
      const missing = Object.keys(example).filter((key) => key !== 'pipeline_type' && !keys.includes(key));
      assert.deepEqual(missing, [], type);
      assert.deepEqual(
        fields.filter(({ description }) => description === '').map(({ key }) => key),
        [],
        type,
      );
      const optional = fields.findIndex(({ required }) => !required);
      assert.ok(optional > 0, type);
      assert.ok(
        fields.slice(optional).every(({ required }) => !required),
        type,
      );
    }
  });

  it('chooses the field by what a value may be', () => {
    const realtime = formOf('byom_realtime_builtin');
    const instance = field(realtime, 'inference_instance');
    assert.deepEqual(
      [instance.kind, instance.perEnvironment, instance.required, instance.example],
      ['text', true, true, 'ml.m5.large'],
    );
    const framework = field(realtime, 'model_framework');
    assert.ok(framework.kind === 'choice' && framework.choices.includes('xgboost'));
    assert.equal(framework.perEnvironment, false);
    assert.equal(field(realtime, 'endpoint', 'autoscaling', 'min_capacity').kind, 'number');
    assert.equal(field(realtime, 'protected').kind, 'boolean');
    const tuner = formOf('model_tuner_builtin');
    assert.equal(field(tuner, 'algo_hyperparamaters').kind, 'map');
    // Ranges are lists of a type and bounds.
    assert.equal(field(tuner, 'hyperparamaters_ranges').kind, 'json');
    const metrics = field(tuner, 'tuner_configs', 'metric_definitions');
    assert.ok(metrics.kind === 'list' && metrics.item.kind === 'group');
  });

  it('shows the other spelling of a key only where the request uses it', () => {
    const spellings = (used: string[]) =>
      formOf('byom_realtime_builtin', used)
        .filter(({ key }) => /_capture_location$/.test(key))
        .map(({ key, required }) => [key, required]);
    assert.deepEqual(spellings([]), [['data_capture_location', true]]);
    assert.deepEqual(spellings(['date_capture_location']), [['date_capture_location', true]]);
    // Both is a fault, which the service reports: both can be seen and one of them emptied.
    assert.equal(spellings(['data_capture_location', 'date_capture_location']).length, 2);
  });
});
