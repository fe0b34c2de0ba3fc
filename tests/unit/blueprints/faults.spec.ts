import assert from 'node:assert/strict';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import { BLUEPRINTS, exampleFor } from '../../../blueprints/registry.ts';
import { MULTI, REGISTRY, SINGLE, accepted, body, onlyFault, places, refused } from './requests.ts';

const UNSUPPORTED = 'Bad request format. Pipeline type not supported. Check documentation for API & config formats';

/** `levels` objects, one in the other. */
function nested(levels: number): unknown {
  return JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
}

describe('a refused request', () => {
  it('tells everything that is wrong at once', () => {
    const sent = body('model_tuner_builtin', {
      model_name: 'my_model',
      model_framework: 'xgbost',
      training_data: undefined,
      instance_type: 'huge',
      max_runtime_per_job: 1_000,
      max_wait_time_spot_instances: 999,
      s3_data_type: 'Prefix',
      tuner_configs: { max_jobs: 0, strategie: 'Random' },
      hyperparamaters_ranges: { a: ['continuous', [2, 1]], b: ['integer', [1]] },
      algo_hyperparameters: {},
      nonsense: 1,
    });
    assert.deepEqual(places(sent), [
      '/algo_hyperparameters conflict',
      '/hyperparamaters_ranges/a/1 range',
      '/hyperparamaters_ranges/b/1 required',
      '/instance_type pattern',
      '/max_wait_time_spot_instances conflict',
      '/model_framework allowed',
      '/model_name pattern',
      '/nonsense unknown',
      '/s3_data_type allowed',
      '/training_data required',
      '/tuner_configs/max_jobs range',
      '/tuner_configs/objective_metric_name required',
      '/tuner_configs/strategie unknown',
    ]);
  });

  it('repeats what was sent without user names and passwords', () => {
    const location = 'https://kim:canary-of-kim@example.com/model.zip';
    for (const value of [location, { dev: location }]) {
      const { faults } = refused(body('byom_realtime_builtin', { model_artifact_location: value }), MULTI);
      assert.ok(JSON.stringify(faults).includes('https://***@example.com'), JSON.stringify(faults));
      assert.ok(!JSON.stringify(faults).includes('canary'), JSON.stringify(faults));
    }
  });

  it('carries an example that this installation would take', () => {
    for (const settings of [SINGLE, MULTI, REGISTRY]) {
      const { example } = refused({ pipeline_type: 'byom_realtime_builtin' }, settings);
      assert.deepEqual(example, exampleFor(BLUEPRINTS.byom_realtime_builtin, settings));
      accepted(example, settings);
    }
  });

  it('suggests what an unknown key may mean', () => {
    const cases: [string, string | undefined][] = [
      ['modelname', 'model_name'],
      ['Model_Name', 'model_name'],
      ['model-name', 'model_name'],
      ['inference_instanse', 'inference_instance'],
      ['algo_hyperparameter', 'algo_hyperparameters'],
      ['kms_key', 'kms_key_arn'],
      ['color', undefined],
      ['x'.repeat(1_000), undefined],
    ];
    for (const [key, meant] of cases) {
      const fault = onlyFault(body('byom_realtime_builtin', { [key]: 1 }));
      assert.equal(fault.rule, 'unknown');
      const ending = meant === undefined ? '' : `; did you mean "${meant}"?`;
      assert.equal(fault.message, `is not a key of any pipeline type${ending}`);
    }
  });

  it('says what may be meant by a key inside an object, and which there are', () => {
    const config = { objective_metric_name: 'validation:auc', max_job: 1 };
    const { pointer, message } = onlyFault(body('model_tuner_builtin', { tuner_configs: config }));
    assert.equal(pointer, '/tuner_configs/max_job');
    assert.match(message, /^is not supported here; supported: .*max_jobs.*; did you mean "max_jobs"\?$/);
    const bias = { label_values_or_threshold: 1, facet_name: 'age', facet_value_or_threshold: 40 };
    assert.match(
      onlyFault(body('byom_model_bias_monitor', { bias_config: bias })).message,
      /did you mean "facet_values_or_threshold"\?$/,
    );
    const tags = [{ Key: 'team', Value: 'churn', Valu: 'churn' }];
    const inList = { objective_metric_name: 'validation:auc', tags };
    assert.match(
      onlyFault(body('model_tuner_builtin', { tuner_configs: inList })).message,
      /supported: Key, Value; did you mean "Value"\?$/,
    );
  });

  it('points to odd keys by the rules of JSON pointers, cut where they are long', () => {
    assert.equal(onlyFault(body('byom_image_builder', { 'a/b~c': 1 })).pointer, '/a~1b~0c');
    assert.equal(onlyFault(body('byom_image_builder', { ['k'.repeat(5_000)]: 1 })).pointer.length, 201);
  });

  it('shows at most 200 characters of what was sent', () => {
    const long = 'a_'.repeat(10_000);
    const sent = body('model_training_builtin', {
      model_name: long,
      algo_hyperparamaters: Array(4_000).fill('x'),
      use_spot_instances: { a: long },
      nonsense: [long],
    });
    const { faults } = refused(sent);
    assert.ok(faults.length >= 4);
    for (const { value, message } of faults) {
      assert.ok(typeof value === 'string' && value.length <= 200, JSON.stringify(value));
      assert.ok(message.length <= 1_000);
    }
  });

  it('tells the number of faults where there are too many to list', () => {
    const keys = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`nonsense${index}`, index]));
    const { faults } = refused(body('byom_image_builder', keys));
    assert.equal(faults.length, 101);
    assert.equal(faults.at(-1)!.message, 'has 50 more unknown keys');
    const list = refused(body('model_training_builtin', { attribute_names: Array(4_000).fill(1) })).faults;
    assert.ok(list.length <= 101);
  });

  it('does not suggest what is far from what was sent', () => {
    assert.doesNotMatch(
      onlyFault(body('byom_realtime_builtin', { model_framework: 'tensorflow' })).message,
      /did you mean/,
    );
  });

  describe('by its shape', () => {
    for (const sent of [undefined, null, 1, 'text', true, [], [{ pipeline_type: 'byom_image_builder' }]]) {
      it(`${JSON.stringify(sent) ?? 'nothing'} is no request`, () => {
        const error = refused(sent);
        assert.equal(error.message, 'Bad request. The body must be a JSON object.');
        assert.deepEqual(
          error.faults.map(({ pointer, rule }) => [pointer, rule]),
          [['', 'type']],
        );
      });
    }

    const types: [unknown, string, RegExp][] = [
      [undefined, 'required', /^is required/],
      [null, 'type', /must be a string/],
      [1, 'type', /must be a string/],
      [['byom_image_builder'], 'type', /must be a string/],
      ['', 'allowed', /^is not a pipeline type$/],
      ['constructor', 'allowed', /^is not a pipeline type$/],
      ['__proto__', 'allowed', /^is not a pipeline type$/],
      ['BYOM_REALTIME_BUILTIN', 'allowed', /did you mean "byom_realtime_builtin"\?$/],
      ['byom_realtime_builtn', 'allowed', /did you mean "byom_realtime_builtin"\?$/],
      ['model_training_built-in', 'allowed', /did you mean "model_training_builtin"\?$/],
      ['x'.repeat(100_000), 'allowed', /^is not a pipeline type$/],
    ];
    for (const [pipeline_type, rule, message] of types) {
      it(`pipeline_type ${JSON.stringify(pipeline_type)?.slice(0, 40) ?? 'left out'} is not supported`, () => {
        const error = refused({ ...body('byom_image_builder'), pipeline_type });
        assert.equal(error.message, UNSUPPORTED);
        assert.equal(error.faults.length, 1);
        const [fault] = error.faults;
        assert.equal(fault!.pointer, '/pipeline_type');
        assert.equal(fault!.rule, rule);
        assert.match(fault!.message, message);
        assert.deepEqual(fault!.allowed, PIPELINE_TYPES);
      });
    }

    it('is nested too deep', () => {
      const fault = onlyFault(body('model_training_builtin', { algo_hyperparamaters: { a: nested(100_000) } }));
      assert.equal(fault.rule, 'depth');
      accepted(body('model_training_builtin', { algo_hyperparamaters: { a: nested(60) } }));
      assert.equal(onlyFault(nested(100_000)).rule, 'depth');
      const text = JSON.stringify({ a: nested(70) });
      assert.equal(onlyFault(body('model_training_builtin', { algo_hyperparamaters: text })).rule, 'pattern');
    });

    it('holds more values than any request needs', () => {
      const fault = onlyFault(body('model_training_builtin', { attribute_names: Array(50_000).fill('a') }));
      assert.deepEqual(
        [fault.pointer, fault.rule, fault.message],
        ['', 'range', 'has more than 5000 keys and list entries'],
      );
    });

    it('has more keys than all types together', () => {
      const keys = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`nonsense${index}`, index]));
      const fault = onlyFault(keys);
      assert.deepEqual([fault.pointer, fault.rule, fault.message], ['', 'range', 'has more than 200 keys']);
    });

    it('has characters that cannot be stored, anywhere', () => {
      for (const bad of ['a\0b', '\ud800']) {
        for (const changes of [
          { algo_hyperparamaters: { a: bad } },
          { algo_hyperparamaters: { [bad]: 1 } },
          { [bad]: 1 },
          { training_data: bad },
        ]) {
          assert.match(places(body('model_training_builtin', changes)).join(), / characters/);
        }
      }
    });

    it('has a number that JSON cannot hold', () => {
      const fault = onlyFault(JSON.parse('{"pipeline_type": "byom_image_builder", "x": 1e999}'));
      assert.deepEqual([fault.pointer, fault.rule], ['/x', 'range']);
    });

    it('has keys that could reach into prototypes', () => {
      const sent = JSON.stringify(body('model_training_builtin'));
      assert.deepEqual(places(JSON.parse(sent.replace('{', '{"__proto__": {"model_name": "x"},'))), [
        '/__proto__ unknown',
      ]);
      assert.deepEqual(places(JSON.parse(sent.replace('"eval_metric"', '"__proto__": {}, "eval_metric"'))), [
        '/algo_hyperparamaters pattern',
      ]);
      assert.deepEqual(places({ ...body('byom_image_builder'), constructor: 1, toString: 2 }), [
        '/constructor unknown',
        '/toString unknown',
      ]);
      assert.equal(Reflect.get({}, 'model_name'), undefined);
    });
  });
});
