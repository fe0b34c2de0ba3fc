/** Arguments of a real-time inference pipeline: the program fills them in from a request, the component deploys them. */
import type { ModelSource } from '../shared/aws/model-source.ts';
import type { Place } from '../shared/aws/place.ts';
import type { EndpointSettings } from './endpoint-settings.ts';

export interface RealtimeInferenceArgs {
  /** Account and region of the provider, for ARNs. Changing the region replaces everything. */
  place: Place;
  /** Name of the model in tags of model, endpoint configuration and endpoint, as the original set them; default: no such tags. */
  modelName?: string;
  /** What the endpoint serves. */
  model: ModelSource;
  /** Such as `ml.m5.large`; not used where serverless. Changing it makes a new endpoint configuration, and moves the endpoint. */
  instanceType: string;
  /** `bucket/prefix` for captured requests and answers, without `s3://`; not used where serverless. Changing it updates the endpoint. */
  dataCaptureLocation: string;
  /** Name of the endpoint; default: generated. Changing it makes a new endpoint before the old one is deleted. */
  endpointName?: string;
  /** Key for captured data, and for the volume where the instance type allows. Changing it updates the endpoint. */
  kmsKeyArn?: string;
  /** How the endpoint is run; default: one instance that answers at once. A deployment without alarms needs `endpointName`. */
  endpoint?: EndpointSettings;
  /** Whether callers of `/inference` get the reason of an error. Changing it updates the function. */
  allowDetailedErrorMessage: boolean;
  /** ARN of a policy that bounds both roles; default: none. Changing it updates them. */
  permissionsBoundaryArn?: string;
}
