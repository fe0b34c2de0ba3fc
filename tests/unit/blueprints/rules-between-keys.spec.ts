import assert from 'node:assert/strict';
import { monitorRuntime } from '../../../blueprints/model-monitor/schedule-schema.ts';
import { accepted, body, onlyFault, places } from './requests.ts';

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
