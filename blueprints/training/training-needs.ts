/** Prerequisites of training and tuning jobs. */
import type { Need, NeedsPlace } from '../needs.ts';
import { assetNeed, dataNeed, instancesNeed, keyNeeds, outputNeed } from '../needs.ts';
import type { TrainingRequest } from './training-definition.ts';

/** `/<job name>/checkpoint` below the output, for spot jobs: 63 characters of a name at most. */
const CHECKPOINT_LENGTH = '/checkpoint'.length + 1 + 63;
/** In characters. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CheckpointConfig.html (S3Uri) */
const OUTPUT_LIMIT = 1_024 - CHECKPOINT_LENGTH;

/** @param jobs that run at the same time */
export function trainingNeeds(request: TrainingRequest, place: NeedsPlace, jobs = 1): Need[] {
  const { training_data: training, validation_data: validation, s3_data_type: type } = request;
  // A manifest is one file; what it lists is checked only by the job.
  const data = (key: string, path: string): Need =>
    type === 'S3Prefix' ? dataNeed(key, `${place.assetsBucket}/${path}`) : assetNeed(key, place, path);
  return [
    outputNeed('job_output_location', place.assetsBucket, request.job_output_location, OUTPUT_LIMIT),
    data('training_data', training),
    ...(validation ? [data('validation_data', validation)] : []),
    ...keyNeeds('kms_key_arn', request.kms_key_arn),
    instancesNeed(
      'instance_type',
      request.instance_type,
      request.use_spot_instances ? 'spot training job' : 'training job',
      request.instance_count * jobs,
    ),
  ];
}
