/** Where a model comes from, and what SageMaker is told of it. */
import type { types } from '@pulumi/aws';
import type { BlueprintContext } from '../../blueprint.ts';
import { findBuiltInImage, requireEcrImage } from './container-image.ts';
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
 * @throws {RequestInvalid} for a framework or version that SageMaker has no image of, or an image that it cannot pull, before
 * anything is created
 */
export async function findModelSource(
  request: ModelRequest,
  { assetsBucket, provider }: BlueprintContext,
  place: Place,
): Promise<ModelSource> {
  const { model_package_name: modelPackageArn, custom_image_uri: customImage } = request;
  if (modelPackageArn) return { modelPackageArn, assetsBucket };
  const image = customImage
    ? requireEcrImage(customImage, '/custom_image_uri')
    : await findBuiltInImage(request.model_framework ?? '', request.model_framework_version ?? '', place, provider);
  return { image, modelDataUrl: `s3://${assetsBucket}/${request.model_artifact_location ?? ''}` };
}

/** The one container of a model. */
export function primaryContainer(source: ModelSource): types.input.sagemaker.ModelPrimaryContainer {
  return 'modelPackageArn' in source
    ? { modelPackageName: source.modelPackageArn }
    : { image: source.image, modelDataUrl: source.modelDataUrl };
}
