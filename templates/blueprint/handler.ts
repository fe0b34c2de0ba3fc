/** Lambda: size and age of the archive that BUCKET and KEY name. */
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

export interface Archive {
  location: string;
  bytes: number;
  lastModified: string | undefined;
}

/** @throws S3's own error, such as NotFound */
export async function handler(): Promise<Archive> {
  const { BUCKET, KEY } = process.env;
  const found = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY }));
  return {
    location: `s3://${BUCKET}/${KEY}`,
    bytes: found.ContentLength ?? 0,
    lastModified: found.LastModified?.toISOString(),
  };
}
