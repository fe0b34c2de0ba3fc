import type { ModelRequest } from '../shared/aws/model-source.ts';
import type { EndpointRequest } from './endpoint-settings.ts';
import type { VerificationRequest } from './verification.ts';

/** A real-time request as the schema of this folder leaves it, for one environment. */
export interface RealtimeRequest extends ModelRequest {
  model_name: string;
  inference_instance: string;
  data_capture_location: string;
  endpoint_name?: string;
  kms_key_arn?: string;
  endpoint?: EndpointRequest;
  verification?: VerificationRequest;
}
