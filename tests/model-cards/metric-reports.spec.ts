/** Reports of Clarify and Model Monitor become metric groups that SageMaker takes. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UnreadableReport, readReport } from '../../blueprints/model-cards/metric-reports.ts';
import type { ReportType } from '../../blueprints/model-cards/evaluation-schema.ts';

const read = (type: ReportType, report: unknown) => readReport(type, JSON.stringify(report));

describe('metric reports', () => {
  it('bias: a group for each value of a facet, without metrics that could not be computed', () => {
    const facets = {
      gender: [
        {
          value_or_threshold: '0',
          metrics: [
            { name: 'CI', description: 'd', value: 0.2 },
            { name: 'KL', value: null },
          ],
        },
        { value_or_threshold: '1', metrics: [{ name: 'CI', value: -0.2 }] },
      ],
    };
    const report = { version: '1.0', pre_training_bias_metrics: { label: 'y', label_value_or_threshold: '1', facets } };
    assert.deepEqual(read('clarify_bias', report), [
      {
        name: 'pre_training_bias_metrics - label y = 1 and facet gender=0',
        metric_data: [{ name: 'CI', value: 0.2, type: 'number' }],
      },
      {
        name: 'pre_training_bias_metrics - label y = 1 and facet gender=1',
        metric_data: [{ name: 'CI', value: -0.2, type: 'number' }],
      },
    ]);
  });

  it('explainability: SHAP values, and partial dependence as lines or bars', () => {
    const numerical = {
      feature_name: 'age',
      data_type: 'numerical',
      feature_values: [1, 2],
      data_distribution: [0.4, 0.6],
      label_headers: ['churn'],
      model_predictions: [[0.1, 0.2]],
    };
    const categorical = { ...numerical, feature_name: 'plan', data_type: 'categorical', feature_values: ['a', 'b'] };
    const explanations = {
      kernel_shap: { label0: { global_shap_values: { age: 0.5 }, expected_value: 0.1 } },
      pdp: [numerical, categorical],
    };
    const [shap, pdp] = read('clarify_explainability', { explanations });
    assert.deepEqual(shap, {
      name: 'explanations - global_shap_values, label=label0',
      metric_data: [{ name: 'age', value: 0.5, type: 'number' }],
    });
    assert.deepEqual(
      pdp?.metric_data.map(({ name, type, value, x_axis_name, y_axis_name }) => [
        name,
        type,
        value,
        x_axis_name,
        y_axis_name,
      ]),
      [
        [
          'data_distribution - feature=age',
          'linear_graph',
          [
            [1, 0.4],
            [2, 0.6],
          ],
          'age',
          'Data distribution',
        ],
        [
          'model_predictions - feature=age, label=churn',
          'linear_graph',
          [
            [1, 0.1],
            [2, 0.2],
          ],
          'age',
          'churn',
        ],
        ['data_distribution - feature=plan', 'bar_chart', [0.4, 0.6], ['a', 'b'], 'Data distribution'],
        ['model_predictions - feature=plan, label=churn', 'bar_chart', [0.1, 0.2], ['a', 'b'], 'churn'],
      ],
    );
  });

  it('classification: matrix, curves and plain metrics', () => {
    const metrics = {
      confusion_matrix: { '0': { '0': 5, '1': 1 }, '1': { '0': 2, '1': 7 } },
      receiver_operating_characteristic_curve: { false_positive_rates: [0, 1], true_positive_rates: [0, 1] },
      precision_recall_curve: { precisions: [1, 0.5], recalls: [0, 1] },
      auc: { value: 0.9, standard_deviation: 0.02 },
    };
    const [group] = read('binary_classification', { binary_classification_metrics: metrics });
    assert.deepEqual(group, {
      name: 'binary_classification_metrics',
      metric_data: [
        {
          name: 'confusion_matrix',
          type: 'matrix',
          x_axis_name: ['0', '1'],
          y_axis_name: ['0', '1'],
          value: [
            [5, 1],
            [2, 7],
          ],
        },
        {
          name: 'receiver_operating_characteristic_curve',
          type: 'linear_graph',
          x_axis_name: 'false_positive_rates',
          y_axis_name: 'true_positive_rates',
          value: [
            [0, 0],
            [1, 1],
          ],
        },
        {
          name: 'precision_recall_curve',
          type: 'linear_graph',
          x_axis_name: 'recalls',
          y_axis_name: 'precisions',
          value: [
            [0, 1],
            [1, 0.5],
          ],
        },
        { name: 'auc', value: 0.9, type: 'number' },
        { name: 'auc - standard_deviation', value: 0.02, type: 'number' },
      ],
    });
  });

  it('a report in the form of a card is taken as it is', () => {
    const metric_groups = [{ name: 'g', metric_data: [{ name: 'm', type: 'string', value: 'good' }] }];
    assert.deepEqual(read('model_card_metric_schema', { metric_groups }), metric_groups);
  });

  for (const [type, report] of [
    ['model_card_metric_schema', {}],
    [
      'model_card_metric_schema',
      { metric_groups: [{ name: 'g', metric_data: [{ name: 'm', type: 'number', value: 'x' }] }] },
    ],
    ['clarify_bias', { bias: { label: 'y' } }],
    ['clarify_explainability', { explanations: [] }],
    ['regression', { binary_classification_metrics: {} }],
    ['binary_classification', { regression_metrics: {} }],
    ['multiclass_classification', []],
  ] as const) {
    it(`${JSON.stringify(report)} is no ${type}`, () => {
      assert.throws(() => read(type, report), UnreadableReport);
    });
  }
});
