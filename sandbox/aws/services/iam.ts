/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { randomIamId } from '../identifiers.ts';
import { globalArn } from '../partitions.ts';
import type { Scope } from '../partitions.ts';
import { isAbsent, text } from '../properties.ts';
import { findRole, requirePolicyDocument, requirePrincipals, roleKey } from '../references.ts';
import type { CallContext, TypeDefinition } from '../resource-type.ts';
import type { StoredResource } from '../store.ts';
import { placeOf } from '../store.ts';

const service = { folder: 'iam', sdkId: 'IAM' };
const NAME_PATTERN = /^[\w+=,.@-]+$/;
const PATH_RULE = { path: 'path', maxLength: 512, pattern: /^\/$|^\/.*\/$/ };

const pathOf = (inputs: Properties): string => text(inputs, 'path') || '/';

/** `now` without milliseconds, as IAM shows dates. */
const timestamp = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const ROLE = { token: 'aws:iam/role:Role', global: true };
const ROLE_POLICY = { token: 'aws:iam/rolePolicy:RolePolicy', global: true };
const ATTACHMENT = { token: 'aws:iam/rolePolicyAttachment:RolePolicyAttachment', global: true };

const role: TypeDefinition = {
  token: ROLE.token,
  service,
  title: 'IAM Role',
  api: { create: 'CreateRole', update: 'UpdateRole', delete: 'DeleteRole' },
  global: true,
  autoName: { property: 'name', maxLength: 64, conflictsWith: ['namePrefix'] },
  nameRule: { property: 'name', maxLength: 64, pattern: NAME_PATTERN, code: 'ValidationError' },
  rules: [
    PATH_RULE,
    { path: 'assumeRolePolicy', json: true },
    { path: 'description', maxLength: 1000 },
    { path: 'maxSessionDuration', min: 3600, max: 43_200 },
    { path: 'permissionsBoundary', pattern: /^arn:/ },
  ],
  replaceOn: ['name', 'namePrefix', 'path'],
  documents: ['assumeRolePolicy'],
  defaults: { path: '/', maxSessionDuration: 3600, forceDetachPolicies: false, managedPolicyArns: [], description: '' },
  identity: {
    kind: 'derived',
    key: (inputs) => roleKey(text(inputs, 'name')),
    id: (inputs) => text(inputs, 'name'),
  },
  outputs: (inputs, id, scope) => ({
    arn: globalArn(scope, 'iam', `role${pathOf(inputs)}${id}`),
    createDate: timestamp(),
    uniqueId: randomIamId('AROA'),
  }),
  duplicate: {
    code: 'EntityAlreadyExists',
    status: 409,
    message: (name) => `Role with name ${name} already exists.`,
  },
  refuseCreate: requireTrustPolicy,
  refuseUpdate: requireTrustPolicy,
  refuseDelete: async ({ store, scope }, before) => {
    if (before.inputs['forceDetachPolicies'] === true) return;
    const inline = await store.list(placeOf(ROLE_POLICY, scope), `${before.key}:`);
    if (inline.length > 0) refuse('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
    const attached = await store.list(placeOf(ATTACHMENT, scope), `${before.key}/`);
    if (attached.length > 0) refuse('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
  },
  cascade: async ({ store, scope }, before) => [
    ...(await store.list(placeOf(ROLE_POLICY, scope), `${before.key}:`)),
    ...(await store.list(placeOf(ATTACHMENT, scope), `${before.key}/`)),
  ],
};

async function requireTrustPolicy(context: CallContext): Promise<void> {
  const document = text(context.inputs, 'assumeRolePolicy');
  requirePolicyDocument(document);
  await requirePrincipals(context, document, 'MalformedPolicyDocument');
}

async function requireExistingRole({ store, scope, inputs }: CallContext): Promise<void> {
  const name = text(inputs, 'role');
  if (!(await findRole(store, scope, name))) {
    refuse('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  }
}

/** IAM counts the characters of a policy without blanks. */
const sizeOf = (policy: string): number => policy.replace(/\s/g, '').length;

const rolePolicy: TypeDefinition = {
  token: ROLE_POLICY.token,
  service,
  title: 'IAM Role Policy',
  api: { create: 'PutRolePolicy', update: 'PutRolePolicy', delete: 'DeleteRolePolicy' },
  global: true,
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: { property: 'name', maxLength: 128, pattern: NAME_PATTERN, code: 'ValidationError' },
  rules: [{ path: 'policy', json: true }],
  replaceOn: ['name', 'namePrefix', 'role'],
  documents: ['policy'],
  identity: {
    kind: 'derived',
    key: (inputs) => `${roleKey(text(inputs, 'role'))}:${text(inputs, 'name')}`,
    id: (inputs) => `${text(inputs, 'role')}:${text(inputs, 'name')}`,
  },
  refuseCreate: requireInlinePolicy,
  refuseUpdate: requireInlinePolicy,
};

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const INLINE_POLICIES_LIMIT = 10_240;
const MANAGED_POLICY_LIMIT = 6_144;
const ATTACHMENTS_LIMIT = 10;

async function requireInlinePolicy(context: CallContext): Promise<void> {
  const { store, scope, inputs } = context;
  requirePolicyDocument(text(inputs, 'policy'));
  await requireExistingRole(context);
  const name = text(inputs, 'role');
  const all = await store.list(placeOf(ROLE_POLICY, scope), `${roleKey(name)}:`);
  const others = all.filter((each) => text(each.inputs, 'name') !== text(inputs, 'name'));
  const total = [inputs, ...others.map((each) => each.inputs)].reduce(
    (sum, each) => sum + sizeOf(text(each, 'policy')),
    0,
  );
  if (total > INLINE_POLICIES_LIMIT) {
    refuse('LimitExceeded', `Maximum policy size of ${INLINE_POLICIES_LIMIT} bytes exceeded for role ${name}`, 409);
  }
}

const AWS_MANAGED = /^arn:[a-z-]+:iam::aws:policy\//;

const rolePolicyAttachment: TypeDefinition = {
  token: ATTACHMENT.token,
  service,
  title: 'IAM Role Policy Attachment',
  api: { create: 'AttachRolePolicy', delete: 'DetachRolePolicy' },
  global: true,
  replaceOn: ['policyArn', 'role'],
  deleteBeforeReplace: true,
  identity: {
    kind: 'derived',
    key: (inputs) => `${roleKey(text(inputs, 'role'))}/${text(inputs, 'policyArn')}`,
    id: (inputs) => `${text(inputs, 'role')}/${text(inputs, 'policyArn')}`,
  },
  refuseCreate: async (context) => {
    await requireExistingRole(context);
    const { store, scope, inputs } = context;
    const policyArn = text(inputs, 'policyArn');
    if (!AWS_MANAGED.test(policyArn) && !(await store.read(placeOf(policy, scope), policyArn))) {
      refuse('NoSuchEntity', `Policy ${policyArn} does not exist or is not attachable.`, 404);
    }
    const attached = await store.list(placeOf(ATTACHMENT, scope), `${roleKey(text(inputs, 'role'))}/`);
    if (attached.filter((each) => text(each.inputs, 'policyArn') !== policyArn).length >= ATTACHMENTS_LIMIT) {
      refuse('LimitExceeded', `Cannot exceed quota for PoliciesPerRole: ${ATTACHMENTS_LIMIT}`, 409);
    }
  },
};

const policyArn = (inputs: Properties, scope: Scope): string =>
  globalArn(scope, 'iam', `policy${pathOf(inputs)}${text(inputs, 'name')}`);

const policy: TypeDefinition = {
  token: 'aws:iam/policy:Policy',
  service,
  title: 'IAM Policy',
  api: { create: 'CreatePolicy', update: 'CreatePolicyVersion', delete: 'DeletePolicy' },
  global: true,
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: { property: 'name', maxLength: 128, pattern: NAME_PATTERN, code: 'ValidationError' },
  rules: [PATH_RULE, { path: 'policy', json: true }],
  replaceOn: ['name', 'namePrefix', 'path', 'description'],
  documents: ['policy'],
  defaults: { path: '/', description: '' },
  identity: { kind: 'derived', key: policyArn },
  outputs: (_inputs, id) => ({ arn: id, attachmentCount: 0, policyId: randomIamId('ANPA') }),
  duplicate: {
    code: 'EntityAlreadyExists',
    status: 409,
    message: (arn) =>
      `A policy called ${arn.slice(arn.lastIndexOf('/') + 1)} already exists. Duplicate names are not allowed.`,
  },
  refuseCreate: async ({ inputs }) => requireManagedPolicy(inputs),
  refuseUpdate: async ({ inputs }) => requireManagedPolicy(inputs),
  refuseDelete: async ({ store, scope }, before: StoredResource) => {
    const attachments = await store.list(placeOf(ATTACHMENT, scope));
    if (attachments.some((each) => each.inputs['policyArn'] === before.id)) {
      refuse('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
    }
    const roles = await store.list(placeOf(ROLE, scope));
    if (roles.some((each) => each.inputs['permissionsBoundary'] === before.id)) {
      refuse('DeleteConflict', 'Cannot delete a policy that is in use as a permissions boundary.', 409);
    }
  },
};

function requireManagedPolicy(inputs: Properties): void {
  const document = text(inputs, 'policy');
  requirePolicyDocument(document);
  if (sizeOf(document) > MANAGED_POLICY_LIMIT) {
    refuse('LimitExceeded', `Cannot exceed quota for PolicySize: ${MANAGED_POLICY_LIMIT}`, 409);
  }
  if (isAbsent(inputs['name'])) refuse('ValidationError', 'A policy needs a name.');
}

export const iamTypes: readonly TypeDefinition[] = [role, rolePolicy, rolePolicyAttachment, policy];
