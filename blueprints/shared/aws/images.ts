/**
 * SageMaker's built-in algorithms: framework and version as the guide names them → repository and tag.
 * The provider (`aws.sagemaker.getPrebuiltEcrImage`) knows the registry account of a region.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
 */

export interface BuiltInImage {
  /** A repository that the provider's look-up knows and that is in the same registry. */
  lookupRepository: string;
  repositoryName: string;
  imageTag: string;
}

/** Algorithms whose images have the one version "1"; framework and repository have the same name. */
const FIRST_PARTY = [
  'blazingtext',
  'factorization-machines',
  'forecasting-deepar',
  'image-classification',
  'ipinsights',
  'kmeans',
  'knn',
  'lda',
  'linear-learner',
  'ntm',
  'object-detection',
  'object2vec',
  'pca',
  'randomcutforest',
  'semantic-segmentation',
  'seq2seq',
] as const;

/** The first XGBoost image is in the registry of the oldest algorithms, in a repository that the look-up lacks. */
const OLD_XGBOOST_VERSIONS = ['1', 'latest'] as const;

/** Version → tag: the oldest ones name processor and Python in the tag. */
const XGBOOST_TAGS = {
  '0.90-1': '0.90-1-cpu-py3',
  '0.90-2': '0.90-2-cpu-py3',
  '1.0-1': '1.0-1-cpu-py3',
  '1.2-1': '1.2-1',
  '1.2-2': '1.2-2',
  '1.3-1': '1.3-1',
  '1.5-1': '1.5-1',
  '1.7-1': '1.7-1',
  '3.0-5': '3.0-5',
} as const;

/** scikit-learn images, for its models and scripts. @see https://docs.aws.amazon.com/sagemaker/latest/dg/sklearn.html */
const SKLEARN_VERSIONS = ['0.20.0', '0.23-1', '1.0-1', '1.2-1'] as const;
const SPARKML_VERSIONS = ['2.2', '2.4', '3.3'] as const;

/**
 * Large-model containers of the Deep Java Library: framework → version → tag.
 * @see https://github.com/aws/deep-learning-containers/blob/master/available_images.md
 */
const DJL_TAGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'djl-deepspeed': {
    '0.19.0': 'deepspeed0.7.3-cu113',
    '0.20.0': 'deepspeed0.7.5-cu116',
    '0.21.0': 'deepspeed0.8.3-cu117',
    '0.22.1': 'deepspeed0.9.2-cu118',
    '0.23.0': 'deepspeed0.9.5-cu118',
    '0.24.0': 'deepspeed0.10.0-cu118',
    '0.25.0': 'deepspeed0.11.0-cu118',
    '0.26.0': 'deepspeed0.12.6-cu121',
    '0.27.0': 'deepspeed0.12.6-cu121',
  },
  'djl-fastertransformer': {
    '0.21.0': 'fastertransformer5.3.0-cu117',
    '0.22.1': 'fastertransformer5.3.0-cu118',
    '0.23.0': 'fastertransformer5.3.0-cu118',
    '0.24.0': 'fastertransformer5.3.0-cu118',
  },
  'djl-lmi': { '0.28.0': 'lmi10.0.0-cu124', '0.29.0': 'lmi11.0.0-cu124' },
  'djl-neuronx': {
    '0.22.1': 'neuronx-sdk2.10.0',
    '0.23.0': 'neuronx-sdk2.12.0',
    '0.24.0': 'neuronx-sdk2.14.1',
    '0.25.0': 'neuronx-sdk2.15.0',
    '0.26.0': 'neuronx-sdk2.16.0',
    '0.27.0': 'neuronx-sdk2.18.1',
    '0.28.0': 'neuronx-sdk2.18.2',
    '0.29.0': 'neuronx-sdk2.19.1',
  },
  'djl-tensorrtllm': {
    '0.25.0': 'tensorrtllm0.5.0-cu122',
    '0.26.0': 'tensorrtllm0.7.1-cu122',
    '0.27.0': 'tensorrtllm0.8.0-cu122',
    '0.28.0': 'tensorrtllm0.9.0-cu122',
    '0.29.0': 'tensorrtllm0.11.0-cu124',
  },
};

type Versions = ReadonlyMap<string, BuiltInImage>;

/** Those that SageMaker's Python SDK resolves by framework and version alone, as the original did. */
const IMAGES: ReadonlyMap<string, Versions> = new Map<string, Versions>([
  ...FIRST_PARTY.map((name) => [name, new Map([['1', image(name, '1')]])] as const),
  [
    'xgboost',
    new Map([
      ...OLD_XGBOOST_VERSIONS.map((version) => [version, image('xgboost', version, 'blazingtext')] as const),
      ...Object.entries(XGBOOST_TAGS).map(([version, tag]) => [version, image('sagemaker-xgboost', tag)] as const),
    ]),
  ],
  ['sklearn', tagged(SKLEARN_VERSIONS, (version) => image('sagemaker-scikit-learn', `${version}-cpu-py3`))],
  ['sparkml-serving', tagged(SPARKML_VERSIONS, (version) => image('sagemaker-sparkml-serving', version))],
  ['vw', new Map([['8.7.0', image('sagemaker-rl-vw-container', 'vw-8.7.0-cpu')]])],
  ...['image-classification-neo', 'xgboost-neo'].map(
    (name) => [name, new Map([['latest', image(name, 'latest')]])] as const,
  ),
  ...Object.entries(DJL_TAGS).map(
    ([name, tags]) =>
      [name, tagged(Object.keys(tags), (version) => image('djl-inference', `${version}-${tags[version]}`))] as const,
  ),
]);

function tagged(versions: readonly string[], imageOf: (version: string) => BuiltInImage): Versions {
  return new Map(versions.map((version) => [version, imageOf(version)]));
}

/** SageMaker's own algorithms, which know their metrics and need no code in the model or the job. */
const ALGORITHMS: ReadonlySet<string> = new Set<string>([...FIRST_PARTY, 'xgboost']);

/** Whether a framework is an algorithm of SageMaker's, rather than a container for code of one's own. */
export function isAlgorithm(framework: string): boolean {
  return ALGORITHMS.has(framework);
}

/**
 * The one version of a framework that has no other: the SDK uses it whatever version is asked for.
 * @returns undefined for an unknown framework, or one of several versions
 */
export function onlyVersion(framework: string): string | undefined {
  const versions = builtInVersions(framework);
  return versions.length === 1 ? versions[0] : undefined;
}

function image(repositoryName: string, imageTag: string, lookupRepository = repositoryName): BuiltInImage {
  return { lookupRepository, repositoryName, imageTag };
}

/** Every framework that a request may name, sorted. */
export function builtInFrameworks(): string[] {
  return [...IMAGES.keys()].sort();
}

/** The versions of a framework, oldest first; empty for an unknown one. */
export function builtInVersions(framework: string): string[] {
  return [...(IMAGES.get(framework)?.keys() ?? [])];
}

/** @returns undefined for an unknown framework or version. */
export function builtInImage(framework: string, version: string): BuiltInImage | undefined {
  return IMAGES.get(framework)?.get(version);
}
