/** Resources of the parity programs: a custom one, a component, a provider of their own, a function. */
import * as pulumi from '@pulumi/pulumi';

export interface ThingArgs {
  [property: string]: pulumi.Input<unknown>;
}

/** A resource of the package `parity`, with whatever inputs. */
export class Thing extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: ThingArgs = {}, options?: pulumi.CustomResourceOptions, type = 'parity:index:Thing') {
    super(type, name, { value: undefined, ...args, arn: undefined }, options);
  }
}

/** A component; `body` makes its children. */
export class Group extends pulumi.ComponentResource {
  constructor(
    name: string,
    body: (parent: Group) => unknown = () => undefined,
    options?: pulumi.ComponentResourceOptions,
    type = 'parity:index:Group',
  ) {
    super(type, name, {}, options);
    const outputs = body(this);
    this.registerOutputs(typeof outputs === 'object' && outputs !== null ? outputs : {});
  }
}

export class ParityProvider extends pulumi.ProviderResource {
  constructor(name: string, args: ThingArgs = {}, options?: pulumi.ResourceOptions) {
    super('parity', name, args, options);
  }
}

/** Calls the package's function. */
export function ask(args: pulumi.Inputs, options?: pulumi.InvokeOptions): Promise<{ answer: number }> {
  return pulumi.runtime.invoke('parity:index:ask', args, options) as Promise<{ answer: number }>;
}
