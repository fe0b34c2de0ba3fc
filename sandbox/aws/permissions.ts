/**
 * Whether a role of a sandbox account may do something: its inline and attached policies, within its permissions boundary. As much
 * of IAM's evaluation as our policies use; an unknown condition operator never holds.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { Properties, Property } from '../provider.ts';
import { AwsRefusal } from './aws-errors.ts';
import { isObject, text } from './properties.ts';
import { asList, findRole, roleKey, roleNameOf, statements } from './references.ts';
import type { Scope } from './partitions.ts';
import { globalArn } from './partitions.ts';
import type { Store } from './store.ts';
import { placeOf } from './store.ts';

/** One call on one resource, with the keys that conditions ask for, such as `s3:prefix`. */
export interface Access {
  action: string;
  resource: string;
  context?: Readonly<Record<string, string>>;
}

interface Account {
  store: Store;
  scope: Scope;
}

const POLICY = { token: 'aws:iam/policy:Policy', global: true };
const ROLE_POLICY = { token: 'aws:iam/rolePolicy:RolePolicy', global: true };
const ATTACHMENT = { token: 'aws:iam/rolePolicyAttachment:RolePolicyAttachment', global: true };

/** @returns the first access that the role does not have; undefined where it has them all, and for a role of another account */
export async function deniedAccess(
  roleArn: string,
  all: readonly Access[],
  account: Account,
): Promise<Access | undefined> {
  const { store, scope } = account;
  const name = roleNameOf(roleArn, scope);
  const role = name === undefined ? undefined : await findRole(store, scope, name);
  if (!name || !role) return undefined;
  const inline = await store.list(placeOf(ROLE_POLICY, scope), `${roleKey(name)}:`);
  const attached = await store.list(placeOf(ATTACHMENT, scope), `${roleKey(name)}/`);
  const arns = attached.map(({ inputs }) => text(inputs, 'policyArn'));
  const managed = await Promise.all(arns.map((arn) => managedPolicy(arn, account)));
  const own = [...inline.flatMap(({ inputs }) => statements(text(inputs, 'policy'))), ...managed.flat()];
  const boundaryArn = text(role.inputs, 'permissionsBoundary');
  const boundary = boundaryArn === '' ? [] : await managedPolicy(boundaryArn, account);
  return all.find((access) => !allows(own, access) || (boundary.length > 0 && !allows(boundary, access)));
}

/** Ends a call of a function as AWS does. @throws AwsRefusal `AccessDenied` or `AccessDeniedException` */
export async function requireAccess(roleArn: string, all: readonly Access[], account: Account): Promise<void> {
  const denied = await deniedAccess(roleArn, all, account);
  if (!denied) return;
  const code = denied.action.startsWith('s3:') ? 'AccessDenied' : 'AccessDeniedException';
  throw new AwsRefusal(code, deniedMessage(roleArn, denied, account.scope), 403);
}

export function deniedMessage(roleArn: string, { action, resource }: Access, scope: Scope): string {
  const user = `arn:${scope.partition}:sts::${scope.accountId}:assumed-role/${roleNameOf(roleArn, scope) ?? ''}/sandbox`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource}`;
}

/** Of AWS' own policies the sandbox has no text: they are taken to allow the logs that they are attached for, and nothing else. */
async function managedPolicy(arn: string, { store, scope }: Account): Promise<Properties[]> {
  const own = arn.startsWith(globalArn(scope, 'iam', 'policy/'));
  const found = own ? await store.read(placeOf(POLICY, scope), arn) : undefined;
  return found ? statements(text(found.inputs, 'policy')) : [];
}

function allows(all: readonly Properties[], access: Access): boolean {
  const those = (effect: string) => all.some((one) => one['Effect'] === effect && applies(one, access));
  return those('Allow') && !those('Deny');
}

function applies(statement: Properties, { action, resource, context = {} }: Access): boolean {
  const names = (key: string, value: string, fold: boolean) =>
    asList(statement[key]).some((one) => typeof one === 'string' && matches(one, value, fold));
  const ofAction = 'Action' in statement ? names('Action', action, true) : !names('NotAction', action, true);
  const ofResource =
    'Resource' in statement ? names('Resource', resource, false) : !names('NotResource', resource, false);
  return ofAction && ofResource && conditionsHold(statement['Condition'], context);
}

function conditionsHold(condition: Property | undefined, context: Readonly<Record<string, string>>): boolean {
  if (!isObject(condition)) return true;
  return Object.entries(condition).every(
    ([operator, keys]) =>
      isObject(keys) &&
      Object.entries(keys).every(([key, wanted]) => holds(operator, asList(wanted).map(String), context[key])),
  );
}

/** Operators whose names say that a value must not be there, or not be one of those listed. */
function holds(named: string, wanted: readonly string[], actual: string | undefined): boolean {
  const [, operator = '', ifExists] = /^(?:For(?:Any|All)Values?:)?(\w+?)(IfExists)?$/.exec(named) ?? [];
  if (operator === 'Null') return wanted.includes(String(actual === undefined));
  if (actual === undefined) return ifExists !== undefined || /Not/.test(operator);
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return wanted.some((one) => plain(one) === actual);
    case 'StringNotEquals':
      return !wanted.some((one) => plain(one) === actual);
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return wanted.some((one) => matches(one, actual, false));
    case 'StringNotLike':
    case 'ArnNotLike':
    case 'ArnNotEquals':
      return !wanted.some((one) => matches(one, actual, false));
    default:
      return false;
  }
}

/** `${*}`, `${?}` and `${$}` stand for the characters themselves. */
const ESCAPED = /\$\{([*?$])\}/g;

function plain(text: string): string {
  return text.replace(ESCAPED, '$1');
}

const patterns = new Map<string, RegExp>();

function matches(pattern: string, value: string, fold: boolean): boolean {
  const key = `${fold ? 'i' : ''} ${pattern}`;
  let known = patterns.get(key);
  if (!known) {
    const source = pattern.replace(/\$\{([*?$])\}|[*?]|[\\^$.|+()[\]{}]/g, (one, escaped: string | undefined) =>
      escaped ? `\\${escaped}` : ({ '*': '.*', '?': '.' }[one] ?? `\\${one}`),
    );
    patterns.set(key, (known = new RegExp(`^${source}$`, fold ? 'is' : 's')));
  }
  return known.test(value);
}
