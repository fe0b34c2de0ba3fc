/**
 * Gives back to the resources of a blueprint what plain values have lost: that a value is not known yet, that it is secret,
 * and which resources it came from.
 */
import * as pulumi from '@pulumi/pulumi';
import type { ReadInputs } from './inputs.ts';
import { UNKNOWN } from './inputs.ts';
import { STAND_IN } from './stand-ins.ts';

export interface Traces {
  /** Of a component: applies to everything within. */
  transformation: pulumi.ResourceTransformation;
  /** A property, or an output of the component. */
  traced(value: unknown): unknown;
}

/** @param hasStandIns whether a value of the request stands in for one that is not known */
export function tracesOf({ secrets, dependencies }: Omit<ReadInputs, 'values'>, hasStandIns: boolean): Traces {
  const texts = secrets.flatMap(textsIn).filter((text) => text !== '');
  // Numbers and flags cannot be told from others: then everything is secret.
  const allSecret = secrets.some(hasOtherThanTexts);
  const ofText = (text: string): unknown => {
    const value = hasStandIns && STAND_IN.test(text) ? UNKNOWN : text;
    return texts.some((one) => text.includes(one)) ? pulumi.secret(value) : value;
  };
  // Value by value, so that what is known and public within a property stays so.
  const within = (value: unknown): unknown => {
    if (typeof value === 'string') return ofText(value);
    if (typeof value !== 'object' || value === null || pulumi.Resource.isInstance(value)) return value;
    // Not looked into: the engine reads them.
    if (isAsset(value)) return secrets.length > 0 ? pulumi.secret(value) : value;
    if (pulumi.Output.isInstance(value) || value instanceof Promise) {
      return pulumi.output(value as pulumi.Input<string>).apply((known) => within(known) as pulumi.Input<string>);
    }
    if (Array.isArray(value)) return value.map(within);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, within(one)]));
  };
  const traced = (value: unknown): unknown => {
    if (allSecret && value !== undefined && value !== null) return pulumi.secret(within(value));
    return hasStandIns || texts.length > 0 ? within(value) : value;
  };
  const tracedAll = (values: pulumi.Inputs): pulumi.Inputs =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, traced(value)]));
  return {
    traced,
    transformation: ({ resource, props, opts }) => {
      if (resource instanceof pulumi.ComponentResource) traceOutputs(resource, tracedAll);
      return {
        props: tracedAll(props as pulumi.Inputs),
        opts: dependencies.length > 0 ? { ...opts, dependsOn: joined(opts.dependsOn, dependencies) } : opts,
      };
    },
  };
}

function isAsset(value: object): boolean {
  return pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value);
}

/** Transformations do not see what a component registers as its outputs. */
function traceOutputs(component: pulumi.ComponentResource, tracedAll: (values: pulumi.Inputs) => pulumi.Inputs): void {
  const own = component as unknown as { registerOutputs(outputs?: pulumi.Inputs): void };
  const register = own.registerOutputs.bind(component);
  own.registerOutputs = (outputs) => register(outputs && tracedAll(outputs));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function hasOtherThanTexts(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasOtherThanTexts);
  return typeof value !== 'string';
}

function joined(
  own: pulumi.ResourceOptions['dependsOn'],
  further: readonly pulumi.Resource[],
): pulumi.ResourceOptions['dependsOn'] {
  if (own === undefined) return [...further];
  if (Array.isArray(own)) return [...(own as pulumi.Input<pulumi.Resource>[]), ...further];
  return pulumi.output(own as pulumi.Input<pulumi.Resource>).apply((one) => [one].flat().concat(further));
}
