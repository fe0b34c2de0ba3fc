/** Arguments of an image builder: the program fills them in from a request, the component deploys them. */
import type { Place } from '../shared/aws/place.ts';

export interface ImageBuilderArgs {
  /** Account and region of the provider, for ARNs. Changing the region replaces everything. */
  place: Place;
  /** Bucket of the zip, with versions. Its events go to EventBridge, else a new zip starts no build. */
  assetsBucket: string;
  /** Key of the zip; a Dockerfile is in its root. Changing it makes a new pipeline, which builds at once. */
  sourceKey: string;
  /** Repository of this account and region that is there. Changing it makes a new pipeline. */
  repositoryName: string;
  /** Changing it makes a new pipeline. */
  imageTag: string;
  /** Topic for notifications of ended builds; default: none. */
  notificationsTopicArn?: string | undefined;
  /** ARN of a policy that bounds the roles; default: none. */
  permissionsBoundaryArn?: string | undefined;
}
