/** Images in Amazon ECR: what a URI says, and where SageMaker's own images are. */
import * as aws from '@pulumi/aws';
import { RequestInvalid } from '../../faults.ts';
import { parseEcrImage } from '../schema/ecr-image.ts';
import { builtInFrameworks, builtInImage, builtInVersions } from './images.ts';
import type { Place } from './place.ts';

/**
 * SageMaker pulls from Amazon ECR only, unless models are given a network of their own.
 * @param pointer where the request says the image
 * @throws {RequestInvalid} for an image that is elsewhere
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html (Image)
 */
export function requireEcrImage(uri: string, pointer: string): string {
  if (parseEcrImage(uri)) return uri;
  const message =
    `SageMaker cannot pull the image ${uri}: push it to Amazon ECR and name it ` +
    '<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>.';
  throw new RequestInvalid(message, [{ pointer, message, rule: 'format', value: uri }]);
}

/**
 * The image of a built-in algorithm in the stack's region.
 * @throws {RequestInvalid} for a framework or version that SageMaker has no image of
 * @throws where the provider knows no registry for the region
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
 */
export async function findBuiltInImage(
  framework: string,
  version: string,
  place: Place,
  provider: aws.Provider,
): Promise<string> {
  const image = builtInImage(framework, version);
  if (!image) throw unknownImage(framework, version);
  const { lookupRepository: repositoryName, imageTag } = image;
  const { registryId } = await aws.sagemaker
    .getPrebuiltEcrImage({ repositoryName, imageTag, region: place.region }, { provider })
    .catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`No image of ${framework} ${version} was found for region ${place.region}: ${reason}`, { cause });
    });
  return `${registryId}.dkr.ecr.${place.region}.${place.dnsSuffix}/${image.repositoryName}:${image.imageTag}`;
}

function unknownImage(framework: string, version: string): RequestInvalid {
  const versions = builtInVersions(framework);
  const [pointer, value, allowed] =
    versions.length > 0
      ? ['/model_framework_version', version, versions]
      : ['/model_framework', framework, builtInFrameworks()];
  const message =
    `SageMaker has no built-in algorithm ${framework} of version ${version}: ` +
    `${pointer.slice(1)} must be one of ${allowed.join(', ')}.`;
  return new RequestInvalid(message, [{ pointer, message, rule: 'allowed', allowed, value }]);
}
