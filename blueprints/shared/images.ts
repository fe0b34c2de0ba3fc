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

/** Algorithms whose images have the one version "1". Repository names are those of the framework but for DeepAR. */
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

const XGBOOST_VERSIONS = ['0.90-1', '0.90-2', '1.0-1', '1.2-1', '1.2-2', '1.3-1', '1.5-1', '1.7-1'] as const;
const SCIKIT_LEARN_VERSIONS = ['0.20.0-cpu-py3', '0.23-1-cpu-py3', '1.0-1-cpu-py3', '1.2-1-cpu-py3'] as const;

const IMAGES: ReadonlyMap<string, ReadonlyMap<string, BuiltInImage>> = new Map([
  ...FIRST_PARTY.map((name) => [name, versions(name, ['1'])] as const),
  [
    'xgboost',
    new Map([
      // The first XGBoost image is in the registry of the oldest algorithms, under a name that the look-up does not know.
      ...['1', 'latest'].map(
        (tag) => [tag, { lookupRepository: 'blazingtext', repositoryName: 'xgboost', imageTag: tag }] as const,
      ),
      ...versions('sagemaker-xgboost', XGBOOST_VERSIONS),
    ]),
  ],
  ['sklearn', versions('sagemaker-scikit-learn', SCIKIT_LEARN_VERSIONS)],
]);

function versions(repository: string, tags: readonly string[]): Map<string, BuiltInImage> {
  return new Map(
    tags.map((tag) => [tag, { lookupRepository: repository, repositoryName: repository, imageTag: tag }] as const),
  );
}

/** Every framework that a request may name. */
export function builtInFrameworks(): string[] {
  return [...IMAGES.keys()].sort();
}

/** The versions of a framework; empty for an unknown one. */
export function builtInVersions(framework: string): string[] {
  return [...(IMAGES.get(framework)?.keys() ?? [])];
}

/** @returns undefined for an unknown framework or version. */
export function builtInImage(framework: string, version: string): BuiltInImage | undefined {
  return IMAGES.get(framework)?.get(version);
}
