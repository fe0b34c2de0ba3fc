/**
 * SageMaker's built-in algorithms: framework and version as the guide names them → repository and tag.
 * The registry account of a region is asked of the provider (`aws.sagemaker.getPrebuiltEcrImage`), which knows new regions.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
 */

export interface BuiltInImage {
  /** A repository that the look-up function knows and that lies in the same registry. */
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

/** The first XGBoost image is in the registry of the oldest algorithms, in a repository that the look-up does not know. */
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

const IMAGES: ReadonlyMap<string, ReadonlyMap<string, BuiltInImage>> = new Map([
  ...FIRST_PARTY.map((name) => [name, new Map([['1', image(name, '1')]])] as const),
  [
    'xgboost',
    new Map([
      ...OLD_XGBOOST_VERSIONS.map((version) => [version, image('xgboost', version, 'blazingtext')] as const),
      ...Object.entries(XGBOOST_TAGS).map(([version, tag]) => [version, image('sagemaker-xgboost', tag)] as const),
    ]),
  ],
]);

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
