/** Images in Amazon ECR: what a URI says, and where SageMaker's own images are. */
import * as aws from '@pulumi/aws';
import { builtInImage } from './images.ts';
import type { Place } from './place.ts';

export interface EcrImage {
  uri: string;
  accountId: string;
  region: string;
  repository: string;
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
const URI = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z.]+\/([a-z0-9._/-]+?)(?::[\w.-]+|@sha256:[0-9a-f]{64})?$/;

/** @returns undefined for an image that is not in a private ECR registry. */
export function parseEcrImage(uri: string): EcrImage | undefined {
  const [, accountId, region, repository] = URI.exec(uri) ?? [];
  return accountId && region && repository ? { uri, accountId, region, repository } : undefined;
}

/**
 * The image of a built-in algorithm in the stack's region.
 * @throws for a framework, version or region that SageMaker has no image for
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
 */
export async function findBuiltInImage(
  framework: string,
  version: string,
  place: Place,
  provider: aws.Provider,
): Promise<string> {
  const image = builtInImage(framework, version);
  if (!image) throw new Error(`There is no built-in image for framework ${framework}, version ${version}.`);
  const { registryId } = await aws.sagemaker.getPrebuiltEcrImage(
    { repositoryName: image.lookupRepository, imageTag: image.imageTag, region: place.region },
    { provider },
  );
  return `${registryId}.dkr.ecr.${place.region}.${place.dnsSuffix}/${image.repositoryName}:${image.imageTag}`;
}
