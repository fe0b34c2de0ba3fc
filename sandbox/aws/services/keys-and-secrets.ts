/** KMS and Secrets Manager. */
import { refuse } from '../aws-errors.ts';
import { idOf, uuid } from '../identifiers.ts';
import { arn } from '../partitions.ts';
import type { Scope } from '../partitions.ts';
import { isAbsent, nameOfArn, text } from '../properties.ts';
import { requirePolicyDocument, requirePrincipals } from '../references.ts';
import type { CallContext, TypeDefinition } from '../resource-type.ts';
import type { Properties } from '../../provider.ts';

const kms = { folder: 'kms', sdkId: 'KMS' };
const secrets = { folder: 'secretsmanager', sdkId: 'Secrets Manager' };
const KEY = 'aws:kms/key:Key';

const key: TypeDefinition = {
  token: KEY,
  service: kms,
  title: 'KMS Key',
  api: { create: 'CreateKey', update: 'PutKeyPolicy', delete: 'ScheduleKeyDeletion' },
  rules: [
    { path: 'deletionWindowInDays', min: 7, max: 30 },
    { path: 'rotationPeriodInDays', min: 90, max: 2560 },
    { path: 'policy', json: true },
    { path: 'keyUsage', oneOf: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] },
  ],
  replaceOn: ['keyUsage', 'customerMasterKeySpec', 'multiRegion', 'customKeyStoreId', 'xksKeyId'],
  documents: ['policy'],
  defaults: {
    customerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    enableKeyRotation: false,
    isEnabled: true,
    keyUsage: 'ENCRYPT_DECRYPT',
    multiRegion: false,
  },
  computed: ['policy'],
  identity: {
    kind: 'assigned',
    newId: (_scope, inputs) => (inputs['multiRegion'] === true ? `mrk-${uuid().replaceAll('-', '')}` : uuid()),
    searchBy: ['description', 'policy', 'keyUsage', 'tagsAll'],
  },
  outputs: (inputs, id, scope) => ({
    arn: arn(scope, 'kms', `key/${id}`),
    keyId: id,
    policy: text(inputs, 'policy') || defaultKeyPolicy(scope),
  }),
  updated: (news, before): Properties =>
    isAbsent(news['policy']) ? {} : { policy: news['policy'] ?? before.outputs['policy'] ?? '' },
  refuseCreate: requireKeyPolicy,
  refuseUpdate: requireKeyPolicy,
};

/** What CreateKey gives a key without a policy: the account itself may do everything. */
function defaultKeyPolicy(scope: Scope): string {
  const root = `arn:${scope.partition}:iam::${scope.accountId}:root`;
  const statement = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: root },
    Action: 'kms:*',
    Resource: '*',
  };
  return JSON.stringify({ Id: 'key-default-1', Version: '2012-10-17', Statement: [statement] });
}

async function requireKeyPolicy(context: CallContext): Promise<void> {
  const policy = text(context.inputs, 'policy');
  if (policy === '') return;
  requirePolicyDocument(policy, 'MalformedPolicyDocumentException');
  await requirePrincipals(context, policy, 'MalformedPolicyDocumentException');
}

const alias: TypeDefinition = {
  token: 'aws:kms/alias:Alias',
  service: kms,
  title: 'KMS Alias',
  api: { create: 'CreateAlias', update: 'UpdateAlias', delete: 'DeleteAlias' },
  autoName: { property: 'name', maxLength: 238, conflictsWith: ['namePrefix'], prefix: 'alias/' },
  nameRule: {
    property: 'name',
    maxLength: 256,
    pattern: /^alias\/(?!aws\/)[a-zA-Z0-9/_-]+$/,
    code: 'InvalidAliasNameException',
  },
  replaceOn: ['name', 'namePrefix'],
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'name') },
  outputs: (inputs, id, scope) => ({ arn: arn(scope, 'kms', id), targetKeyArn: keyArn(inputs, scope) }),
  updated: (news, _before, scope) => ({ targetKeyArn: keyArn(news, scope) }),
  volatile: (news, oldInputs) => (news['targetKeyId'] === oldInputs['targetKeyId'] ? [] : ['targetKeyArn']),
  references: [
    {
      property: 'targetKeyId',
      type: KEY,
      key: nameOfArn,
      code: 'NotFoundException',
      message: (id) => `Key '${id}' does not exist`,
    },
  ],
  duplicate: {
    code: 'AlreadyExistsException',
    message: (name) => `An alias with the name ${name} already exists`,
  },
};

