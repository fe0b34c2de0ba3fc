/** Uniform resource names, as the engine builds them. @see https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */

export const STACK_TYPE = 'pulumi:pulumi:Stack';
export const STACK_REFERENCE_TYPE = 'pulumi:pulumi:StackReference';
const PROVIDER_PREFIX = 'pulumi:providers:';

export interface UrnParts {
  stack: string;
  project: string;
  /** Types of the parents and the resource, joined by `$`. */
  qualifiedType: string;
  name: string;
}

/** @returns the parts of a URN; the name may itself hold `::`. */
export function parseUrn(urn: string): UrnParts {
  const [head = '', project = '', qualifiedType = '', ...name] = urn.split('::');
  return { stack: head.replace(/^urn:pulumi:/, ''), project, qualifiedType, name: name.join('::') };
}

/** @returns the last part of a URN: the resource's logical name. */
export function urnName(urn: string): string {
  return parseUrn(urn).name;
}

/** @returns the resource's own type, without its parents'. */
export function urnType(urn: string): string {
  return parseUrn(urn).qualifiedType.split('$').at(-1) ?? '';
}

/**
 * @param parent URN of the parent, or empty; the stack itself never shows in its children's types
 * @returns the URN of a resource
 */
export function createUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === '' ? '' : parseUrn(parent).qualifiedType;
  const prefix = parentType === '' || parentType === STACK_TYPE ? '' : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** @returns the URN of a stack's root resource. */
export function rootUrn(stack: string, project: string): string {
  return createUrn(stack, project, '', STACK_TYPE, `${project}-${stack}`);
}

export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_PREFIX);
}

/** @returns `aws` for `pulumi:providers:aws`. */
export function providerPackage(type: string): string {
  return type.slice(PROVIDER_PREFIX.length);
}

/** @returns the package of any token: `aws` for `aws:iam/role:Role`. */
export function tokenPackage(token: string): string {
  return token.split(':')[0] ?? '';
}

/** @returns whether a provider resource is one that the engine made because the program named none. */
export function isDefaultProvider(urn: string): boolean {
  return isProviderType(urnType(urn)) && urnName(urn).startsWith('default');
}

/** A provider reference is the provider's URN and id in one. */
export function parseReference(reference: string): { urn: string; id: string } {
  const at = reference.lastIndexOf('::');
  return { urn: reference.slice(0, at), id: reference.slice(at + 2) };
}

/** Shortens `aws:iam/role:Role` to `aws:iam:Role`, as the CLI shows types. */
export function displayType(type: string): string {
  return type.replace(/^([^:]*:[^:/]*)\/[^:]*:/, '$1:');
}
