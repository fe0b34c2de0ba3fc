/** What must be there for an Autopilot job, which chooses its instances itself. */
import type { PipelineRequest } from '../blueprint.ts';
import type { Need, NeedsPlace } from '../needs.ts';
import { bucketNeed, dataNeed, keyNeeds } from '../needs.ts';
import type { AutopilotRequest } from './job.ts';

export function autopilotNeeds(body: PipelineRequest, { assetsBucket }: NeedsPlace): Need[] {
  const request = body as unknown as AutopilotRequest;
  return [
    bucketNeed('job_output_location', assetsBucket),
    dataNeed('training_data', `${assetsBucket}/${request.training_data}`),
    ...keyNeeds('kms_key_arn', request.kms_key_arn),
  ];
}
