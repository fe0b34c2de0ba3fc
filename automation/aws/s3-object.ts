/** An object in S3, as the SDK's commands name it. */
export interface S3Object {
  Bucket: string;
  Key: string;
}

/** @param uri such as `s3://bucket/path/to/file` */
export function s3Object(uri: string): S3Object {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  return { Bucket, Key };
}
