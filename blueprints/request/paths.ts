/** Places in Amazon S3 as the guide writes them: `bucket/prefix`, and keys in the assets bucket. */
import Joi from 'joi';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const KEY_LIMIT_BYTES = 1_024;

const SCHEME = /^s3:\/\//;
/** A bucket alone is a place too: its root. The scheme is forgiven. */
const LOCATION = /^(s3:\/\/)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/;
const OBJECT = /^(s3:\/\/)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+$/;
const ASSET = /^(?!s3:\/\/|\/).+$/;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function isBucketName(name: string): boolean {
  return !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name) && !/^(xn--|sthree-)/.test(name);
}

function isPath(path: string): boolean {
  const [bucket = '', ...key] = path.split('/');
  return isBucketName(bucket) && Buffer.byteLength(key.join('/')) <= KEY_LIMIT_BYTES;
}

const RULES = {
  'mlops.bucketPath': `{{#label}} must name a valid bucket, and below it at most ${KEY_LIMIT_BYTES} bytes`,
};

/**
 * `bucket/prefix`. `s3://` before it and one slash behind it are dropped.
 * @param what effect, default, and what changing it replaces
 */
export function s3Location(what: string): Joi.StringSchema {
  return s3Path(LOCATION, '<bucket>/<prefix> without s3://, such as my-bucket/some/prefix', (path) =>
    path.replace(/\/$/, ''),
  )
    .description(`${what}. As bucket/prefix, without s3://.`)
    .example('my-bucket/some/prefix');
}

/** `bucket/key` of one object: its slashes are its own. `s3://` before it is dropped. */
export function s3Object(what: string): Joi.StringSchema {
  return s3Path(OBJECT, '<bucket>/<key> without s3://, such as my-bucket/data/file.csv', (path) => path)
    .description(`${what}. As bucket/key, without s3://.`)
    .example('my-bucket/data/file.csv');
}

function s3Path(pattern: RegExp, form: string, tidy: (path: string) => string): Joi.StringSchema {
  return Joi.string()
    .pattern(pattern, form)
    .custom((value: string, helpers) => {
      // What does not even look like a path has been told already.
      if (!pattern.test(value)) return value;
      const path = tidy(value.replace(SCHEME, ''));
      return isPath(path) ? path : helpers.error('mlops.bucketPath');
    })
    .messages(RULES);
}

/**
 * A key in the assets bucket.
 * @param limit bytes
 */
export function assetKey(what: string, limit = KEY_LIMIT_BYTES): Joi.StringSchema {
  return Joi.string()
    .max(limit, 'utf8')
    .pattern(ASSET, 'a key in the assets bucket: without s3://, bucket and leading slash')
    .description(`${what}. A key in the assets bucket.`)
    .example('path/to/file');
}

/** Training jobs' keys, as the original limited them. */
const JOB_KEY_LIMIT = 128;

/** A key or prefix in the assets bucket for a training job; one trailing slash is dropped, as the original did. */
export function assetPrefix(what: string): Joi.StringSchema {
  return jobAssetKey(what)
    .custom((value: string) => value.replace(/\/$/, ''))
    .example('path/to/prefix', { override: true });
}

/** A key in the assets bucket for a training job, taken as it is. */
export function jobAssetKey(what: string): Joi.StringSchema {
  return assetKey(what, JOB_KEY_LIMIT);
}