function keyArn(inputs: Properties, scope: Scope): string {
  return arn(scope, 'kms', `key/${nameOfArn(text(inputs, 'targetKeyId'))}`);
}

const SECRET = 'aws:secretsmanager/secret:Secret';
const DAY = 86_400_000;

const secretArn = (inputs: Properties, scope: Scope): string => {
  const name = text(inputs, 'name');
  // AWS puts six random characters behind the name; here they follow from it, so that a second one collides.
  return arn(scope, 'secretsmanager', `secret:${name}-${idOf(6, scope.accountId, scope.region, name)}`);
};

const secret: TypeDefinition = {
  token: SECRET,
  service: secrets,
  title: 'Secrets Manager Secret',
  api: { create: 'CreateSecret', update: 'UpdateSecret', delete: 'DeleteSecret' },
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: {
    property: 'name',
    maxLength: 512,
    pattern: /^[A-Za-z0-9/_+=.@-]+$/,
    code: 'InvalidParameterException',
  },
  rules: [{ path: 'policy', json: true }],
  check: ({ recoveryWindowInDays: days }) =>
    days === undefined || days === null || days === 0 || (Number(days) >= 7 && Number(days) <= 30)
      ? []
      : [
          {
            property: 'recoveryWindowInDays',
            reason: `expected recovery_window_in_days to be 0 or in the range (7 - 30), got ${String(days)}`,
          },
        ],
  replaceOn: ['name', 'namePrefix'],
  documents: ['policy'],
  defaults: { recoveryWindowInDays: 30, forceOverwriteReplicaSecret: false },
  identity: { kind: 'derived', key: secretArn },
  outputs: (_inputs, id) => ({ arn: id }),
  duplicate: {
    code: 'ResourceExistsException',
    message: (name) => `The operation failed because the secret ${name} already exists.`,
  },
  softDelete: {
    milliseconds: ({ recoveryWindowInDays: days }) => (typeof days === 'number' ? days : 30) * DAY,
    code: 'InvalidRequestException',
    message: () => "You can't create this secret because a secret with this name is already scheduled for deletion.",
  },
};

const VALUE_LIMIT = 65_536;

const secretVersion: TypeDefinition = {
  token: 'aws:secretsmanager/secretVersion:SecretVersion',
  service: secrets,
  title: 'Secrets Manager Secret Version',
  api: { create: 'PutSecretValue', update: 'UpdateSecretVersionStage', delete: 'UpdateSecretVersionStage' },
  replaceOn: ['secretId', 'secretString', 'secretBinary'],
  computed: ['versionStages'],
  identity: {
    kind: 'assigned',
    newId: (_scope, inputs) => `${text(inputs, 'secretId')}|${uuid()}`,
    searchBy: ['secretId', 'secretString', 'secretBinary'],
  },
  outputs: (inputs, id) => ({
    arn: text(inputs, 'secretId'),
    hasSecretStringWo: !isAbsent(inputs['secretStringWo']),
    secretArn: text(inputs, 'secretId'),
    versionId: id.slice(id.indexOf('|') + 1),
    versionStages: ['AWSCURRENT'],
  }),
  references: [
    {
      property: 'secretId',
      type: SECRET,
      key: (id, _inputs, scope) => (id.startsWith('arn:') ? id : secretArn({ name: id }, scope)),
      code: 'ResourceNotFoundException',
      message: () => "Secrets Manager can't find the specified secret.",
    },
  ],
  refuseCreate: async ({ inputs }) => {
    if (Buffer.byteLength(text(inputs, 'secretString')) > VALUE_LIMIT) {
      refuse('ValidationException', `A secret value has at most ${VALUE_LIMIT} bytes.`);
    }
  },
};

export const keyAndSecretTypes: readonly TypeDefinition[] = [key, alias, secret, secretVersion];
