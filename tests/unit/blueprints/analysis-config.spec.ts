import assert from 'node:assert/strict';
import { analysisConfigs, csvHeader } from '../../../blueprints/model-monitor/analysis-config.ts';
import { baselineJob } from '../../../blueprints/model-monitor/baseline-job.ts';
import type { MonitorRequest } from '../../../blueprints/model-monitor/monitor-request.ts';
import { monitorName } from '../../../blueprints/model-monitor/monitor-request.ts';
import { accepted, body } from './requests.ts';

const HEADERS = ['label', 'age', 'income'];
const PREDICTOR = {
  model_name: 'model',
  instance_type: 'ml.m5.large',
  initial_instance_count: 1,
  accept_type: 'text/csv',
};
const request = (
  type: 'byom_model_bias_monitor' | 'byom_model_explainability_monitor' | 'byom_model_quality_monitor',
  changes = {},
) => accepted(body(type, changes)).request as unknown as MonitorRequest;

describe('configuration of Clarify', () => {
  it('has what bias is measured against, for the baseline and the schedule', () => {
    const given = request('byom_model_bias_monitor', {
      bias_config: {
        label_values_or_threshold: '1',
        facet_name: ['age', 'income'],
        facet_values_or_threshold: ['40', ['1', '2']],
        group_name: 'region',
      },
      model_predicted_label_config: { probability: 0, probability_threshold: 0.8, label_headers: ['yes', 'no'] },
    });
    const { baseline, monitor } = analysisConfigs('model_bias', { ...given, assetsBucket: 'assets' }, HEADERS, 'model');
    const bias = {
      headers: HEADERS,
      label: 'label',
      label_values_or_threshold: ['1'],
      facet: [
        { name_or_index: 'age', value_or_threshold: ['40'] },
        { name_or_index: 'income', value_or_threshold: ['1', '2'] },
      ],
      group_variable: 'region',
    };
    assert.deepEqual(baseline, {
      dataset_type: 'text/csv',
      ...bias,
      probability_threshold: 0.8,
      methods: {
        report: { name: 'report', title: 'Analysis Report' },
        pre_training_bias: { methods: 'all' },
        post_training_bias: { methods: 'all' },
      },
      predictor: { ...PREDICTOR, probability: 0, label_headers: ['yes', 'no'] },
    });
    assert.deepEqual(monitor, bias);
  });

  it('has how attributions are computed; the schedule’s data has no label', () => {
    const given = request('byom_model_explainability_monitor', { model_scores: 0 });
    const { baseline, monitor } = analysisConfigs(
      'model_explainability',
      { ...given, assetsBucket: 'assets' },
      HEADERS,
      'model',
    );
    const shap = {
      baseline: 's3://assets/path/to/shap_baseline_dataset.csv',
      num_samples: 100,
      agg_method: 'mean_abs',
      use_logit: false,
      save_local_shap_values: true,
    };
    const predictor = { ...PREDICTOR, label: 0 };
    assert.deepEqual(baseline, {
      dataset_type: 'text/csv',
      headers: HEADERS,
      label: 'label',
      predictor,
      methods: { report: { name: 'report', title: 'Analysis Report' }, shap },
    });
    assert.deepEqual(monitor, { headers: ['age', 'income'], predictor, methods: { shap } });
  });

  it('takes rows to compare with as they are', () => {
    const given = request('byom_model_explainability_monitor', { shap_config: { baseline: [[1, 2]] } });
    const { monitor } = analysisConfigs('model_explainability', { ...given, assetsBucket: 'assets' }, HEADERS, 'model');
    assert.deepEqual((monitor.methods as { shap: { baseline: unknown } }).shap.baseline, [[1, 2]]);
  });
});

describe('header of a CSV', () => {
  for (const [text, expected] of [
    ['a,b,c\n1,2,3', ['a', 'b', 'c']],
    ['a,b\r\n1,2', ['a', 'b']],
    ['\uFEFFa,b\n', ['a', 'b']],
    ['"a,1","b ""quoted""",c\n', ['a,1', 'b "quoted"', 'c']],
    ['"two\nlines",b\n', ['two\nlines', 'b']],
    ['only', ['only']],
    ['a,,c\n', ['a', '', 'c']],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(csvHeader(text), expected));
  }

  it('refuses a first line that is not whole', () => {
    assert.throws(() => csvHeader('"a,b'), /not a complete CSV line/);
  });
});

describe('baseline jobs', () => {
  const environment = (changes: object) =>
    baselineJob('model_quality', request('byom_model_quality_monitor', changes), 'image', 'assets', 's3://o')
      .Environment;

  it('tell predictions by probability and threshold for binary classification, where both are there', () => {
    const { probability_attribute, probability_threshold_attribute, inference_attribute } = environment({}) ?? {};
    assert.deepEqual(
      [probability_attribute, probability_threshold_attribute, inference_attribute],
      ['probability', '0.5', undefined],
    );
  });

  it('tell predictions by their column otherwise', () => {
    const regression = { problem_type: 'Regression', monitor_inference_attribute: '0' };
    for (const changes of [regression, { probability_threshold_attribute: undefined }]) {
      const { probability_attribute, inference_attribute, ground_truth_attribute } = environment(changes) ?? {};
      assert.deepEqual(
        [probability_attribute, inference_attribute, ground_truth_attribute],
        [undefined, 'prediction', 'label'],
      );
    }
  });

  it('have names within 63 characters, with any name that SageMaker takes for an endpoint', () => {
    for (const kind of ['data_quality', 'model_quality', 'model_bias', 'model_explainability'] as const) {
      for (const length of [1, 37, 38, 39, 45, 46, 47, 55, 63]) {
        const endpoint = 'e'.repeat(length);
        const name = monitorName(endpoint, kind, 'seed');
        assert.ok(name.length <= 63 && /-[0-9a-f]{4,12}$/.test(name), name);
        assert.notEqual(monitorName(endpoint, kind, 'another'), name);
      }
      const long = (end: string) => monitorName(`${'e'.repeat(60)}${end}`, kind, 'seed');
      assert.notEqual(long('a'), long('b'), 'two endpoints that begin alike');
    }
    // As before: what fits is not cut.
    assert.match(
      monitorName('e'.repeat(38), 'model_explainability', 'seed'),
      /^e{38}-modelexplainability-[0-9a-f]{4}$/,
    );
  });
});
