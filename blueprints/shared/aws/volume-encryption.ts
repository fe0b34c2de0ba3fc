/**
 * Families whose instances all have local storage without saying so by a `d` after the generation: GPU and accelerator families
 * since the fifth generation, and the storage families. Inferentia (`inf`) has none, nor has `g5g`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html
 */
const LOCAL_STORAGE =
  /^ml\.(g5|gr?[67][a-z]*|p[56][a-z]*(-[a-z0-9]+)?|trn\d[a-z]*|d[23][a-z]*|dl\d[a-z]*|f[12]|h1|i(?!nf)\w+)\./;
/** `m5d`, `c6gd`, `g4dn`, `p4d`, `p3dn`: a `d` after the generation. */
const DISK_LETTER = /^ml\.[a-z]+\d+[a-z]*d[a-z]*\./;

/**
 * Whether a key may be asked for the storage volume: SageMaker refuses one for instance types with local storage, which
 * their hardware encrypts.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html (KmsKeyId)
 */
export function mayEncryptVolume(instanceType: string): boolean {
  return !DISK_LETTER.test(instanceType) && !LOCAL_STORAGE.test(instanceType);
}
