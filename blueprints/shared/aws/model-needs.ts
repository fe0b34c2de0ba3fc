/** What must be there for a model: its package, or its artifact and image. */
import type { Need, NeedsPlace } from '../../needs.ts';
import { assetNeed } from '../../needs.ts';
import type { ModelRequest } from './model-source.ts';

/** SageMaker's own images are always there. */
export function modelNeeds(request: ModelRequest, place: NeedsPlace): Need[] {
  const { model_package_name: arn, custom_image_uri: uri, model_artifact_location: artifact } = request;
  if (arn) {
    const mayBeUnapproved = place.allowUnapprovedModelPackages;
    return [{ kind: 'model-package', pointer: '/model_package_name', arn, mayBeUnapproved }];
  }
  return [
    ...(artifact ? [assetNeed('model_artifact_location', place, artifact)] : []),
    ...(uri ? [{ kind: 'image', pointer: '/custom_image_uri', uri } as const] : []),
  ];
}
