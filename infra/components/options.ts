/** Options that components pass on to the resources inside them. */
import type * as pulumi from '@pulumi/pulumi';

/** Options of a child. */
export function childOf(parent: pulumi.Resource): { parent: pulumi.Resource } {
  return { parent };
}

/** For resources with users' data, or needed to read it: they stay when the stack is destroyed. */
export function keptOf(parent: pulumi.Resource): { parent: pulumi.Resource; retainOnDelete: true } {
  return { parent, retainOnDelete: true };
}

/**
 * Options of a component of awsx. It is constructed by another process, so the provider for its children has to be passed
 * explicitly.
 */
export function remoteChildOf(parent: pulumi.Resource): pulumi.ComponentResourceOptions {
  const provider = parent.getProvider('aws:index:any');
  return provider ? { parent, providers: [provider] } : { parent };
}
