import { createUrn, parseUrn, STACK_TYPE } from './urn.ts';

/** An alias as a program gives it: a URN, or the parts that differ from the resource's own. */
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
 * Every URN that a resource may have had: by its own aliases, and by those its parent is known by.
 * @param parentAliases URNs that the parent had before
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
 */
export function aliasUrns(resource: Aliased, aliases: readonly Alias[], parentAliases: readonly string[]): string[] {
  const own = aliases.map((alias) => (typeof alias === 'string' ? alias : aliasUrn(resource, alias, resource.parent)));
  const parentName = resource.parent === '' ? '' : parseUrn(resource.parent).name;
  const inherited = parentAliases.flatMap((parent) => {
    // A child that is named after its parent was renamed with it.
    const name =
      parentName !== '' && resource.name.startsWith(parentName)
        ? parseUrn(parent).name + resource.name.slice(parentName.length)
        : resource.name;
    const moved = { ...resource, name };
    return [
      aliasUrn(moved, {}, parent),
      ...aliases.flatMap((alias) =>
        typeof alias === 'string' || alias.parentUrn !== undefined || alias.noParent === true
          ? []
          : [aliasUrn(moved, alias, parent)],
      ),
    ];
  });
  return [...new Set([...own, ...inherited])].filter((urn) => urn !== resource.urn);
}

function aliasUrn(resource: Aliased, alias: Exclude<Alias, string>, defaultParent: string): string {
  const { stack, project } = parseUrn(resource.urn);
  const parent = alias.noParent === true ? '' : (alias.parentUrn ?? defaultParent);
  const type = alias.type ?? resource.type;
  // A parent that is the stack itself never shows in a type.
  const effective = type === STACK_TYPE ? '' : parent;
  return createUrn(alias.stack ?? stack, alias.project ?? project, effective, type, alias.name ?? resource.name);
}
