import assert from 'node:assert/strict';
import type { PipelineType, SchemaSettings } from '../../../blueprints/blueprint.ts';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import {
  BLUEPRINTS,
  describePipelineType,
  exampleFor,
  findBlueprint,
  listPipelineTypes,
} from '../../../blueprints/registry.ts';
import { knownKeys, openSchema } from '../../../blueprints/request/known-keys.ts';
import { MULTI_ACCOUNT, SINGLE_ACCOUNT } from './guide-bodies.ts';
import { isValid } from './json-schema-check.ts';
import { INSTALLATIONS, MULTI, REGISTRY, SINGLE, accepted, body } from './requests.ts';

interface Described {
  flags?: { description?: string };
  examples?: unknown[];
  keys?: Record<string, Described>;
}

const POSTFIXES: Record<PipelineType, string> = {
  byom_realtime_builtin: 'byompipelinerealtimebuiltin',
  byom_realtime_custom: 'byompipelinerealtimecustom',
  byom_batch_builtin: 'byompipelinebatchbuiltin',
  byom_batch_custom: 'byompipelinebatchcustom',
  model_training_builtin: 'modeltraining',
  model_tuner_builtin: 'tunertraining',
  model_autopilot_training: 'autopilottraining',
  byom_data_quality_monitor: 'byomdataqualitymonitor',
  byom_model_quality_monitor: 'byommodelqualitymonitor',
  byom_model_bias_monitor: 'byommodelbiasmonitor',
  byom_model_explainability_monitor: 'byommodelexplainabilitymonitor',
  byom_image_builder: 'byompipelineimagebuilder',
};

/** Keys and keys of objects in them, as `outer.inner`. */
function allKeys({ keys = {} }: Described, before = ''): [string, Described][] {
  return Object.entries(keys).flatMap(([key, inner]) => [
    [`${before}${key}`, inner],
    ...allKeys(inner, `${before}${key}.`),
  ]);
}

