/** What must be there for training and tuning jobs. */
import type { Need, NeedsPlace } from '../needs.ts';
import { assetNeed, bucketNeed, dataNeed, instancesNeed, keyNeeds } from '../needs.ts';
import type { TrainingRequest } from './training-definition.ts';

/** @param jobs that run at the same time */
export function trainingNeeds(request: TrainingRequest, place: NeedsPlace, jobs = 1): Need[] {
  const { training_data: training, validation_data: validation, s3_data_type: type } = request;
  // A manifest is one file; what it lists is checked only by the job.
  const data = (key: string, path: string): Need =>
    type === 'S3Prefix' ? dataNeed(key, `${place.assetsBucket}/${path}`) : assetNeed(key, place, path);
  return [
    bucketNeed('job_output_location', place.assetsBucket),
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
