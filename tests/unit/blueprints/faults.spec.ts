import assert from 'node:assert/strict';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import { monitorRuntime } from '../../../blueprints/model-monitor/schedule-schema.ts';
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
    const keys = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`nonsense${index}`, index]));
    const { faults } = refused(body('byom_image_builder', keys));
    assert.equal(faults.length, 101);
    assert.equal(faults.at(-1)!.message, 'has 3900 more unknown keys');
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
      assert.deepEqual([fault.pointer, fault.rule, fault.message], ['', 'range', 'contains more than 5000 values']);
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

describe('rules between keys', () => {
  it('a spot job may wait at least as long as it may run', () => {
    const sent = (wait: unknown, runtime: unknown, spot: unknown = 'True') =>
      body('model_training_builtin', {
        max_wait_time_spot_instances: wait,
        max_runtime_per_job: runtime,
        use_spot_instances: spot,
      });
    accepted(sent('3600', '3600'));
    accepted(sent(3_599, 3_600, 'False'));
    const fault = onlyFault(sent(3_599, 3_600));
    assert.deepEqual([fault.pointer, fault.rule], ['/max_wait_time_spot_instances', 'conflict']);
    assert.match(fault.message, /3600/);
  });

  it('a spot job waits two days by default, or as long as it may run', () => {
    const waits = (changes: object) =>
      accepted(body('model_training_builtin', { ...changes })).request.max_wait_time_spot_instances;
    assert.equal(waits({}), 172_800);
    assert.equal(waits({ max_runtime_per_job: 200_000 }), 200_000);
  });

  it('problem type and objective of Autopilot go together', () => {
    const autopilot = (changes: object) => body('model_autopilot_training', { ...changes });
    accepted(autopilot({ problem_type: 'Regression', job_objective: 'MSE' }));
    accepted(autopilot({ problem_type: '', job_objective: '' }));
    for (const [given, missing] of [
      [{ problem_type: 'Regression' }, '/job_objective'],
      [{ job_objective: 'MSE', problem_type: '' }, '/problem_type'],
    ] as const) {
      const fault = onlyFault(autopilot(given));
      assert.deepEqual([fault.pointer, fault.rule], [missing, 'conflict']);
      assert.match(fault.message, /give both .*, or neither/);
    }
    assert.deepEqual(places(autopilot({ problem_type: 'regression', job_objective: 'mse' })), [
      '/job_objective allowed',
      '/problem_type allowed',
    ]);
  });

  it('a monitoring job fits between two runs of its schedule', () => {
    for (const type of ['byom_data_quality_monitor', 'byom_model_bias_monitor'] as const) {
      const sent = (schedule_expression: string, monitor_max_runtime_seconds: unknown) =>
        body(type, { schedule_expression, monitor_max_runtime_seconds });
      for (const hourly of ['cron(0 * ? * * *)', 'cron(0 5/1 ? * * *)']) {
        assert.deepEqual(places(sent(hourly, '3601')), ['/monitor_max_runtime_seconds conflict']);
        accepted(sent(hourly, 3_600));
      }
      accepted(sent('cron(0 0/2 ? * * *)', 3_601));
    }
  });

  it('a monitoring job that is long for an hourly schedule is taken with a warning', () => {
    const warnings = (type: Parameters<typeof body>[0], seconds: unknown, schedule = 'cron(0 * ? * * *)') =>
      accepted(body(type, { schedule_expression: schedule, monitor_max_runtime_seconds: seconds })).warnings;
    for (const [type, limit] of [
      ['byom_data_quality_monitor', 3_300],
      ['byom_model_explainability_monitor', 3_300],
      ['byom_model_quality_monitor', 1_800],
      ['byom_model_bias_monitor', 1_800],
    ] as const) {
      assert.deepEqual(warnings(type, limit), []);
      assert.deepEqual(warnings(type, limit + 1, 'cron(0 0 ? * * *)'), []);
      const [warning, ...others] = warnings(type, String(limit + 1));
      assert.deepEqual(others, []);
      assert.ok(warning!.includes(`more than ${limit} `), warning);
    }
  });

  it('a monitoring job against ground truth is given half of the hour of an hourly schedule, whatever is asked for', () => {
    const asked = { schedule_expression: 'cron(0 * ? * * *)', monitor_max_runtime_seconds: 3_300 };
    const runtimes = (request: typeof asked) =>
      (['model_quality', 'model_bias', 'data_quality', 'model_explainability'] as const).map((kind) =>
        monitorRuntime(kind, request),
      );
    assert.deepEqual(runtimes(asked), [1_800, 1_800, 3_300, 3_300]);
    assert.deepEqual(runtimes({ ...asked, schedule_expression: 'cron(0 0/2 ? * * *)' }), [3_300, 3_300, 3_300, 3_300]);
  });

  const RANGES: [string, unknown, string | undefined][] = [
    ['a smaller and a larger bound', ['continuous', [0, 1]], undefined],
    ['bounds in the wrong order', ['continuous', [1, 0]], '/hyperparamaters_ranges/x/1 range'],
    ['equal bounds', ['integer', [1, 1]], '/hyperparamaters_ranges/x/1 range'],
    ['half an integer', ['integer', [0.5, 1]], '/hyperparamaters_ranges/x/1/0 type'],
    ['one bound', ['continuous', [1]], '/hyperparamaters_ranges/x/1 required'],
    ['three bounds', ['continuous', [1, 2, 3]], '/hyperparamaters_ranges/x/1 range'],
    ['bounds that are no numbers', ['continuous', ['a', 1]], '/hyperparamaters_ranges/x/1/0 type'],
    ['no values', ['integer'], '/hyperparamaters_ranges/x required'],
    ['too much', ['integer', [1, 20], 'Auto', 3], '/hyperparamaters_ranges/x range'],
    ['an unknown scaling type', ['integer', [1, 20], 'Log'], '/hyperparamaters_ranges/x/2 allowed'],
    ['a scaling type of categories', ['categorical', ['a'], 'Linear'], '/hyperparamaters_ranges/x range'],
    ['another kind', ['logarithmic', [1, 2]], '/hyperparamaters_ranges/x/0 allowed'],
    ['categories that are no list', ['categorical', 'a'], '/hyperparamaters_ranges/x/1 type'],
    ['no categories', ['categorical', []], '/hyperparamaters_ranges/x/1 range'],
    ['31 categories', ['categorical', Array.from({ length: 31 }, String)], '/hyperparamaters_ranges/x/1 range'],
    ['no list', 'continuous', '/hyperparamaters_ranges/x type'],
  ];
  for (const [what, range, place] of RANGES) {
    it(`a range with ${what} is ${place === undefined ? 'taken' : 'refused'}`, () => {
      const sent = body('model_tuner_builtin', { hyperparamaters_ranges: { x: range } });
      if (place === undefined) accepted(sent);
      else assert.deepEqual(places(sent), [place]);
    });
  }

  const CONFIGS: [Parameters<typeof body>[0], string, Record<string, unknown>, string][] = [
    ['model_tuner_builtin', 'tuner_configs', { max_jobs: 1 }, 'objective_metric_name required'],
    ['model_tuner_builtin', 'tuner_configs', { objective_metric_name: 'm', strategy: 'bayesian' }, 'strategy allowed'],
    [
      'model_tuner_builtin',
      'tuner_configs',
      { objective_metric_name: 'validation:auc', max_jobs: 751 },
      'max_jobs range',
    ],
    [
      'model_tuner_builtin',
      'tuner_configs',
      { objective_metric_name: 'm', max_parallel_jobs: 101 },
      'max_parallel_jobs range',
    ],
    [
      'model_tuner_builtin',
      'tuner_configs',
      { objective_metric_name: 'm', objective_type: 'max' },
      'objective_type allowed',
    ],
    [
      'model_tuner_builtin',
      'tuner_configs',
      { objective_metric_name: 'm', early_stopping_type: 'On' },
      'early_stopping_type allowed',
    ],
    [
      'model_tuner_builtin',
      'tuner_configs',
      { objective_metric_name: 'm', strategy_configuration: {} },
      'strategy_configuration unknown',
    ],
    [
      'model_tuner_builtin',
      'tuner_configs',
      { objective_metric_name: 'm', metric_definitions: [{ Name: 'n' }] },
      'metric_definitions/0/Regex required',
    ],
    ['byom_model_bias_monitor', 'bias_config', { facet_name: 'age' }, 'label_values_or_threshold required'],
    ['byom_model_bias_monitor', 'bias_config', { label_values_or_threshold: 1 }, 'facet_name required'],
    [
      'byom_model_bias_monitor',
      'bias_config',
      { label_values_or_threshold: {}, facet_name: 'a' },
      'label_values_or_threshold type',
    ],
    ...[
      { facet_name: ['age'], facet_values_or_threshold: 40 },
      { facet_name: ['age', 'sex'], facet_values_or_threshold: [40] },
      { facet_name: 'age', facet_values_or_threshold: [[40]] },
      { facet_name: 'age', facet_values_or_threshold: [40, null] },
    ].map((facets): (typeof CONFIGS)[number] => [
      'byom_model_bias_monitor',
      'bias_config',
      { label_values_or_threshold: 1, ...facets },
      'facet_values_or_threshold conflict',
    ]),
    [
      'byom_model_bias_monitor',
      'model_predicted_label_config',
      { probability_threshold: 2 },
      'probability_threshold range',
    ],
    ['byom_model_bias_monitor', 'model_predicted_label_config', { threshold: 1 }, 'threshold unknown'],
    ['byom_model_explainability_monitor', 'shap_config', { baseline: 's3://bucket/key' }, 'baseline pattern'],
    ['byom_model_explainability_monitor', 'shap_config', { num_samples: '<value>' }, 'num_samples type'],
    ['byom_model_explainability_monitor', 'shap_config', { agg_method: 'mean' }, 'agg_method allowed'],
    ['byom_model_explainability_monitor', 'shap_config', { use_logit: 'maybe' }, 'use_logit type'],
  ];
  for (const [type, key, config, place] of CONFIGS) {
    it(`${key} ${JSON.stringify(config)} is refused`, () => {
      assert.deepEqual(places(body(type, { [key]: config })), [`/${key}/${place}`]);
    });
  }

  it('a SHAP baseline and its clusters exclude each other', () => {
    const shap_config = { baseline: 'a.csv', num_clusters: 3 };
    const fault = onlyFault(body('byom_model_explainability_monitor', { shap_config }));
    assert.deepEqual([fault.pointer, fault.rule], ['/shap_config', 'conflict']);
    assert.match(fault.message, /mutually exclusive/);
  });
});
