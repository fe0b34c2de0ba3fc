/** Rules between the values of a tuning request: see rules-between-values.spec.ts. */
import type { PipelineType } from '../../../blueprints/blueprint.ts';
import type { Body } from './requests.ts';

export interface RuleCase {
  what: string;
  type: PipelineType;
  /** Changes of the type's example. */
  sent: Body;
  /** Where the one fault is, and what its message names. */
  refused: [pointer: string, message: RegExp];
  /** Changes of `sent` that make it valid. */
  nearMisses: Body[];
}

const TUNING = { objective_metric_name: 'validation:auc' };
const HYPERBAND = { strategy: 'Hyperband', strategy_config: { hyperband_strategy_config: { max_resource: 100 } } };
const GRID = { max_depth: ['categorical', ['3', '5', '7']], booster: ['categorical', ['gbtree', 'dart']] };

export const TUNING_CASES: readonly RuleCase[] = [
  {
    what: 'a grid over a continuous range',
    type: 'model_tuner_builtin',
    sent: {
      tuner_configs: { ...TUNING, strategy: 'Grid' },
      hyperparamaters_ranges: { eta: ['continuous', [0.1, 0.3]] },
    },
    refused: ['/hyperparamaters_ranges/eta', /Grid.*tuner_configs.*categorical/],
    nearMisses: [
      { hyperparamaters_ranges: { eta: ['categorical', [0.1, 0.3]] } },
      { tuner_configs: { ...TUNING, strategy: 'Random' } },
    ],
  },
  {
    what: 'another number of jobs than a grid has combinations',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, strategy: 'Grid', max_jobs: 5 }, hyperparamaters_ranges: GRID },
    refused: [
      '/tuner_configs/max_jobs',
      /is 5.*6 combinations of hyperparamaters_ranges.*omit max_jobs, or set it to 6/,
    ],
    nearMisses: [
      { tuner_configs: { ...TUNING, strategy: 'Grid', max_jobs: 6 } },
      { tuner_configs: { ...TUNING, strategy: 'Grid' } },
    ],
  },
  {
    what: 'early stopping with Hyperband',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, ...HYPERBAND, early_stopping_type: 'Auto' } },
    refused: ['/tuner_configs/early_stopping_type', /Hyperband.*early_stopping_type to Off/],
    nearMisses: [
      { tuner_configs: { ...TUNING, ...HYPERBAND } },
      { tuner_configs: { ...TUNING, strategy: 'Bayesian', early_stopping_type: 'Auto' } },
    ],
  },
  {
    what: 'Hyperband without a number of epochs',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, strategy: 'Hyperband' } },
    refused: ['/tuner_configs/strategy', /max_resource.*num_epochs to algo_hyperparamaters/],
    nearMisses: [
      { tuner_configs: { ...TUNING, ...HYPERBAND } },
      { algo_hyperparamaters: { epochs: 30 } },
      { tuner_configs: { ...TUNING, strategy: 'Random' } },
    ],
  },
  {
    what: 'a number of epochs that is searched, with Hyperband',
    type: 'model_tuner_builtin',
    sent: {
      tuner_configs: { ...TUNING, strategy: 'Hyperband' },
      algo_hyperparamaters: { epochs: 30 },
      hyperparamaters_ranges: { epochs: ['integer', [10, 20]] },
    },
    refused: ['/tuner_configs/strategy', /not to hyperparamaters_ranges/],
    nearMisses: [{ hyperparamaters_ranges: { eta: ['continuous', [0.1, 0.3]] } }],
  },
  {
    what: 'the configuration of Hyperband for another strategy',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, ...HYPERBAND, strategy: 'Random' } },
    refused: ['/tuner_configs/strategy_config', /only for "strategy": "Hyperband", not Random/],
    nearMisses: [{ tuner_configs: { ...TUNING, ...HYPERBAND } }],
  },
  {
    what: 'a metric that the algorithm does not report',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { objective_metric_name: 'auc' } },
    refused: ['/tuner_configs/objective_metric_name', /auc.*model_framework xgboost.*validation:\*/],
    nearMisses: [
      { tuner_configs: { objective_metric_name: 'validation:ndcg@10' } },
      {
        model_framework: 'object-detection',
        model_framework_version: '1',
        instance_type: 'ml.g4dn.xlarge',
        tuner_configs: { objective_metric_name: 'validation:mAP' },
      },
    ],
  },
  {
    what: 'more jobs than combinations of values',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, max_jobs: 4 }, hyperparamaters_ranges: { max_depth: ['integer', [2, 4]] } },
    refused: ['/tuner_configs/max_jobs', /is 4.*hyperparamaters_ranges.*3 combinations/],
    nearMisses: [
      { tuner_configs: { ...TUNING, max_jobs: 3 } },
      { hyperparamaters_ranges: { max_depth: ['integer', [2, 4]], eta: ['continuous', [0, 1]] } },
      { hyperparamaters_ranges: { max_depth: ['integer', [2, 4]], booster: ['categorical', ['a', 'b']] } },
    ],
  },
  {
    what: 'more jobs at once than there are',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, max_jobs: 2, max_parallel_jobs: 3 } },
    refused: ['/tuner_configs/max_parallel_jobs', /is 3, more than max_jobs \(2\)/],
    nearMisses: [{ tuner_configs: { ...TUNING, max_jobs: 3, max_parallel_jobs: 3 } }],
  },
  {
    what: 'more jobs than Bayesian search runs',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, max_jobs: 751 } },
    refused: ['/tuner_configs/max_jobs', /strategy.*750.*Random/],
    nearMisses: [
      { tuner_configs: { ...TUNING, max_jobs: 750 } },
      { tuner_configs: { ...TUNING, strategy: 'Random', max_jobs: 1_000 } },
    ],
  },
  {
    what: 'a category that is listed twice, as text',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: TUNING, hyperparamaters_ranges: { depth: ['categorical', ['3', 3]] } },
    refused: ['/hyperparamaters_ranges/depth', /"3" twice/],
    nearMisses: [{ hyperparamaters_ranges: { depth: ['categorical', ['3', 4]] } }],
  },
  {
    what: 'a category that is too long as text',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: TUNING, hyperparamaters_ranges: { x: ['categorical', ['a'.repeat(257)]] } },
    refused: ['/hyperparamaters_ranges/x', /257 characters as text.*256/],
    nearMisses: [{ hyperparamaters_ranges: { x: ['categorical', ['a'.repeat(256)]] } }],
  },
  {
    what: 'logarithmic scaling from zero',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: TUNING, hyperparamaters_ranges: { eta: ['continuous', [0, 1], 'Logarithmic'] } },
    refused: ['/hyperparamaters_ranges/eta', /Logarithmic.*above 0.*Linear/],
    nearMisses: [
      { hyperparamaters_ranges: { eta: ['continuous', [0.001, 1], 'Logarithmic'] } },
      { hyperparamaters_ranges: { eta: ['continuous', [0, 1], 'Linear'] } },
    ],
  },
  {
    what: 'reverse logarithmic scaling up to one',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: TUNING, hyperparamaters_ranges: { m: ['continuous', [0.5, 1], 'ReverseLogarithmic'] } },
    refused: ['/hyperparamaters_ranges/m', /ReverseLogarithmic.*below 1/],
    nearMisses: [{ hyperparamaters_ranges: { m: ['continuous', [0.5, 0.999], 'ReverseLogarithmic'] } }],
  },
  {
    what: 'a metric that is to be minimized, maximized',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { objective_metric_name: 'validation:rmse' } },
    refused: [
      '/tuner_configs/objective_type',
      /Maximize.*validation:rmse.*objective_metric_name.*set objective_type to Minimize/,
    ],
    nearMisses: [
      { tuner_configs: { objective_metric_name: 'validation:rmse', objective_type: 'Minimize' } },
      { tuner_configs: { objective_metric_name: 'validation:auc', objective_type: 'Maximize' } },
      { tuner_configs: { objective_metric_name: 'validation:unheard-of', objective_type: 'Minimize' } },
    ],
  },
  {
    what: 'metric definitions for an algorithm of SageMaker',
    type: 'model_tuner_builtin',
    sent: { tuner_configs: { ...TUNING, metric_definitions: [{ Name: 'validation:auc', Regex: 'auc:(.*)' }] } },
    refused: ['/tuner_configs/metric_definitions', /model_framework xgboost.*omit metric_definitions/],
    nearMisses: [
      { tuner_configs: { ...TUNING, metric_definitions: [] } },
      { tuner_configs: { ...TUNING, metric_definitions: null } },
      { model_framework: 'sklearn', model_framework_version: '1.2-1' },
    ],
  },
  {
    what: 'no range to search, without autotune',
    type: 'model_tuner_builtin',
    sent: { hyperparamaters_ranges: {} },
    refused: ['/hyperparamaters_ranges', /at least one.*autotune.*tuner_configs/],
    nearMisses: [{ tuner_configs: { ...TUNING, autotune: true } }],
  },
];
