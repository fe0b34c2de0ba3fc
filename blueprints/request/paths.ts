/** Places in Amazon S3 as the guide writes them: `bucket/prefix`, and keys in the assets bucket. */
import Joi from 'joi';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const KEY_LIMIT_BYTES = 1_024;

/** Of most S3 URIs of SageMaker's API. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html */
const URI_LIMIT = 1_024;
/** Of captured data, reports and labels. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html */
export const SHORT_URI_LIMIT = 512;
const SCHEME = /^s3:\/\//;
/** A bucket alone is a place too: its root. The scheme is forgiven. */
const LOCATION = /^(s3:\/\/)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/;
const OBJECT = /^(s3:\/\/)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+$/;
const ASSET = /^(?!s3:\/\/|\/).+$/;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function isBucketName(name: string): boolean {
  return !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name) && !/^(xn--|sthree-)/.test(name);
}

const uriOf = (path: string): string => `s3://${path}`;

function isPath(path: string): boolean {
  const [bucket = '', ...key] = path.split('/');
  return isBucketName(bucket) && Buffer.byteLength(key.join('/')) <= KEY_LIMIT_BYTES;
}

const RULES = {
  'mlops.uriLength':
    '{{#label}} is longer than SageMaker accepts: s3:// and the location are at most {{#limit}} characters',
  'mlops.bucketPath': `{{#label}} must start with a valid bucket name, followed by at most ${KEY_LIMIT_BYTES} bytes`,
};

/**
 * `bucket/prefix`. `s3://` before it and one slash behind it are dropped.
 * @param what effect, default, and what changing it replaces
 * @param uriLimit characters of `s3://<bucket>/<prefix>` that the service accepts
 */
export function s3Location(what: string, uriLimit = URI_LIMIT): Joi.StringSchema {
  return s3Path(
    LOCATION,
    '<bucket>/<prefix> without s3://, such as my-bucket/some/prefix',
    (path) => path.replace(/\/$/, ''),
    uriLimit,
  )
    .description(`${what}. As bucket/prefix, without s3://.`)
    .example('my-bucket/some/prefix');
}

/** `bucket/key` of one object: its slashes are its own. `s3://` before it is dropped. */
export function s3Object(what: string): Joi.StringSchema {
  return s3Path(OBJECT, '<bucket>/<key> without s3://, such as my-bucket/data/file.csv', (path) => path, URI_LIMIT)
    .description(`${what}. As bucket/key, without s3://.`)
    .example('my-bucket/data/file.csv');
}

function s3Path(pattern: RegExp, form: string, tidy: (path: string) => string, uriLimit: number): Joi.StringSchema {
  return Joi.string()
    .pattern(pattern, form)
    .custom((value: string, helpers) => {
      // A value that does not even look like a path is a separate error.
      if (!pattern.test(value)) return value;
      const path = tidy(value.replace(SCHEME, ''));
      if (!isPath(path)) return helpers.error('mlops.bucketPath');
      return uriOf(path).length > uriLimit ? helpers.error('mlops.uriLength', { limit: uriLimit }) : path;
    })
    .messages(RULES);
}

/** A key in the assets bucket. */
export function assetKey(what: string): Joi.StringSchema {
  return Joi.string()
    .max(KEY_LIMIT_BYTES, 'utf8')
    .pattern(ASSET, 'a key in the assets bucket: without s3://, bucket and leading slash')
    .description(`${what}. A key in the assets bucket.`)
    .example('path/to/file');
}

/** A key or prefix in the assets bucket for a training job; one trailing slash is dropped, as the original did. */
export function assetPrefix(what: string): Joi.StringSchema {
  return assetKey(what)
    .custom((value: string) => value.replace(/\/$/, ''))
    .example('path/to/prefix', { override: true });
}
