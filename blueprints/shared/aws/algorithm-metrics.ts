/**
 * The metrics that SageMaker's own algorithms report, of which a tuning job optimizes one. Pure.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-metrics-variables.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/algos.html (the page on tuning of each algorithm)
 */

/** Framework → metrics; `*` at the end stands for any name, where an algorithm has very many. */
const METRICS: Readonly<Record<string, readonly string[] | undefined>> = {
  blazingtext: ['train:mean_rho', 'validation:accuracy'],
  'factorization-machines': [
    'test:binary_classification_accuracy',
    'test:binary_classification_cross_entropy',
    'test:rmse',
  ],
  'forecasting-deepar': ['test:RMSE', 'test:mean_wQuantileLoss', 'train:final_loss'],
  'image-classification': ['validation:accuracy'],
  ipinsights: ['validation:discriminator_auc'],
  kmeans: ['test:msd', 'test:ssd'],
  knn: ['test:accuracy', 'test:mse'],
  lda: ['test:pwll'],
  'linear-learner': ['test:*', 'validation:*'],
  ntm: ['validation:total_loss'],
  'object-detection': ['validation:mAP'],
  object2vec: ['test:*', 'validation:*'],
  randomcutforest: ['test:f1'],
  'semantic-segmentation': ['validation:mIOU', 'validation:pixel_accuracy'],
  seq2seq: ['validation:accuracy', 'validation:bleu', 'validation:perplexity'],
  xgboost: ['train:*', 'validation:*'],
};

/** @returns none for a framework of which they are not known */
export function metricsOf(framework: string): readonly string[] {
  return METRICS[framework] ?? [];
}

/** Whether an algorithm may report a metric; true where that is not known. */
export function reportsMetric(framework: string, metric: string): boolean {
  const known = metricsOf(framework);
  const reports = (one: string) => (one.endsWith('*') ? metric.startsWith(one.slice(0, -1)) : metric === one);
  return known.length === 0 || known.some(reports);
}

export type Direction = 'Maximize' | 'Minimize';

/** Last part of a metric's name → the direction that the pages on tuning give it. */
const DIRECTIONS: readonly (readonly [names: RegExp, direction: Direction])[] = [
  [/^(m?error|m?logloss|mae|mape|mphe|r?mse|rmsle|msd|ssd|perplexity|gamma-deviance)$/i, 'Minimize'],
  [/(loss|nloglik|cross_entropy|squared_error)$/i, 'Minimize'],
  [/(accuracy|auc|f1|f_beta|precision|recall|mAP|mIOU|ndcg|bleu|pwll|mean_rho)$/i, 'Maximize'],
];

/** @returns undefined where that is not known, as for the metrics of other frameworks */
export function directionOf(framework: string, metric: string): Direction | undefined {
  if (!reportsMetric(framework, metric) || metricsOf(framework).length === 0) return undefined;
  const name = metric.slice(metric.indexOf(':') + 1);
  return DIRECTIONS.find(([names]) => names.test(name))?.[1];
}
