/** The URIs of SageMaker's own images in the region of a stack. */
import * as aws from '@pulumi/aws';
import { RequestInvalid } from '../../faults.ts';
import { builtInFrameworks, builtInImage, builtInVersions } from './images.ts';
import type { Place } from './place.ts';

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
      throw new Error(`No image for ${framework} ${version} was found in region ${place.region}: ${reason}`, { cause });
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
