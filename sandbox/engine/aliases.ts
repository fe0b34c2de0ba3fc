import { createUrn, parseUrn, STACK_TYPE, urnType } from './urn.ts';

/** An alias as specified by a program: a URN, or the parts that differ from the resource's own. */
export type Alias =
  string | { name?: string; type?: string; stack?: string; project?: string; parentUrn?: string; noParent?: boolean };

/** A resource as far as its aliases depend on it. */
interface Aliased {
  urn: string;
  name: string;
  type: string;
  parent: string;
}

/**
 * Every URN that a resource may have had: by its own aliases, and by the one its parent was found under.
 * @param aliasOf the URN that a registered resource had before, if any
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
 */
export function aliasUrns(
  resource: Aliased,
  aliases: readonly Alias[],
  aliasOf: (urn: string) => string | undefined,
): string[] {
  const own = aliases.map((alias) => (typeof alias === 'string' ? alias : aliasUrn(resource, alias, aliasOf)));
  const parent = resource.parent === '' ? undefined : aliasOf(resource.parent);
  const inherited =
    parent === undefined
      ? []
      : [
          inheritedUrn(resource, resource.type, resource.name, parent),
          ...own.map((urn) => inheritedUrn(resource, urnType(urn), parseUrn(urn).name, parent)),
        ];
  return [...new Set([...own, ...inherited])];
}

/** The URN of a child below the URN that its parent had. A child that is named after its parent was renamed with it. */
function inheritedUrn(resource: Aliased, type: string, name: string, parentAlias: string): string {
  const { stack, project } = parseUrn(resource.urn);
  const parentName = parseUrn(resource.parent).name;
  const before = name.startsWith(parentName) ? parseUrn(parentAlias).name + name.slice(parentName.length) : name;
  return createUrn(stack, project, parentAlias, type, before);
}

function aliasUrn(
  resource: Aliased,
  alias: Exclude<Alias, string>,
  aliasOf: (urn: string) => string | undefined,
): string {
  const { stack, project } = parseUrn(resource.urn);
  const given = alias.parentUrn === undefined ? resource.parent : (aliasOf(alias.parentUrn) ?? alias.parentUrn);
  const parent = alias.noParent === true || urnType(given) === STACK_TYPE ? '' : given;
  const type = alias.type ?? resource.type;
  return createUrn(alias.stack ?? stack, alias.project ?? project, parent, type, alias.name ?? resource.name);
}
