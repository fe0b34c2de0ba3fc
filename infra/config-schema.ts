/** The launch parameters one by one: format, default, and dependencies. config.ts turns them into settings. */
import Joi from 'joi';
import { REGION_PATTERN } from '../blueprints/shared/aws/partitions.ts';
import { certificateArn, subnetId } from './identifiers.ts';
import { signInSchema } from './sign-in-schema.ts';

/** Keys that are secrets: read elsewhere, only listed here. */
export const SECRET_KEYS = ['pulumiAccessToken', 'signInClientSecret'] as const;

const accountId = Joi.string().pattern(/^\d{12}$/, '12 digits');
/** @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html */
const orgId = Joi.string().pattern(
  /^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$/,
  'an organizational unit such as ou-ab12-cdefgh34',
);
const optional = (schema: Joi.StringSchema) => schema.allow('').default('');
const region = Joi.string().pattern(REGION_PATTERN, 'an AWS region');
const tasks = (fallback: number) => Joi.number().integer().min(1).max(100).default(fallback);
const arns = Joi.array()
  .items(Joi.string().pattern(/^(arn:|\*)/, 'an ARN, which may hold *'))
  .default([]);
/** Given with the multi-account option, and only then. */
const inEnvironments = (schema: Joi.StringSchema) =>
  schema
    .allow('')
    .default('')
    .when('multiAccount', {
      is: true,
      then: schema.disallow('').required(),
      otherwise: Joi.valid('').messages({ 'any.only': '{{#label}} needs multiAccount: true' }),
    });
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;
const CAPACITY_STEP = 0.5;
/**
 * Aurora capacity units. With AWS' lowest minimum of 0 the database pauses after minutes without connections; the service is
 * always connected, so it never would.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html
 */
const capacity = (least: number, fallback: number) =>
  Joi.number()
    .min(least)
    .rule({ keep: true, message: `{{#label}} must not be below ${least}, the least that Aurora takes` })
    .max(256)
    .multiple(CAPACITY_STEP)
    .default(fallback);

const TWO_SUBNETS =
  '{{#label}} must name at least two subnets of vpcId, in different zones, with a way to the internet';

export const schema = Joi.object({
  // Pulumi.yaml declares it as empty: without any default, the CLI would stop there, and name none of the other problems.
  notificationEmail: Joi.string().empty('').min(5).max(320).email({ tlds: false }).required(),
  repositoryAddress: optional(
    Joi.string().pattern(
      /^https:\/\/git-codecommit\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/v1\/repos\/[\w.-]{1,100}$/,
      'a CodeCommit address such as https://git-codecommit.us-east-1.amazonaws.com/v1/repos/<repository-name>',
    ),
  ),
  repositoryBranch: Joi.string().min(1).max(256).default('main'),
  existingS3Bucket: optional(Joi.string().pattern(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'an S3 bucket name')),
  existingECRRepository: optional(
    Joi.string()
      .pattern(/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/, 'the name of an ECR repository, without its registry')
      .max(256),
  ),
  useModelRegistry: Joi.boolean().default(false),
  createModelRegistry: Joi.boolean().default(false),
  allowDetailedErrorMessage: Joi.boolean().default(true),
  multiAccount: Joi.boolean().default(false),
  delegatedAdminAccount: Joi.boolean().default(true),
  devOrgId: inEnvironments(orgId),
  devAccountId: inEnvironments(accountId),
  devRegion: optional(region),
  stagingOrgId: inEnvironments(orgId),
  stagingAccountId: inEnvironments(accountId),
  stagingRegion: optional(region),
  prodOrgId: inEnvironments(orgId),
  prodAccountId: inEnvironments(accountId),
  prodRegion: optional(region),

  pipelinePrefix: Joi.string()
    .pattern(/^[a-z][a-z0-9-]{0,19}$/, 'lower case letters, digits and hyphens, at most 20')
    .default('mlops-pipeline'),
  imageUri: optional(
    Joi.string().pattern(/^[\w.-]+(:\d+)?\/[\w./-]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/, 'an image with tag or digest'),
  ),
  vpcId: optional(Joi.string().pattern(/^vpc-[0-9a-f]{8,17}$/, 'a VPC id')),
  privateSubnetIds: Joi.array()
    .items(subnetId)
    .unique()
    .default([])
    .when('vpcId', {
      is: Joi.string().min(1),
      then: Joi.array().min(2).required().messages({ 'array.min': TWO_SUBNETS, 'any.required': TWO_SUBNETS }),
      otherwise: Joi.array().max(0).messages({ 'array.max': '{{#label}} needs vpcId' }),
    }),
  vpcCidr: Joi.string()
    .pattern(/^\d{1,3}(\.\d{1,3}){3}\/(1[6-9]|20)$/, 'an IPv4 range from /16 to /20')
    .default('10.0.0.0/16'),
  natGateways: Joi.string().valid('Single', 'OnePerAz').default('Single'),
  databaseMinCapacity: capacity(0.5, 0.5),
  databaseMaxCapacity: capacity(1, 4)
    .min(Joi.ref('databaseMinCapacity'))
    .message('{{#label}} must not be below databaseMinCapacity'),
  databaseMultiAz: Joi.boolean().default(false),
  databaseDeletionProtection: Joi.boolean().default(true),
  databaseFinalSnapshot: Joi.boolean().default(true),
  databaseBackupDays: Joi.number().integer().min(1).max(35).default(7),
  apiMinTasks: tasks(1),
  apiMaxTasks: tasks(4)
    .min(Joi.ref('apiMinTasks'))
    .messages({ 'number.min': '{{#label}} must not be below apiMinTasks' }),
  workerMinTasks: tasks(1),
  workerMaxTasks: tasks(4)
    .min(Joi.ref('workerMinTasks'))
    .messages({ 'number.min': '{{#label}} must not be below workerMinTasks' }),
  certificateArn: optional(certificateArn),
  certificateDomain: optional(Joi.string().hostname()),
  logRetentionDays: Joi.number()
    .valid(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
    .default(90),
  signIn: signInSchema,
  viewerArns: arns,
  provisionerArns: arns,
  approverArns: arns,
  adminArns: arns,
  serviceSettings: Joi.object()
    .pattern(VARIABLE, Joi.alternatives(Joi.string(), Joi.number(), Joi.boolean()))
    .default({}),
  serviceSecrets: Joi.object()
    .pattern(VARIABLE, Joi.string().pattern(/^arn:[a-z-]+:secretsmanager:/, 'the ARN of a Secrets Manager secret'))
    .default({}),
  tags: Joi.object().pattern(Joi.string().max(128), Joi.string().max(256)).default({}),
})
  .and('certificateArn', 'certificateDomain', { isPresent: (value: unknown) => value !== undefined && value !== '' })
  .prefs({
    abortEarly: false,
    errors: { wrap: { label: false } },
    messages: { 'object.and': 'certificateArn and certificateDomain go together' },
  });

/** Every key that the program knows. */
export const KEYS: readonly string[] = [...Object.keys(schema.describe().keys as object), ...SECRET_KEYS];

/** The values of keys that were not given. */
export function defaults(): Record<string, unknown> {
  const keys = schema.describe().keys as Record<string, { flags?: { default?: unknown } }>;
  return Object.fromEntries(
    Object.entries(keys).flatMap(([key, { flags }]) => (flags && 'default' in flags ? [[key, flags.default]] : [])),
  );
}
