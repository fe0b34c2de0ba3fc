/**
 * Local storage of instance types, in GB: SageMaker has no larger volume for them. Pure.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingClusterConfig.html (VolumeSizeInGB)
 */

/** Of families that training and processing jobs run on; those with more than any volume may have are left out. */
const SIZES: Readonly<Record<string, Readonly<Record<string, number>> | undefined>> = {
  'ml.g4dn': { xlarge: 125, '2xlarge': 225, '4xlarge': 225, '8xlarge': 900, '12xlarge': 900, '16xlarge': 900 },
  'ml.g5': {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3_800,
    '16xlarge': 1_900,
    '24xlarge': 3_800,
    '48xlarge': 7_600,
  },
  'ml.g6': {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3_760,
    '16xlarge': 1_880,
    '24xlarge': 3_760,
    '48xlarge': 7_520,
  },
  'ml.g6e': {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3_800,
    '16xlarge': 1_900,
    '24xlarge': 3_800,
    '48xlarge': 7_600,
  },
  'ml.p3dn': { '24xlarge': 1_800 },
  'ml.p4d': { '24xlarge': 8_000 },
  'ml.p4de': { '24xlarge': 8_000 },
  'ml.r5d': {
    large: 75,
    xlarge: 150,
    '2xlarge': 300,
    '4xlarge': 600,
    '8xlarge': 1_200,
    '12xlarge': 1_800,
    '16xlarge': 2_400,
    '24xlarge': 3_600,
  },
  'ml.trn1': { '2xlarge': 475, '32xlarge': 7_600 },
};

/** @returns undefined for a type without local storage, or of which it is not known */
export function localStorageOf(instanceType: string): number | undefined {
  const dot = instanceType.lastIndexOf('.');
  return SIZES[instanceType.slice(0, dot)]?.[instanceType.slice(dot + 1)];
}
