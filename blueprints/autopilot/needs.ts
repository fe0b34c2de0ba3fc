/** Prerequisites of an Autopilot job, which chooses its instances itself. */
import type { PipelineRequest } from '../blueprint.ts';
import type { Need, NeedsPlace } from '../needs.ts';
import { dataNeed, keyNeeds, outputNeed } from '../needs.ts';
import type { AutopilotRequest } from './job.ts';

/** In characters. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLOutputDataConfig.html */
const OUTPUT_LIMIT = 512;

export function autopilotNeeds(body: PipelineRequest, { assetsBucket }: NeedsPlace): Need[] {
  const request = body as unknown as AutopilotRequest;
  return [
    outputNeed('job_output_location', assetsBucket, request.job_output_location, OUTPUT_LIMIT),
    dataNeed('training_data', `${assetsBucket}/${request.training_data}`),
    ...keyNeeds('kms_key_arn', request.kms_key_arn),
  ];
}
