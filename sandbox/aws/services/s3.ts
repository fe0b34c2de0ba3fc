/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html */
import { createHash } from 'node:crypto';
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { assetHash, at, isAbsent, isAssetOrArchive, objects, same, text } from '../properties.ts';
import { functionName, requirePolicyDocument } from '../references.ts';
import type { CallContext, Reference, TypeDefinition } from '../resource-type.ts';
import { placeOf } from '../store.ts';
import { randomId } from '../identifiers.ts';

const service = { folder: 's3', sdkId: 'S3' };
const BUCKET = 'aws:s3/bucket:Bucket';
const OBJECTS = ['aws:s3/bucketObject:BucketObject', 'aws:s3/bucketObjectv2:BucketObjectv2'];

/** @see https://docs.aws.amazon.com/general/latest/gr/s3.html */
const HOSTED_ZONES: Readonly<Record<string, string>> = {
  'eu-central-1': 'Z21DNDUVLTQW6Q',
  'eu-west-1': 'Z1BKCTXD74EZPE',
  'us-east-1': 'Z3AQBSTGFYJSTF',
  'us-east-2': 'Z2O1EMRO9K5GLX',
  'us-west-1': 'Z2F56UZL2M1ACD',
  'us-west-2': 'Z3BJ6K6RIION7M',
};

