/**
 * Pieces that the request schemas are made of: each knows one kind of value, its rule and how to say it.
 * Where the original took text only ("20", "True"), text and JSON's own numbers and booleans are both taken, and become
 * numbers and booleans in the validated request.
 */
import Joi from 'joi';
import type { SchemaSettings } from '../../blueprint.ts';
import { STAGES } from '../../blueprint.ts';
import { ecrImageFault } from '../aws/ecr-image.ts';
import { builtInFrameworks, builtInVersions, onlyVersion } from '../aws/images.ts';
import type { InstanceUse } from '../aws/instance-types.ts';
import { GUIDE_INSTANCE_TYPE, instanceTypeFault } from '../aws/instance-types.ts';
import { boundsFault } from '../../request/bounds.ts';

/** @param type the only one that the schema is for */
export function pipelineType(type: string): Joi.StringSchema {
  return Joi.string()
    .trim()
    .valid(type)
    .required()
    .description('Type of the pipeline to provision. A different type means a different pipeline.')
    .example(type);
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-instance-types.html */
const INSTANCE_TYPE = /^ml\.[a-z][a-z0-9-]*\.(nano|micro|small|medium|large|metal|\d*xlarge)$/;

/**
 * Whether the account or the region has it is for SageMaker to say.
 * @param use what runs on it: types that SageMaker has for something else are refused; default: not checked
 */
export function instanceType(what: string, use?: InstanceUse): Joi.StringSchema {
  return Joi.string()
    .pattern(INSTANCE_TYPE, 'a SageMaker instance type such as ml.m5.large')
    .custom((type: string, helpers) => {
      // The guide's own examples stay valid: the answer has a warning, and the preflight a finding.
      const checked = use !== undefined && INSTANCE_TYPE.test(type) && type !== GUIDE_INSTANCE_TYPE;
      const reason = checked ? instanceTypeFault(type, use) : undefined;
      return reason === undefined ? type : helpers.error('mlops.instanceType', { reason });
    })
    .messages({ 'mlops.instanceType': '{{#label}} {{#reason}}' })
    .description(what)
    .example('ml.m5.large');
}

/** A key or an alias, of any partition and region. */
const KMS_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key\/[A-Za-z0-9-]+|alias\/[A-Za-z0-9/_-]{1,250})$/;
/** In the account and region of the deployment: `alias/my-key`, or the id of a key, or of a multi-region key. */
const KMS_NAME =
  /^(alias\/[A-Za-z0-9/_-]{1,250}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

/**
 * Only the service that AWS manages the key for can use it.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
 */
const AWS_MANAGED = /(^|:)(alias\/aws\/[A-Za-z0-9/_-]+)$/;
const NOT_FOR_SAGEMAKER =
  'is a key that AWS manages for one of its services, which jobs and endpoints cannot use: omit the key, which leaves ' +
  'encryption to keys of AWS, or give a key of your own';

/**
 * The four forms that SageMaker accepts. Ids and aliases are resolved when the stack is deployed (shared/aws/kms-key.ts).
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputDataConfig.html (KmsKeyId)
 */
export function kmsKeyArn(what: string): Joi.StringSchema {
  return Joi.string()
    .empty('')
    .max(2048)
    .pattern(
      new RegExp(`${KMS_ARN.source}|${KMS_NAME.source}`),
      'a KMS key: its ARN, the ARN of an alias, or its id or alias/<name> in the account of the deployment',
    )
    .custom((key: string, helpers) => (AWS_MANAGED.test(key) ? helpers.error('mlops.managedKey') : key))
    .messages({ 'mlops.managedKey': `{{#label}} ${NOT_FOR_SAGEMAKER}` })
    .description(what)
    .example('arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012');
}

// Patterns here repeat characters only, never groups: a group repeated over millions of characters overflows the stack
// of the regular expression engine.
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/;

/** SageMaker's names. @param limit 63, but for jobs and where something is appended */
export function sageMakerName(what: string, limit = 63): Joi.StringSchema {
  return Joi.string()
    .max(limit)
    .pattern(NAME, 'letters, digits and inner hyphens only; use hyphens instead of underscores, dots and spaces')
    .description(what);
}

/** Of SageMaker's names. In names of what is created it is cut where need be. */
export const MODEL_NAME_LIMIT = 63;

export function modelName(): Joi.StringSchema {
  return sageMakerName(
    'Name of the model; part of the pipeline id and of resource names. A different name means a different pipeline.',
    MODEL_NAME_LIMIT,
  )
    .trim()
    .example('my-model');
}

export const MODEL_PACKAGE_EXAMPLE = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group/1';

/** @param effect what changing it does */
export function modelPackageArn(effect: string): Joi.StringSchema {
  return Joi.string()
    .pattern(
      /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\/\d+)?$/,
      'the ARN of a model package version',
    )
    .description(
      `Model package version in the SageMaker Model Registry, which determines image and artifact. ${effect}`,
    )
    .example(MODEL_PACKAGE_EXAMPLE);
}

/**
 * SageMaker pulls from Amazon ECR.
 * @param effect what changing it does
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html (Image)
 */
