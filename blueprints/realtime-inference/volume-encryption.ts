/** Families whose instances have local NVMe storage without saying so by a `d` in their name. */
const LOCAL_STORAGE = /^ml\.(g5|g6|g6e|gr6|p5|p5e|p5en|p6|trn1|trn1n|trn2|i3|i3en|i4i)\./;
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
