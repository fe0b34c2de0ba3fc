/** Where a model comes from: the keys of a request → the container that SageMaker runs. */
import type { types } from '@pulumi/aws';
import type { BlueprintContext } from '../../blueprint.ts';
import { RequestInvalid } from '../../faults.ts';
import { ecrImageFault } from './ecr-image.ts';
import { findBuiltInImage } from './container-image.ts';
import type { Place } from './place.ts';

/** What is served. */
export type ModelSource =
  | {
      /** Image URI in Amazon ECR. Changing it makes a new model. */
      image: string;
      /** `s3://…` of the model archive. Changing it does the same. */
      modelDataUrl: string;
    }
  | {
      /** ARN of a model package version: image and artifact come from it. Changing it does the same. */
      modelPackageArn: string;
      /** Bucket that the artifacts of packages are in: the model may read all of it, as only the package knows the key. */
      assetsBucket: string;
    };

/** The keys of a request that name a model, as the schemas leave them. */
export interface ModelRequest {
  model_package_name?: string;
  model_framework?: string;
  model_framework_version?: string;
  custom_image_uri?: string;
  model_artifact_location?: string;
}

/**
 * @throws {RequestInvalid} for a framework or version without a SageMaker image, before anything is created
 */
export async function findModelSource(
  request: ModelRequest,
  { assetsBucket, provider }: BlueprintContext,
  place: Place,
): Promise<ModelSource> {
  const { model_package_name: modelPackageArn, custom_image_uri: customImage } = request;
  if (modelPackageArn) return { modelPackageArn, assetsBucket };
  if (customImage) requireEcrImage(customImage);
  const image =
    customImage ??
    (await findBuiltInImage(request.model_framework ?? '', request.model_framework_version ?? '', place, provider));
  return { image, modelDataUrl: `s3://${assetsBucket}/${request.model_artifact_location ?? ''}` };
}

/** The one container of a model. */
export function primaryContainer(source: ModelSource): types.input.sagemaker.ModelPrimaryContainer {
  return 'modelPackageArn' in source
    ? { modelPackageName: source.modelPackageArn }
    : { image: source.image, modelDataUrl: source.modelDataUrl };
}

/** @throws {RequestInvalid} for an image that SageMaker cannot pull */
function requireEcrImage(uri: string): void {
  const reason = ecrImageFault(uri);
  if (reason === undefined) return;
  const message = `custom_image_uri ${reason}`;
  throw new RequestInvalid(message, [{ pointer: '/custom_image_uri', message, rule: 'pattern', value: uri }]);
}
