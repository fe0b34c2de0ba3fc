/** The schema that SDKs of the package are generated from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PIPELINE_TYPES } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { COMPONENTS, SERVICE_KEYS, inputSchema } from '../../package/components.ts';
import { propertyName, toRequest } from '../../package/names.ts';
import { packageSchema } from '../../package/schema.ts';

interface Property {
  description?: string;
  $ref?: string;
  type?: string;
  items?: Property;
  oneOf?: Property[];
}

interface Schema {
  types: Record<string, { properties?: Record<string, Property>; enum?: { value: unknown }[] }>;
  resources: Record<
    string,
    {
      isComponent: boolean;
      inputProperties: Record<string, Property>;
      requiredInputs: string[];
      properties: Record<string, Property>;
    }
  >;
}

const schema = JSON.parse(
  readFileSync(new URL('../../package/schema.json', import.meta.url), 'utf8'),
) as unknown as Schema;
const inputsOf = (name: string) => schema.resources[`mlops:index:${name}`]?.inputProperties ?? {};
const requiredOf = (name: string) => schema.resources[`mlops:index:${name}`]?.requiredInputs;

describe('the schema of the Pulumi package', () => {
  it('is the one that npm run package:schema writes', () => {
    assert.deepEqual(schema, JSON.parse(JSON.stringify(packageSchema())), 'run npm run package:schema');
  });

  it('has a component for every pipeline type', () => {
    const types = COMPONENTS.flatMap(({ variants }) => variants.map(({ pipelineType }) => pipelineType));
    assert.deepEqual([...new Set(types)].sort(), [...PIPELINE_TYPES].sort());
    assert.deepEqual(
      Object.entries(schema.resources).map(([token, { isComponent }]) => [token, isComponent]),
      COMPONENTS.map(({ name }) => [`mlops:index:${name}`, true]),
    );
  });

  it('takes every key of the examples of a pipeline type, and needs none that they do not have', () => {
    for (const { name, variants, settings } of COMPONENTS) {
      for (const { pipelineType, useModelRegistry } of variants.filter((one) => !one.useModelRegistry)) {
        const { example } = BLUEPRINTS[pipelineType];
        const keys = Object.keys(example).filter((key) => !SERVICE_KEYS.has(key) && !useModelRegistry);
        const known = Object.keys(inputsOf(name));
        assert.deepEqual(
          keys.map(propertyName).filter((key) => !known.includes(key)),
          [],
          `inputs of ${name}`,
        );
        const given = new Set([...keys.map(propertyName), ...settings]);
        assert.deepEqual(
          requiredOf(name)?.filter((key) => !given.has(key)),
          [],
          `required inputs of ${name}`,
        );
      }
    }
  });

  it('requires what every way to give a model needs, and no more', () => {
    assert.deepEqual(requiredOf('RealtimeInference'), ['assetsBucket', 'dataCaptureLocation', 'inferenceInstance']);
  });

  it('describes every input and output in the names of the properties', () => {
    const properties = Object.entries(schema.resources).flatMap(([token, resource]) =>
      [...Object.entries(resource.inputProperties), ...Object.entries(resource.properties)].map(
        ([name, { description = '' }]) => [`${token}.${name}`, description] as const,
      ),
    );
    assert.ok(properties.length > 150);
    assert.deepEqual(
      properties.filter(([, description]) => description === '' || /JSON text|[a-z]_[a-z]|USE_MODEL/.test(description)),
      [],
    );
  });

  it('refers only to types that it has, and has none that nothing refers to', () => {
    const text = JSON.stringify(schema);
    const referred = new Set([...text.matchAll(/"#\/types\/([^"]+)"/g)].map(([, name]) => name));
    assert.deepEqual([...referred].sort(), Object.keys(schema.types).sort());
  });

  it('lists the values of an enumeration, and says unions and free values as such', () => {
    const { modelFramework, endpoint } = inputsOf('RealtimeInference');
    assert.equal(modelFramework?.$ref, '#/types/mlops:index:ModelFramework');
    assert.ok(schema.types['mlops:index:ModelFramework']?.enum?.some(({ value }) => value === 'xgboost'));
    assert.equal(endpoint?.$ref, '#/types/mlops:index:RealtimeInferenceEndpoint');
    const { algoHyperparameters, attributeNames } = inputsOf('ModelTraining');
    assert.equal(algoHyperparameters?.type, 'object');
    assert.deepEqual(attributeNames?.items, { type: 'string' });
    const { monitorInferenceAttribute } = inputsOf('ModelQualityMonitor');
    assert.deepEqual(monitorInferenceAttribute?.oneOf, [{ type: 'string' }, { type: 'number' }]);
  });

  it('renames keys of requests at every depth, but none of the user’s own', () => {
    const tuning = COMPONENTS.find(({ name }) => name === 'HyperparameterTuning')!;
    const inputs = {
      algoHyperparameters: { num_round: 1, numRound: 2 },
      tunerConfigs: { objectiveMetricName: 'auc', metricDefinitions: [{ name: 'auc', regex: 'auc=(.*)' }] },
    };
    assert.deepEqual(toRequest(inputs, inputSchema(tuning)), {
      algo_hyperparamaters: { num_round: 1, numRound: 2 },
      tuner_configs: { objective_metric_name: 'auc', metric_definitions: [{ Name: 'auc', Regex: 'auc=(.*)' }] },
    });
  });
});
