/** Looking up what a resource refers to. */
import { isObject, object, text } from './properties.ts';
import type { Properties, Property } from '../provider.ts';
import type { CallContext } from './resource-type.ts';
import type { Scope } from './partitions.ts';
import type { Store, StoredResource } from './store.ts';
import { placeOf } from './store.ts';
import { refuse } from './aws-errors.ts';

const ROLE = { token: 'aws:iam/role:Role', global: true };
const ROLE_ARN = /^arn:[a-z-]+:iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]+)$/;

/** Role names are unique without regard to case, so this is how they are stored. */
export function roleKey(name: string): string {
  return name.toLowerCase();
}

export async function findRole(store: Store, scope: Scope, name: string): Promise<StoredResource | undefined> {
  return store.read(placeOf(ROLE, scope), roleKey(name));
}

/**
 * Ends the call unless the role is one of this account that the service may assume.
 * @param servicePrincipal such as `sagemaker.amazonaws.com`
 */
export async function requireRole(
  { store, scope }: CallContext,
  roleArn: string,
  servicePrincipal: string,
  refusal: { code: string; message: string; status?: number },
): Promise<void> {
  const name = roleNameOf(roleArn, scope);
  const role = name ? await findRole(store, scope, name) : undefined;
  if (!role || !trusts(role.inputs, servicePrincipal)) refuse(refusal.code, refusal.message, refusal.status);
}

function trusts(roleInputs: Properties, servicePrincipal: string): boolean {
  return statements(text(roleInputs, 'assumeRolePolicy')).some((statement) => {
    const principal = statement['Principal'];
    if (statement['Effect'] !== 'Allow') return false;
    if (principal === '*') return true;
    return isObject(principal) && asList(principal['Service']).includes(servicePrincipal);
  });
}

/** The name of a role of this account; undefined for one of another account, and for what is no role. */
export function roleNameOf(roleArn: string, scope: Scope): string | undefined {
  const [, accountId, name] = ROLE_ARN.exec(roleArn) ?? [];
  return accountId === scope.accountId ? name : undefined;
}

/** The statements of a policy document; none where it is no JSON. */
export function statements(document: string): Properties[] {
  try {
    const parsed = JSON.parse(document) as Property;
    const found = isObject(parsed) ? parsed['Statement'] : undefined;
    return asList(found).filter(isObject);
  } catch {
    return [];
  }
}

/** IAM lets one element stand for a list of one. */
export function asList(value: Property | undefined): Property[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Ends the call unless `document` is a policy: a JSON object with statements. */
export function requirePolicyDocument(document: string, code = 'MalformedPolicyDocument'): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    refuse(code, 'This policy contains invalid Json');
  }
  if (!isObject(parsed as Property)) refuse(code, 'Syntax errors in policy.');
}

/** Ends the call when a trust or resource policy names a role of this account that does not exist. */
export async function requirePrincipals({ store, scope }: CallContext, document: string, code: string): Promise<void> {
  for (const statement of statements(document)) {
    const principals = object(statement, 'Principal')['AWS'];
    for (const principal of asList(principals)) {
      const [, accountId, name] = (typeof principal === 'string' && ROLE_ARN.exec(principal)) || [];
      if (!name || accountId !== scope.accountId) continue;
      if (!(await findRole(store, scope, name))) {
        refuse(code, `Invalid principal in policy: "AWS":"${String(principal)}"`);
      }
    }
  }
}

/** `arn:…:function:NAME[:QUALIFIER]` or `NAME` → `NAME`. */
export function functionName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? nameOrArn) : (nameOrArn.split(':')[0] ?? nameOrArn);
}