const bucket: TypeDefinition = {
  token: BUCKET,
  service,
  title: 'S3 Bucket',
  api: { create: 'CreateBucket', update: 'PutBucketTagging', delete: 'DeleteBucket' },
  autoName: { property: 'bucket', maxLength: 63, conflictsWith: ['bucketPrefix'], lowerCase: true },
  nameRule: {
    property: 'bucket',
    minLength: 3,
    maxLength: 63,
    pattern: /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/,
    code: 'InvalidBucketName',
  },
  rules: [{ path: 'bucketPrefix', maxLength: 37 }],
  replaceOn: ['bucket', 'bucketPrefix', 'bucketNamespace', 'objectLockEnabled'],
  optionalOutputs: ['websiteDomain', 'websiteEndpoint'],
  documents: ['policy'],
  defaults: { forceDestroy: false, objectLockEnabled: false, bucketNamespace: 'global' },
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'bucket') },
  outputs: (_inputs, id, scope) => ({
    arn: `arn:${scope.partition}:s3:::${id}`,
    bucketDomainName: `${id}.s3.${scope.dnsSuffix}`,
    bucketRegion: scope.region,
    bucketRegionalDomainName: `${id}.s3.${scope.region}.${scope.dnsSuffix}`,
    hostedZoneId: HOSTED_ZONES[scope.region] ?? '',
  }),
  duplicate: {
    code: 'BucketAlreadyOwnedByYou',
    status: 409,
    message: () => 'Your previous request to create the named bucket succeeded and you already own it.',
  },
  refuseCreate: async ({ inputs, store, scope }) => {
    if (!isAbsent(inputs['acl']) && inputs['acl'] !== 'private') {
      refuse('AccessControlListNotSupported', 'The bucket does not allow ACLs');
    }
    const other = await store.findAnywhere(BUCKET, text(inputs, 'bucket'));
    if (other && other.accountId !== scope.accountId) {
      refuse('BucketAlreadyExists', 'The requested bucket name is not available.', 409);
    }
    if (other && other.region !== scope.region) {
      refuse('BucketAlreadyOwnedByYou', 'You already own a bucket of this name in another region.', 409);
    }
  },
  refuseDelete: async (context, before) => {
    if (before.inputs['forceDestroy'] !== true && (await objectsIn(context, before.id)).length > 0) {
      refuse('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    }
  },
  cascade: async (context, before) => {
    const side = SIDE_RESOURCES.map(async ({ token }) =>
      context.store.read(placeOf({ token }, context.scope), before.id),
    );
    const settings = (await Promise.all(side)).filter((each) => each !== undefined);
    return [...(await objectsIn(context, before.id)), ...settings];
  },
};

async function objectsIn({ store, scope }: CallContext, name: string) {
  return (await Promise.all(OBJECTS.map((token) => store.list(placeOf({ token }, scope), `${name}/`)))).flat();
}

const bucketExists = (property = 'bucket'): Reference => ({
  property,
  type: BUCKET,
  code: 'NoSuchBucket',
  status: 404,
  message: () => 'The specified bucket does not exist',
});

/** Settings that take the (deprecated) account id of the bucket's owner. */
const WITH_OWNER = [
  'bucketVersioning',
  'bucketServerSideEncryptionConfiguration',
  'bucketLifecycleConfiguration',
  'bucketLogging',
];

/** A setting of a bucket that Pulumi manages as a resource of its own; putting it overwrites what is there. */
function setting(name: string, title: string, action: string, more: Partial<TypeDefinition> = {}): TypeDefinition {
  const kind = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
  return {
    token: `aws:s3/${name}:${kind}`,
    service,
    title: `S3 ${title}`,
    api: { create: `Put${action}`, update: `Put${action}`, delete: `Delete${action}` },
    replaceOn: ['bucket', ...(WITH_OWNER.includes(name) ? ['expectedBucketOwner'] : [])],
    identity: {
      kind: 'derived',
      key: (inputs) => text(inputs, 'bucket'),
      id: (inputs) => {
        const owner = text(inputs, 'expectedBucketOwner');
        return text(inputs, 'bucket') + (owner === '' ? '' : `,${owner}`);
      },
    },
    references: [bucketExists()],
    ...more,
  };
}

const SIDE_RESOURCES: readonly TypeDefinition[] = [
  setting('bucketVersioning', 'Bucket Versioning', 'BucketVersioning', {
    rules: [{ path: 'versioningConfiguration.status', oneOf: ['Enabled', 'Suspended', 'Disabled'] }],
  }),
  setting(
    'bucketServerSideEncryptionConfiguration',
    'Bucket Server-side Encryption Configuration',
    'BucketEncryption',
    {
      rules: [
        {
          path: 'rules[].applyServerSideEncryptionByDefault.sseAlgorithm',
          oneOf: ['AES256', 'aws:kms', 'aws:kms:dsse'],
        },
      ],
    },
  ),
  setting('bucketPublicAccessBlock', 'Bucket Public Access Block', 'PublicAccessBlock', {
    defaults: {
      blockPublicAcls: false,
      blockPublicPolicy: false,
      ignorePublicAcls: false,
      restrictPublicBuckets: false,
      skipDestroy: false,
    },
  }),
  setting('bucketOwnershipControls', 'Bucket Ownership Controls', 'BucketOwnershipControls', {
    rules: [{ path: 'rule.objectOwnership', oneOf: ['BucketOwnerPreferred', 'ObjectWriter', 'BucketOwnerEnforced'] }],
  }),
  setting('bucketPolicy', 'Bucket Policy', 'BucketPolicy', {
    rules: [{ path: 'policy', json: true, maxLength: 20_480 }],
    documents: ['policy'],
    refuseCreate: requireOwnPolicy,
    refuseUpdate: requireOwnPolicy,
  }),
  setting('bucketNotification', 'Bucket Notification', 'BucketNotificationConfiguration', {
    defaults: { eventbridge: false },
    refuseCreate: requireDestinations,
    refuseUpdate: requireDestinations,
  }),
  setting('bucketLifecycleConfiguration', 'Bucket Lifecycle Configuration', 'BucketLifecycleConfiguration', {
    rules: [
      { path: 'rules[].status', oneOf: ['Enabled', 'Disabled'] },
      {
        path: 'transitionDefaultMinimumObjectSize',
        oneOf: ['all_storage_classes_128K', 'varies_by_storage_class'],
      },
    ],
    defaults: { transitionDefaultMinimumObjectSize: 'all_storage_classes_128K' },
  }),
  setting('bucketLogging', 'Bucket Logging', 'BucketLogging', {
    mayBeEmpty: ['targetPrefix'],
    references: [
      bucketExists(),
      {
        ...bucketExists('targetBucket'),
        code: 'InvalidTargetBucketForLogging',
        status: 400,
        message: (name) => `The target bucket ${name} does not exist, or is not owned by you.`,
      },
    ],
  }),
];

async function requireOwnPolicy({ inputs, store, scope }: CallContext): Promise<void> {
  const document = text(inputs, 'policy');
  requirePolicyDocument(document, 'MalformedPolicy');
  const block = { token: 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock' };
  const blocked = await store.read(placeOf(block, scope), text(inputs, 'bucket'));
  if (blocked?.inputs['blockPublicPolicy'] === true && /"Principal":\s*("\*"|\{\s*"AWS":\s*"\*"\s*\})/.test(document)) {
    if (!document.includes('"Condition"') && /"Effect":\s*"Allow"/.test(document)) {
      refuse('AccessDenied', 'Public policies are blocked by the BlockPublicPolicy setting.', 403);
    }
  }
}

/** S3 sends a test event when the destinations are set, so the permission must be there first. */
async function requireDestinations({ inputs, store, scope }: CallContext): Promise<void> {
  for (const destination of objects(inputs, 'lambdaFunctions')) {
    const name = functionName(text(destination, 'lambdaFunctionArn'));
    const permissions = await store.list(placeOf({ token: 'aws:lambda/permission:Permission' }, scope), `${name}/`);
    if (!permissions.some((each) => each.inputs['principal'] === 's3.amazonaws.com')) {
      refuse('InvalidArgument', 'Unable to validate the following destination configurations');
    }
  }
}

/** The MD5 that S3 shows as ETag, where the content is at hand; else one made of its hash. */
function etagOf(inputs: Properties): string {
  const source = inputs['source'];
  const content = isAssetOrArchive(source) ? (at(source, 'text') ?? assetHash(source)) : text(inputs, 'content');
  const bytes = isAbsent(inputs['contentBase64'])
    ? String(content)
    : Buffer.from(text(inputs, 'contentBase64'), 'base64');
  return createHash('md5').update(bytes).digest('hex');
}

/** Leading and double slashes in keys are normalised by the provider. */
const keyOf = (inputs: Properties): string =>
  text(inputs, 'key')
    .replace(/\/{2,}/g, '/')
    .replace(/^\//, '');

const CONTENT_INPUTS = ['source', 'content', 'contentBase64', 'etag', 'sourceHash'];
const contentChanged = (news: Properties, olds: Properties): boolean =>
  CONTENT_INPUTS.some((key) => !same(news[key], olds[key]));

const objectType = (token: string): TypeDefinition => ({
  token,
  service,
  title: 'S3 Object',
  api: { create: 'PutObject', update: 'PutObject', delete: 'DeleteObject' },
  autoName: { property: 'key', maxLength: 1024, plain: true },
  nameRule: { property: 'key', maxLength: 1024, pattern: /^[\s\S]+$/, code: 'KeyTooLongError' },
  check: (inputs) =>
    ['source', 'content', 'contentBase64'].filter((key) => !isAbsent(inputs[key])).length > 1
      ? [{ property: 'source', reason: 'only one of `content,content_base64,source` can be specified' }]
      : [],
  replaceOn: ['bucket', 'key'],
  optionalOutputs: ['checksumCrc32', 'checksumCrc32c', 'checksumCrc64nvme', 'checksumSha1', 'checksumSha256'],
  defaults: { forceDestroy: false, serverSideEncryption: 'AES256', storageClass: 'STANDARD' },
  identity: { kind: 'derived', key: (inputs) => `${text(inputs, 'bucket')}/${keyOf(inputs)}` },
  outputs: async (inputs, id, scope, store) => ({
    arn: `arn:${scope.partition}:s3:::${id}`,
    etag: etagOf(inputs),
    versionId: (await isVersioned({ inputs, scope, store })) ? randomId(32) : '',
  }),
  updated: (news, before): Properties =>
    contentChanged(news, before.inputs)
      ? { etag: etagOf(news), versionId: before.outputs['versionId'] === '' ? '' : randomId(32) }
      : {},
  volatile: (news, oldInputs) => (contentChanged(news, oldInputs) ? ['etag', 'versionId'] : []),
  references: [bucketExists()],
});

async function isVersioned({ inputs, scope, store }: CallContext): Promise<boolean> {
  const place = placeOf({ token: 'aws:s3/bucketVersioning:BucketVersioning' }, scope);
  const found = await store.read(place, text(inputs, 'bucket'));
  return at(found?.inputs ?? {}, 'versioningConfiguration.status') === 'Enabled';
}

export const s3Types: readonly TypeDefinition[] = [bucket, ...SIDE_RESOURCES, ...OBJECTS.map(objectType)];
