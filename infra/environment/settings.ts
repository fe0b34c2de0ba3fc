/** Pulumi configuration of an environment account → typed settings, or every fault at once. */
import Joi from 'joi';
import type * as pulumi from '@pulumi/pulumi';
import { DEFAULT_PREFIX } from '../../blueprints/shared/aws/deployment-names.ts';
import { REGION_PATTERN } from '../../blueprints/shared/aws/partitions.ts';
import { DEFAULT_EXTERNAL_ID } from './deployment-role.ts';

export interface EnvironmentSettings {
  environment: 'dev' | 'staging' | 'prod';
  /** The only account that the program may change. */
  accountId: string;
  region: string;
  taskRoleArn: string;
  externalId: string;
  assetsBucket: string;
  pipelinePrefix: string;
  /** Role that deploys everything; none: the current credentials belong to the account. */
  bootstrapRoleArn?: string;
  dataBuckets?: string[];
  dataKeyArns?: string[];
}

const bucket = Joi.string().pattern(/^[a-z0-9*][a-z0-9.*-]{0,62}$/, 'name or pattern of a bucket');
const roleArn = Joi.string().pattern(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'ARN of a role');

/** Schema of the configuration; the roll-out, which writes it, uses it too. */
export const SETTINGS = {
  environment: Joi.string().valid('dev', 'staging', 'prod').required(),
  accountId: Joi.string()
    .pattern(/^\d{12}$/, '12 digits')
    .required(),
  region: Joi.string().pattern(REGION_PATTERN, 'an AWS region').required(),
  taskRoleArn: roleArn.required(),
  externalId: Joi.string().min(2).max(1224).default(DEFAULT_EXTERNAL_ID),
  assetsBucket: Joi.string()
    .pattern(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'name of a bucket')
    .required(),
  pipelinePrefix: Joi.string()
    .pattern(/^[a-z][a-z0-9-]{0,19}$/, 'lower case letters, digits and hyphens, at most 20')
    .default(DEFAULT_PREFIX),
  bootstrapRoleArn: roleArn,
  dataBuckets: Joi.array().items(bucket).min(1),
  dataKeyArns: Joi.array()
    .items(Joi.string().pattern(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:[\d*]+:key\/[\w*-]+$/, 'ARN or pattern of a key'))
    .min(1),
} satisfies Record<keyof EnvironmentSettings, Joi.Schema>;

const LISTS = ['dataBuckets', 'dataKeyArns'];

/**
 * @param region `aws:region`
 * @throws Error with every fault, one per line, each with the command that fixes it
 */
export function readSettings(config: pulumi.Config, region: string | undefined): EnvironmentSettings {
  const given = Object.keys(SETTINGS).flatMap((key) => {
    if (key === 'region') return region === undefined ? [] : [[key, region]];
    const value: unknown = LISTS.includes(key) ? config.getObject(key) : config.get(key);
    return value === undefined ? [] : [[key, value]];
  });
  const { value, error } = Joi.object(SETTINGS).validate(Object.fromEntries(given), {
    abortEarly: false,
    errors: { wrap: { label: false } },
  });
  if (!error) return value as EnvironmentSettings;
  const faults = error.details.map(({ message, path: [key] }) => {
    const name = key === 'region' ? 'aws:region' : `${config.name}:${String(key)}`;
    return `  - ${message.replace(String(key), name)}: pulumi config set ${LISTS.includes(String(key)) ? '--path ' : ''}${name} …`;
  });
  throw new Error(`The configuration of this stack is not complete:\n${faults.join('\n')}`);
}
