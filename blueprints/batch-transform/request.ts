import type { ModelRequest } from '../shared/aws/model-source.ts';

/** The keys of a batch request for one environment, after validation. */
export interface BatchRequest extends ModelRequest {
  model_name: string;
  inference_instance: string;
  batch_inference_data: string;
  batch_job_output_location: string;
  kms_key_arn?: string;
}