/** Every `$ref` or `$defs` anywhere in a schema. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [...(key.startsWith('$') ? [key] : []), ...references(inner)]);
}

describe('registry of pipeline types', () => {
  it('has the twelve types of the guide, each under its own name', () => {
    assert.deepEqual(Object.keys(BLUEPRINTS).sort(), [...PIPELINE_TYPES].sort());
    for (const [type, { pipelineType }] of Object.entries(BLUEPRINTS)) assert.equal(pipelineType, type);
  });

  it('finds a type by its exact name, and nothing by any other', () => {
    assert.equal(findBlueprint('byom_image_builder'), BLUEPRINTS.byom_image_builder);
    for (const name of ['', 'BYOM_IMAGE_BUILDER', ' byom_image_builder', 'constructor', '__proto__', 'toString']) {
      assert.equal(findBlueprint(name), undefined, name);
    }
  });

  for (const type of PIPELINE_TYPES) {
    describe(type, () => {
      const blueprint = BLUEPRINTS[type];

      it("names its pipelines as the original's stacks were named", () => {
        const { pipelineId, modelName } = accepted(body(type, { [blueprint.nameKey]: 'My-Name' }));
        assert.equal(pipelineId, `mlops-pipeline-my-name-${POSTFIXES[type]}`);
        assert.equal(modelName, 'My-Name');
      });

      it('has an example that is valid in every kind of installation', () => {
        for (const settings of Object.values(INSTALLATIONS)) {
          assert.deepEqual(accepted(exampleFor(blueprint, settings), settings).warnings, []);
          assert.deepEqual(describePipelineType(type, settings).example, exampleFor(blueprint, settings));
        }
      });

      it('describes every key and gives an example that is taken', () => {
        for (const settings of Object.values(INSTALLATIONS)) {
          const keys = allKeys(blueprint.schema(settings).describe() as Described);
          assert.ok(keys.length > 3);
          for (const [name, { flags, examples }] of keys) {
            if (name === 'model_package_name' && !settings.useModelRegistry) continue;
            assert.ok((flags?.description ?? '').length >= 4, `${name} has no description`);
            assert.ok(examples && examples.length > 0, `${name} has no example`);
          }
          for (const [name, { examples = [] }] of keys.filter(([key]) => !key.includes('.'))) {
            if (['max_wait_time_spot_instances', 'problem_type', 'job_objective'].includes(name)) continue;
            const streamed = ['compression_type', 'data_record_wrapping'].includes(name)
              ? { data_input_mode: 'Pipe' }
              : {};
            for (const example of examples) accepted(body(type, { ...streamed, [name]: example }, settings), settings);
          }
        }
      });

      it('says which of its keys may differ per stage, and only these may', () => {
        const { keys } = blueprint.schema(MULTI).describe() as { keys: Record<string, { examples?: unknown[] }> };
        const staged = Object.entries(keys)
          .filter(([key, { examples = [] }]) => {
            const [value] = examples;
            const sent = body(type, { [key]: { dev: value, staging: value, prod: value } }, MULTI);
            try {
              return typeof accepted(sent, MULTI).request[key] === 'object';
            } catch {
              return false;
            }
          })
          // An object of hyperparameters is one value.
          .filter(([key]) => key !== 'algo_hyperparamaters')
          .map(([key]) => key);
        assert.deepEqual(staged.sort(), blueprint.perStageKeys.toSorted());
      });

      it('is described with what it takes to use it', () => {
        const description = describePipelineType(type, SINGLE);
        assert.equal(description.pipelineType, type);
        assert.ok(description.title && description.description);
        assert.equal(
          description.placement,
          type.startsWith('byom_') && type !== 'byom_image_builder' ? 'environments' : 'orchestrator',
        );
        assert.equal(description.provisionable, blueprint.loadProgram !== undefined);
      });

      it('publishes a JSON Schema that stands alone and tells every key', () => {
        for (const settings of Object.values(INSTALLATIONS)) {
          const { requestSchema } = describePipelineType(type, settings);
          const properties = requestSchema.properties as Record<string, { description?: string; examples?: unknown[] }>;
          assert.deepEqual(references(requestSchema), []);
          assert.equal(requestSchema.type, 'object');
          assert.equal(requestSchema.additionalProperties, false);
          for (const [key, property] of Object.entries(properties)) {
            assert.ok(property.description, `${key} has no description`);
            for (const example of property.examples ?? [assert.fail(`${key} has no example`)]) {
              assert.ok(isValid(example, property), `${key} does not take ${JSON.stringify(example)}`);
            }
          }
        }
      });

      it('publishes a JSON Schema that takes its example, and not without a required key', () => {
        for (const settings of Object.values(INSTALLATIONS)) {
          const { requestSchema, example } = describePipelineType(type, settings);
          assert.ok(isValid(example, requestSchema));
          assert.ok(isValid(accepted(example, settings).request, requestSchema), 'as it is stored');
          assert.ok(!isValid({ ...example, model_naem: 'x' }, requestSchema));
          const { pipeline_type, ...rest } = example;
          assert.ok(pipeline_type && !isValid(rest, requestSchema));
        }
      });
    });
  }

  it('publishes JSON Schemas that take the examples of the guide', () => {
    for (const [examples, settings] of [
      [SINGLE_ACCOUNT, SINGLE],
      [SINGLE_ACCOUNT, MULTI],
      [MULTI_ACCOUNT, MULTI],
    ] as const) {
      for (const [name, sent] of Object.entries(examples)) {
        const { requestSchema } = describePipelineType(sent.pipeline_type as PipelineType, settings);
        assert.ok(isValid(sent, requestSchema), name);
      }
    }
  });

  it('publishes JSON Schemas that take what is forgiven: text for numbers, booleans and objects', () => {
    const { requestSchema } = describePipelineType('model_training_builtin', SINGLE);
    const forgiven = {
      instance_count: '2',
      use_spot_instances: 'True',
      encrypt_inner_traffic: 'FALSE',
      algo_hyperparamaters: '{"num_round": 3}',
      attribute_names: '["a"]',
      model_framework_version: 1,
    };
    const sent = body('model_training_builtin', forgiven);
    accepted(sent);
    assert.ok(isValid(sent, requestSchema));
    for (const wrong of [{ instance_count: 'two' }, { use_spot_instances: 'yes' }, { algo_hyperparamaters: 'x' }]) {
      assert.ok(!isValid({ ...sent, ...wrong }, requestSchema), JSON.stringify(wrong));
    }
  });

  it('publishes JSON Schemas that take one of two spellings, and not both', () => {
    const { requestSchema } = describePipelineType('model_training_builtin', SINGLE);
    const { algo_hyperparamaters: value, ...rest } = body('model_training_builtin');
    assert.ok(isValid({ ...rest, algo_hyperparameters: value }, requestSchema));
    assert.ok(!isValid(rest, requestSchema));
    assert.ok(!isValid({ ...rest, algo_hyperparamaters: value, algo_hyperparameters: value }, requestSchema));
    const wait = { max_wait_time_spot_instances: 90_000, Max_wait_time_spot_instances: 90_000 };
    assert.ok(!isValid({ ...body('model_training_builtin'), ...wait }, requestSchema));
  });

  it('lists all types with the same descriptions', () => {
    assert.deepEqual(
      listPipelineTypes(REGISTRY),
      PIPELINE_TYPES.map((type) => describePipelineType(type, REGISTRY)),
    );
  });

  it('leads to a program for what it says to be provisionable', async () => {
    const loaded = await Promise.all(
      Object.values(BLUEPRINTS).map(async ({ pipelineType, loadProgram }) => [
        pipelineType,
        typeof (await loadProgram?.()),
      ]),
    );
    for (const [type, program] of loaded) {
      const { provisionable } = describePipelineType(type as PipelineType, SINGLE);
      assert.equal(program, provisionable ? 'function' : 'undefined', type);
    }
  });

  it('describes each type once for each kind of installation', () => {
    const described = describePipelineType('byom_realtime_builtin', SINGLE);
    assert.equal(describePipelineType('byom_realtime_builtin', { ...SINGLE }), described);
    assert.notEqual(describePipelineType('byom_realtime_builtin', REGISTRY), described);
  });

  it('knows every key of every type, in any installation', () => {
    for (const key of ['model_package_name', 'custom_image_uri', 'features_attribute', 'image_tag', 'job_objective']) {
      assert.ok(knownKeys().has(key), key);
    }
    assert.ok(!knownKeys().has('modelName'));
  });

  it('reads the keys of a schema without the description of joi, which takes long', () => {
    for (const blueprint of Object.values(BLUEPRINTS)) {
      let descriptions = 0;
      const counted = (settings: SchemaSettings) => {
        const schema = blueprint.schema(settings);
        const describe = schema.describe.bind(schema);
        return Object.assign(schema, { describe: () => (descriptions++, describe()) });
      };
      const watched = { ...blueprint, schema: counted };
      const { keys, keysAt, isOptional, schema } = openSchema(watched, SINGLE);
      const described = schema.describe() as { keys: Record<string, { flags?: { presence?: string } }> };
      descriptions = 0;
      assert.equal(schema.validate(blueprint.example).error, undefined);
      assert.deepEqual(keysAt([]), keys);
      for (const key of keys) assert.equal(isOptional(key), described.keys[key]?.flags?.presence !== 'required', key);
      assert.equal(descriptions, 0, blueprint.pipelineType);
    }
  });
});
