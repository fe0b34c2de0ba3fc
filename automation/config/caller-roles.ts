/** Who may do what: roles are given to patterns of ARNs by settings (docs/access.md). Pure. */
export const ROLES = ['viewer', 'provisioner', 'approver', 'admin'] as const;

/**
 * `viewer` reads, `provisioner` changes pipelines, `approver` decides on changes, `admin` does all of that and reads who
 * did what.
 */
export type Role = (typeof ROLES)[number];

/** The patterns of each role. With none at all everybody may do everything. */
export type RolePatterns = Readonly<Record<Role, readonly string[]>>;

/** The setting that gives each role. */
export const ROLE_SETTINGS = {
  viewer: 'VIEWER_ARNS',
  provisioner: 'PROVISIONER_ARNS',
  approver: 'APPROVER_ARNS',
  admin: 'ADMIN_ARNS',
} as const satisfies Record<Role, string>;

/** Callers that can make changes or approve can also read; admins can do everything. */
const GIVEN_WITH: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer', 'provisioner', 'approver', 'admin'],
  provisioner: ['provisioner', 'admin'],
  approver: ['approver', 'admin'],
  admin: ['admin'],
};

/** @returns whether the principal has the role, directly or through one that includes it. */
export function hasRole(patterns: RolePatterns, principal: string, role: Role): boolean {
  if (ROLES.every((one) => patterns[one].length === 0)) return true;
  const names = namesOf(principal);
  return GIVEN_WITH[role].some((one) => patterns[one].some((pattern) => names.some((name) => matches(pattern, name))));
}

/**
 * @param groupsByRole names of the groups whose members have a role
 * @param groups the groups that a person is in
 * @returns whether a person who has signed in has the role. Without any group nobody has one: unlike a signed request, which
 *   IAM admits, a sign-in admits everyone that the identity provider knows.
 */
export function hasRoleByGroup(
  groupsByRole: Readonly<Record<Role, readonly string[]>>,
  groups: readonly string[],
  role: Role,
): boolean {
  return GIVEN_WITH[role].some((one) => groupsByRole[one].some((group) => groups.includes(group)));
}

/**
 * The settings that grant a role, for the message to a caller that lacks it.
 * @param names the setting of each role
 */
export function settingsGiving(role: Role, names: Readonly<Record<Role, string>> = ROLE_SETTINGS): string {
  return GIVEN_WITH[role].map((one) => names[one]).join(' or ');
}

/** Begins the principal of a person who has signed in at the load balancer. */
export const SIGNED_IN = 'oidc:';

const SESSION = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/;
const ROLE = /^arn:([^:]*):iam::([^:]*):role\/(.+)$/;

/**
 * A session of a role is named for the session and for the role. The role's path is not part of it.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
function namesOf(principal: string): string[] {
  const [, partition, account, role] = SESSION.exec(principal) ?? [];
  return role ? [principal, `arn:${partition}:iam::${account}:role/${role}`] : [principal];
}

/**
 * `*` stands for any text within one part, parts being what `:` and `/` divide, and at the end for everything that is left;
 * `?` stands for one character. So `…:assumed-role/*-admin` does not take in every role whose session calls itself
 * `x-admin`: sessions name themselves.
 */
function matches(pattern: string, name: string): boolean {
  return expressionOf(pattern).test(name);
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known) return known;
  const [, text = '', rest] = /^(.*?)(\*?)$/s.exec(withoutRolePath(pattern)) ?? [];
  const source = text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '[^:/]*')
    .replaceAll('?', '[^:/]');
  const expression = new RegExp(`^${source}${rest ? '.*' : ''}$`, 's');
  expressions.set(pattern, expression);
  return expression;
}

/** A role's ARN with a path is the one without it, where it names one role: names are unique within an account. */
function withoutRolePath(pattern: string): string {
  const [, partition, account = '', path = ''] = ROLE.exec(pattern) ?? [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path.includes('/') && !hasWildcard(account + name) ? `arn:${partition}:iam::${account}:role/${name}` : pattern;
}

/** @returns what is wrong with a pattern, or undefined. */
export function patternFault(pattern: string): string | undefined {
  if (!/^[\x21-\x7e]{1,512}$/.test(pattern)) return 'is not an ARN, or a pattern of ARNs with * and ?';
  const [, , account = '', path = ''] = ROLE.exec(pattern) ?? [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path.includes('/') && hasWildcard(account + name)
    ? 'cannot match any caller: ARNs of assumed-role sessions do not contain the path of the role. Specify the roles without it'
    : undefined;
}

function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/** The caller of GetFederationToken names the federated user. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
const FEDERATED = /^(arn:[\w-]+:sts::\d{12}:federated-user)\/.+$/;

/**
 * Which person a principal stands for: the caller of AssumeRole names the session, and that of GetFederationToken names
 * its user, so that two sessions of one role (or two federated users of one account) are one person, unless these names are
 * declared trusted. AWS IAM Identity Center names sessions for its users, for instance.
 * @param trustedSessions patterns of the roles and federated users whose names are trusted (`TRUSTED_SESSION_ARNS`)
 */
export function personOf(principal: string, trustedSessions: readonly string[]): string {
  const [own, role] = namesOf(principal);
  const shared = role ?? FEDERATED.exec(principal)?.[1];
  if (shared === undefined) return principal;
  const isTrusted = trustedSessions.some((pattern) => matches(pattern, shared) || matches(pattern, own ?? ''));
  return isTrusted ? principal : shared;
}

/**
 * Whether two principals stand for one person. Case makes no difference: the names of roles and users of one account differ in
 * more than that.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html ("Names are not distinguished by case")
 */
export function isSamePerson(one: string, other: string, trustedSessions: readonly string[]): boolean {
  return personOf(one, trustedSessions).toLowerCase() === personOf(other, trustedSessions).toLowerCase();
}

/**
 * Names under which a person may be known elsewhere, in lower case: the principal, and the last part of its ARN (a user's
 * name, or that of a session), or the name of the sign-in. They do not prove an identity, but they are enough to refuse an
 * approval.
 */
export function namesOfPerson(principal: string): string[] {
  const last = principal.startsWith(SIGNED_IN)
    ? principal.slice(SIGNED_IN.length)
    : principal.startsWith('arn:')
      ? principal.slice(principal.lastIndexOf('/') + 1)
      : principal;
  return [...new Set([...namesOf(principal), last])].map((name) => name.toLowerCase());
}
