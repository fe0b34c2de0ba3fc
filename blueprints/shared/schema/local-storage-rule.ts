/** The volume of a job on instances with local storage, in the keys that training, tuning and monitoring share. Pure. */
import { localStorageOf } from '../aws/local-storage.ts';
import type { Violation } from './rules.ts';

/**
 * A volume is no larger than the local storage of an instance that has one.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingClusterConfig.html (VolumeSizeInGB)
 */
export function localStorageViolation(instanceType: string, volumeSize: number): Violation | undefined {
  const most = localStorageOf(instanceType);
  return most !== undefined && volumeSize > most
    ? {
        key: 'instance_volume_size',
        rule: 'range',
        reason: `is ${volumeSize}, but instance_type ${instanceType} has ${most} GB of local storage and no other volume: set instance_volume_size to at most ${most}, or choose a larger instance_type`,
      }
    : undefined;
}
