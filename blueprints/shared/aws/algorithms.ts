/**
 * What SageMaker's own algorithms can do: input modes, instances, checkpoints, and what they read for inference. Pure.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
 */

export type InferenceFormat =
  'text/csv' | 'text/libsvm' | 'application/json' | 'application/jsonlines' | RecordIo | 'image';
type RecordIo = 'application/x-recordio-protobuf';

export interface Algorithm {
  /** Streams training data (`Pipe`), besides reading files. */
  pipes: boolean;
  /** Trains on one instance only. */
  singleInstance: boolean;
  /** Kind of instance that training needs; default: either. */
  instances?: 'GPU' | 'CPU';
  /** Writes checkpoints, so that a spot job can go on where it was interrupted. */
  checkpoints: boolean;
  /** Content types of training data, the default first, for those that do not read CSV; default: not checked. */
  trains?: readonly [string, ...string[]];
  /** What it reads for inference. */
  reads: readonly InferenceFormat[];
}

const RECORDS: RecordIo = 'application/x-recordio-protobuf';
const TABULAR: readonly InferenceFormat[] = ['text/csv', 'application/json', 'application/jsonlines', RECORDS];
const JSON_ONLY: readonly InferenceFormat[] = ['application/json', 'application/jsonlines'];
const USUAL: Algorithm = { pipes: true, singleInstance: false, checkpoints: false, reads: TABULAR };
const IMAGES = ['application/x-image', 'image/jpeg', 'image/png'] as const;
const VISION: Algorithm = {
  ...USUAL,
  instances: 'GPU',
  checkpoints: true,
  trains: ['application/x-recordio', ...IMAGES],
  reads: ['image'],
};

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  blazingtext: { ...USUAL, reads: JSON_ONLY },
  'factorization-machines': { ...USUAL, trains: [RECORDS], reads: [...JSON_ONLY, RECORDS] },
  'forecasting-deepar': {
    ...USUAL,
    pipes: false,
    trains: ['json', 'json.gz', 'parquet', 'auto', 'application/jsonlines', 'application/x-parquet'],
    reads: JSON_ONLY,
  },
  'image-classification': VISION,
  ipinsights: { ...USUAL, pipes: false, reads: ['text/csv', ...JSON_ONLY] },
  kmeans: USUAL,
  knn: USUAL,
  lda: { ...USUAL, singleInstance: true, instances: 'CPU' },
  'linear-learner': USUAL,
  ntm: USUAL,
  'object-detection': VISION,
  object2vec: { ...USUAL, pipes: false, singleInstance: true, trains: ['application/jsonlines'], reads: JSON_ONLY },
  pca: USUAL,
  randomcutforest: USUAL,
  'semantic-segmentation': { ...VISION, singleInstance: true, trains: [...IMAGES, 'application/x-recordio'] },
  seq2seq: {
    ...USUAL,
    pipes: false,
    singleInstance: true,
    instances: 'GPU',
    trains: [RECORDS],
    reads: ['application/json', RECORDS],
  },
  xgboost: { ...USUAL, checkpoints: true, reads: ['text/csv', 'text/libsvm', RECORDS] },
};

/** @returns undefined for a framework that runs code of one's own, or that is unknown */
export function algorithmOf(framework: unknown): Algorithm | undefined {
  return typeof framework === 'string' && Object.hasOwn(ALGORITHMS, framework) ? ALGORITHMS[framework] : undefined;
}

/** Content type of training data that is not named: what the algorithm reads, else CSV as with the original. */
export function defaultContentType(framework: unknown): string {
  return algorithmOf(framework)?.trains?.[0] ?? 'csv';
}

/** Versions of XGBoost that predate its checkpoints. */
export function isOldXgboost(framework: unknown, version: unknown): boolean {
  return framework === 'xgboost' && (version === '1' || version === 'latest');
}

/**
 * Families of instances with GPUs, P and G. @see https://aws.amazon.com/sagemaker/ai/pricing/
 * `trn` and `inf` are accelerators of another kind, which the algorithms do not use.
 */
export function hasGpu(instanceType: string): boolean {
  return /^ml\.(p|g)\d/.test(instanceType) || /^ml\.gr\d/.test(instanceType);
}
