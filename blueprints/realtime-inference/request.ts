import type { ModelRequest } from '../shared/aws/model-source.ts';
import type { EndpointRequest } from './endpoint-settings.ts';

/** The key `verification` for one environment, after validation. */
export interface VerificationRequest {
  smoke_request?: { body: string; content_type: string; expected?: string };
  soak_seconds?: number;
  alarms?: string[];
}

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
