/** A component of the package: a blueprint's own component with its resources, inside the resource that the user's program asked for. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { BlueprintContext } from '../blueprints/blueprint.ts';
import { RequestInvalid } from '../blueprints/faults.ts';
import type { Component } from './components.ts';
import { readInputs } from './inputs.ts';
import type { ComponentRequest } from './request.ts';
import { componentRequest, programFault } from './request.ts';
import { outputName, token } from './schema.ts';
import { tracesOf } from './traces.ts';

export interface Constructed {
  urn: pulumi.Output<string>;
  state: Record<string, unknown>;
}

class Pipeline extends pulumi.ComponentResource {
  finish(outputs: Record<string, unknown>): void {
    this.registerOutputs(outputs);
  }
}

/** @throws {pulumi.InputPropertiesError} with all faults of the inputs at once, before anything is registered */
export async function constructPipeline(
  component: Component,
  name: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
): Promise<Constructed> {
  const read = await readInputs(inputs);
  const valid = componentRequest(component, name, read.values);
  // What the component waits for, everything in it waits for: the SDK does not hand that on.
  const waitsFor = await resourcesOf(options.dependsOn);
  const dependencies = [...read.dependencies, ...waitsFor];
  const traces = tracesOf({ ...read, dependencies }, valid.hasStandIns);
  const pipeline = new Pipeline(
    token(component.name),
    name,
    {},
    { ...options, transformations: [traces.transformation, ...(options.transformations ?? [])] },
  );
  for (const warning of valid.warnings) await pulumi.log.warn(warning, pipeline);
  const made = await programOutputs(component, valid, await contextOf(name, valid, pipeline, options));
  const names = Object.keys(component.outputs).map(outputName);
  const state = Object.fromEntries(names.map((key) => [key, traces.traced(made[key])]));
  pipeline.finish(state);
  return { urn: pipeline.urn, state };
}

async function programOutputs(
  component: Component,
  { blueprint, request }: ComponentRequest,
  context: BlueprintContext,
): Promise<Record<string, unknown>> {
  const program = await blueprint.loadProgram?.();
  if (!program) throw new Error(`${blueprint.pipelineType} cannot be provisioned.`);
  try {
    return await program(context, request);
  } catch (error) {
    throw error instanceof RequestInvalid ? programFault(component, error) : error;
  }
}

async function contextOf(
  name: string,
  { settings }: ComponentRequest,
  parent: pulumi.Resource,
  options: pulumi.ComponentResourceOptions,
): Promise<BlueprintContext> {
  const provider = awsProviderOf(options);
  const [{ region }, { accountId }] = await Promise.all([
    aws.getRegion({}, { provider }),
    aws.getCallerIdentity({}, { provider }),
  ]);
  return {
    ...settings,
    pipelineId: name,
    // Two stacks of a program may be in one account, with pipelines of the same name.
    environment: `${pulumi.getProject()}.${pulumi.getStack()}`,
    accountId,
    region,
    provider,
    parent,
  };
}

/**
 * The program's explicit provider. Without one it is undefined, which the contract of blueprints does not know: they hand it on as
 * an option only, and then Pulumi takes the provider of the parent, or the default one.
 */
function awsProviderOf({ providers = {} }: pulumi.ComponentResourceOptions): aws.Provider {
  // The SDK's server gives a record.
  return (providers as Record<string, pulumi.ProviderResource | undefined>).aws as aws.Provider;
}

async function resourcesOf(dependsOn: pulumi.ResourceOptions['dependsOn']): Promise<pulumi.Resource[]> {
  const given = await Promise.resolve(dependsOn as pulumi.Resource | pulumi.Resource[] | undefined);
  return given === undefined ? [] : Array.isArray(given) ? given : [given];
}
