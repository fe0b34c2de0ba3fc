/** Prerequisites of a transform job. */
import type { PipelineRequest } from '../blueprint.ts';
import type { Need, NeedsPlace } from '../needs.ts';
import { bucketNeed, dataNeed, instancesNeed, keyNeeds } from '../needs.ts';
import { modelNeeds } from '../shared/aws/model-needs.ts';
import type { BatchRequest } from './request.ts';

export function batchNeeds(body: PipelineRequest, place: NeedsPlace): Need[] {
  const request = body as unknown as BatchRequest;
  return [
    ...modelNeeds(request, place),
    dataNeed('batch_inference_data', request.batch_inference_data),
    bucketNeed('batch_job_output_location', request.batch_job_output_location),
    ...keyNeeds('kms_key_arn', request.kms_key_arn),
    instancesNeed('inference_instance', request.inference_instance, 'transform job'),
  ];
}
