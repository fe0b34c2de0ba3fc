/** Pieces that the request schemas are made of: each knows one kind of value, its rule and how to say it. */
import Joi from 'joi';
import { STAGES } from '../blueprint.ts';
import type { SchemaSettings } from '../blueprint.ts';
import { builtInFrameworks, builtInVersions } from './images.ts';

/** Removes `s3://` and one trailing slash; whoever pastes a console URI means the same place. */
function bucketPath(value: string): string {
  return value.replace(/^s3:\/\//, '').replace(/\/$/, '');
}

const BUCKET_PATH = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^\0]{1,1024})?$/;

/** `bucket/prefix`, without `s3://`. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function s3Location(what: string): Joi.StringSchema {
  return Joi.string()
    .min(3)
    .custom((value: string, helpers) => {
      const path = bucketPath(value);
      return BUCKET_PATH.test(path) ? path : helpers.error('mlops.bucketPath');
    })
    .messages({
      'mlops.bucketPath':
        '{{#label}} must be <bucket>/<prefix> with a valid bucket name, such as my-bucket/some/prefix',
    })
    .description(`${what}, as bucket/prefix without s3://`)
    .example('my-bucket/some/prefix');
}

/** `bucket/key` of one object: its slashes are its own. */
export function s3Object(what: string): Joi.StringSchema {
  return Joi.string()
    .min(3)
    .custom((value: string, helpers) => {
      const path = value.replace(/^s3:\/\//, '');
      return BUCKET_PATH.test(path) && path.includes('/') ? path : helpers.error('mlops.objectPath');
    })
    .messages({
      'mlops.objectPath': '{{#label}} must be <bucket>/<key> with a valid bucket name, such as my-bucket/data.csv',
    })
    .description(`${what}, as bucket/key without s3://`)
    .example('my-bucket/data/file.csv');
}

/** A key in the assets bucket. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export function assetKey(what: string, limit = 1024): Joi.StringSchema {
  return Joi.string()
    .max(limit, 'utf8')
    .pattern(/^(?!s3:\/\/|\/)[^\0]+$/, 'a key in the assets bucket, without s3:// and bucket')
    .description(`${what}: a key in the assets bucket`)
    .example('path/to/file');
}

/** A prefix in the assets bucket; one trailing slash is dropped, as the original did. */
export function assetPrefix(what: string): Joi.StringSchema {
  return assetKey(what, 128).custom((value: string) => value.replace(/\/$/, ''));
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-instance-types.html */
export function instanceType(what: string): Joi.StringSchema {
  return Joi.string()
    .pattern(
      /^ml\.[a-z][a-z0-9-]*\.(nano|micro|small|medium|\d*x?large|metal)$/,
      'an instance type such as ml.m5.large',
    )
    .description(what)
    .example('ml.m5.large');
}

/** Key ARNs of any partition and region; aliases are not resolved by the services that use the key. */
export function kmsKeyArn(what: string): Joi.StringSchema {
  return Joi.string()
    .empty('')
    .max(2048)
    .pattern(/^arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, 'the ARN of a KMS key (not of an alias)')
    .description(what)
    .example('arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012');
}

/** SageMaker's names. @param limit 63, but for jobs and where something is appended */
export function sageMakerName(what: string, limit = 63): Joi.StringSchema {
  return Joi.string()
    .max(limit)
    .pattern(/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/, 'letters, digits and inner hyphens')
    .description(what);
}

/**
 * A stack name has at most 100 characters: prefix (20), model name, the longest postfix (30), environment (7) and what is
 * between them.
 * @see https://www.pulumi.com/docs/iac/concepts/stacks/#stack-naming
 */
export const MODEL_NAME_LIMIT = 40;

export function modelName(): Joi.StringSchema {
  return sageMakerName(
    'Name of the model: part of the pipeline id and of the names of what is created. Another name is another pipeline',
    MODEL_NAME_LIMIT,
  )
    .trim()
    .example('my-model');
}

export function modelPackageArn(): Joi.StringSchema {
  return Joi.string()
    .pattern(
      /^arn:aws(-[a-z]+)*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/[a-zA-Z0-9](-*[a-zA-Z0-9])*(\/\d+)?$/,
      'the ARN of a model package version',
    )
    .description('Version in the SageMaker model registry. Changing it replaces the model')
    .example('arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group/1');
}

export function imageUri(): Joi.StringSchema {
  return Joi.string()
    .max(255)
    .pattern(/^[\w.-]+(:\d+)?\/[a-z0-9._/-]+(:[\w.-]+|@sha256:[0-9a-f]{64})?$/, 'the URI of a container image')
    .description('Image of the custom algorithm in Amazon ECR. Changing it replaces the model')
    .example('111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:1');
}

export function modelFramework(): Joi.StringSchema {
  return Joi.string()
    .valid(...builtInFrameworks())
    .description('Built-in algorithm that trained the model. Changing it replaces the model')
    .example('xgboost');
}

export function modelFrameworkVersion(): Joi.AnySchema {
  return numberedText()
    .custom((value: string, helpers) => {
      const framework = (helpers.state.ancestors as [Record<string, unknown>])[0].model_framework;
      const known = typeof framework === 'string' ? builtInVersions(framework) : [];
      // An unknown framework is its own fault.
      return known.length === 0 || known.includes(value) ? value : helpers.error('any.only', { valids: known, value });
    })
    .description('Version of the built-in algorithm. Changing it replaces the model')
    .example('1');
}

/** Text that may come as a number, such as a version `1`. */
export function numberedText(): Joi.AnySchema {
  return Joi.alternatives(Joi.string(), Joi.number().unsafe()).custom((value: string | number) => String(value));
}

/** A whole number that may come as text, as the original demanded. */
export function count(what: string, minimum: number, maximum: number): Joi.NumberSchema {
  return Joi.number().integer().min(minimum).max(maximum).description(what);
}

/** `true`, `"True"` and `"true"` are the same; the original knew text only. */
export function flag(what: string): Joi.BooleanSchema {
  return Joi.boolean().truthy('True', 'true').falsy('False', 'false').description(what);
}

/** An object, or its JSON text. */
export function jsonObject(what: string): Joi.ObjectSchema {
  return Joi.object().description(`${what} An object, or the JSON text of one.`);
}

/** One value for all environments, or (with several accounts) an object with one a stage. */
export function perStage(schema: Joi.AnySchema, settings: SchemaSettings): Joi.Schema {
  if (!settings.multiAccount) return schema;
  const stages = Joi.object(Object.fromEntries(STAGES.map((stage) => [stage, schema.required()])));
  return Joi.alternatives()
    .conditional(Joi.object().unknown(), { then: stages, otherwise: schema })
    .description(
      `${String(schema.describe().flags ? descriptionOf(schema) : '')} One value, or one each for dev, staging and prod`,
    );
}

function descriptionOf(schema: Joi.AnySchema): string {
  const { description = '' } = schema.describe().flags as { description?: string };
  return description && `${description}.`;
}
