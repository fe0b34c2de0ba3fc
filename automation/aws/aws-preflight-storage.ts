/** Checks whether buckets and objects exist, are in the region, and are readable. */
import { HeadBucketCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { subjectOf } from '../../blueprints/needs.ts';
import type { PreflightFinding } from '../model.ts';
import { isAbsent, isDenied, orAbsent } from './aws-errors.ts';
import type { Look, NeedOf } from './preflight-call.ts';
import { findingOf, missingPermission } from './aws-preflight-checks.ts';

type StorageNeed = NeedOf<'bucket'> | NeedOf<'object'>;

/** A bucket first, then its objects. */
export async function checkStorage(needs: readonly StorageNeed[], look: Look): Promise<PreflightFinding[]> {
  // A bucket in another region is checked there, and reported with its region.
  const s3 = new S3Client({ ...look, followRegionRedirects: true });
  const byBucket = Map.groupBy(needs, (need) => need.bucket);
  const findings = await Promise.all(
    [...byBucket].map(async ([bucket, ofBucket]) => {
      const finding = await checkBucket(s3, bucket, ofBucket, look.region);
      if (finding) return [finding];
      const objects = ofBucket.filter((need) => need.kind === 'object');
      return (await Promise.all(objects.map((need) => checkObject(s3, need)))).flat();
    }),
  );
  return findings.flat();
}

/** A role may be allowed to read an object without being allowed to inspect its bucket: the check of the object decides then. */
async function checkBucket(
  s3: S3Client,
  bucket: string,
  needs: readonly StorageNeed[],
  region: string,
): Promise<PreflightFinding | undefined> {
  const direct = needs.find((need) => need.kind === 'bucket');
  const pointers = [...new Set(needs.map(({ pointer }) => pointer))].join(', ');
  const finding = (message: string) => ({ check: 'bucket', subject: `s3://${bucket}`, message });
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    if (!BucketRegion || BucketRegion === region) return undefined;
    return finding(
      `The bucket of ${pointers} is in ${BucketRegion}, but SageMaker accepts only buckets in ${region} here.`,
    );
  } catch (error) {
    if (isAbsent(error)) return finding(`The bucket of ${pointers} does not exist: create it, or specify another one.`);
    if (!isDenied(error)) throw error;
    return direct && findingOf(direct, missingPermission('s3:ListBucket', 'the bucket policy', error));
  }
}

async function checkObject(s3: S3Client, need: NeedOf<'object'>): Promise<PreflightFinding[]> {
  const { bucket: Bucket, key: Key, isPrefix } = need;
  try {
    if (isPrefix) {
      const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 1 }));
      return KeyCount
        ? []
        : [findingOf(need, `No object exists at or below ${subjectOf(need)}: upload it, or correct the key.`)];
    }
    const found = await orAbsent(s3.send(new HeadObjectCommand({ Bucket, Key })));
    return found ? [] : [findingOf(need, 'The object does not exist: upload it, or correct the key.')];
  } catch (error) {
    if (!isDenied(error)) throw error;
    const action = isPrefix
      ? 's3:ListBucket'
      : 's3:GetObject (and s3:ListBucket, without which a missing object looks the same)';
    return [findingOf(need, missingPermission(action, 'the bucket policy', error))];
  }
}