export function imageUri(effect: string): Joi.StringSchema {
  return Joi.string()
    .max(255)
    .custom((uri: string, helpers) => {
      const reason = ecrImageFault(uri);
      return reason === undefined ? uri : helpers.error('mlops.image', { reason });
    })
    .messages({ 'mlops.image': '{{#label}} {{#reason}}' })
    .description(`Amazon ECR image of the custom algorithm. ${effect}`)
    .example('111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:1');
}

export function modelFramework(effect: string): Joi.StringSchema {
  return Joi.string()
    .valid(...builtInFrameworks())
    .description(`SageMaker's built-in algorithm. ${effect}`)
    .example('xgboost');
}

/**
 * Stands behind `model_framework` in a schema: joi checks keys in their order. Of a framework with one version any version is
 * accepted, and becomes that one: so did the original, whose SDK ignores it.
 */
export function modelFrameworkVersion(effect: string): Joi.AnySchema {
  return numberedText()
    .custom((value: string, helpers) => {
      const framework = (helpers.state.ancestors as [Record<string, unknown>])[0].model_framework;
      const known = typeof framework === 'string' ? builtInVersions(framework) : [];
      // An unknown framework is a separate error.
      if (known.length === 0 || known.includes(value)) return value;
      return onlyVersion(String(framework)) ?? helpers.error('any.only', { valids: known, value });
    })
    .description(`Version of the built-in algorithm. ${effect}`)
    .example('1');
}

/** Text that may come as a number, such as a version `1` or the column `0`. */
export function numberedText(): Joi.AnySchema {
  return Joi.alternatives(Joi.string().trim(), Joi.number()).custom((value: string | number) => String(value));
}

/** Keys of an object whose optional ones may be null, as the SDK writes what is not set. */
export function optionalKeys(keys: Record<string, Joi.Schema>): Joi.SchemaMap {
  return Object.fromEntries(
    Object.entries(keys).map(([key, schema]) => {
      const piece = schema as Joi.AnySchema;
      // `describe()` would cost every process a hundredth of a second at its start.
      return [key, piece.$_getFlag('presence') === 'required' ? piece : piece.empty(Joi.valid(null))];
    }),
  );
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html */
export function tagList(what: string): Joi.ArraySchema {
  return Joi.array()
    .items(
      Joi.object({
        Key: Joi.string()
          .max(128)
          .pattern(
            /^(?![Aa][Ww][Ss]:)[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u,
            'a tag key: letters, digits, spaces and _ . : / = + - @',
          )
          .required(),
        Value: Joi.string()
          .allow('')
          .max(256)
          .pattern(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, 'a tag value: letters, digits, spaces and _ . : / = + - @')
          .required(),
      }),
    )
    .max(40)
    .unique('Key')
    .description(`${what}. A list of {"Key": …, "Value": …}.`)
    .example([{ Key: 'team', Value: 'churn' }]);
}

/** A whole number that may come as text, as the original demanded. */
export function count(what: string, minimum: number, maximum: number): Joi.NumberSchema {
  return Joi.number().integer().min(minimum).max(maximum).description(what).example(minimum);
}

/** `true`, `"True"` and `"true"` are the same; the original knew text only. */
export function flag(what: string): Joi.BooleanSchema {
  return Joi.boolean().truthy('True', 'true').falsy('False', 'false').description(what).example(true);
}

/** joi does not parse JSON text. */
const FromText = Joi.extend((joi: typeof Joi) => ({
  type: 'jsonObject',
  base: joi.object(),
  messages: { 'mlops.jsonText': '{{#label}} as JSON text {{#reason}}' },
  coerce: {
    from: 'string',
    method(text: string, helpers: Joi.CustomHelpers) {
      const parsed = parseObject(text);
      if (parsed === undefined) return { value: text };
      // So far only the text itself has been checked.
      const fault = boundsFault([parsed]);
      return fault
        ? { value: text, errors: [helpers.error('mlops.jsonText', { reason: fault.message })] }
        : { value: parsed };
    },
  },
})) as { jsonObject(): Joi.ObjectSchema };

function parseObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** An object, or its JSON text. */
export function jsonObject(what: string): Joi.ObjectSchema {
  return FromText.jsonObject().description(`${what} An object, or its JSON text.`);
}

/**
 * One value for all environments, or (with several accounts) an object with one a stage.
 * A key that may be left empty may be so for a single stage.
 */
export function perStage(schema: Joi.AnySchema, settings: SchemaSettings): Joi.Schema {
  if (!settings.multiAccount) return schema;
  // Reads the schema itself, because its description takes joi ten times as long as building it.
  const description = schema.$_getFlag('description') as string;
  const [example] = (schema.$_terms.examples ?? []) as unknown[];
  const value = schema.$_getFlag('empty') === undefined ? schema : schema.empty().allow('');
  const stages = Joi.object(Object.fromEntries(STAGES.map((stage) => [stage, value.required()])));
  return Joi.alternatives()
    .conditional(Joi.object().unknown(), { then: stages, otherwise: schema })
    .description(`${description} One value, or one for each of dev, staging and prod.`)
    .example(example);
}
