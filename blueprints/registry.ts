/**
 * Pipeline type → blueprint: flat, exhaustive by type for the twelve that are built in, and the custom ones that were
 * loaded at the start of this process (custom/load.ts).
 */
import packageJson from '../package.json' with { type: 'json' };
import { autopilot } from './autopilot/index.ts';
import { batchBuiltin, batchCustom } from './batch-transform/index.ts';
import type { Blueprint, BlueprintDefinition, PipelineType, SchemaSettings } from './blueprint.ts';
import { hyperparameterTuning } from './hyperparameter-tuning/index.ts';
import { imageBuilder } from './image-builder/index.ts';
import {
  dataQualityMonitor,
  modelBiasMonitor,
  modelExplainabilityMonitor,
  modelQualityMonitor,
} from './model-monitor/index.ts';
import { modelTraining } from './model-training/index.ts';
import { realtimeBuiltin, realtimeCustom } from './realtime-inference/index.ts';
import { requestJsonSchema } from './request/json-schema.ts';
import { MODEL_PACKAGE_EXAMPLE } from './shared/schema/joi-pieces.ts';
import { NOT_WITH_REGISTRY } from './shared/schema/model-source-keys.ts';
import { topKeys } from './shared/schema/top-keys.ts';

const BUILT_IN: Readonly<Record<PipelineType, BlueprintDefinition>> = {
  byom_realtime_builtin: realtimeBuiltin,
  byom_realtime_custom: realtimeCustom,
  byom_batch_builtin: batchBuiltin,
  byom_batch_custom: batchCustom,
  model_training_builtin: modelTraining,
  model_tuner_builtin: hyperparameterTuning,
  model_autopilot_training: autopilot,
  byom_data_quality_monitor: dataQualityMonitor,
  byom_model_quality_monitor: modelQualityMonitor,
  byom_model_bias_monitor: modelBiasMonitor,
  byom_model_explainability_monitor: modelExplainabilityMonitor,
  byom_image_builder: imageBuilder,
};

/** The twelve, with the version of the service that they are part of. */
export const BLUEPRINTS: Readonly<Record<PipelineType, Blueprint>> = Object.fromEntries(
  Object.entries(BUILT_IN).map(([type, definition]) => [type, { ...definition, version: packageJson.version }]),
) as Record<PipelineType, Blueprint>;

/** What became of one entry of `CUSTOM_BLUEPRINTS`. */
export interface CustomBlueprint {
  /** As the setting names it: a folder, or an npm package. */
  readonly source: string;
  /** Absolute; left out where it was not found. */
  readonly folder?: string;
  /** Of its package.json, as far as it has them. */
  readonly name?: string;
  readonly version?: string;
  /** Why it is refused; empty: it is loaded. */
  readonly reasons: readonly string[];
  /** The pipeline types it has, or would have: as far as they could be read. */
  readonly pipelineTypes: readonly string[];
  /** Empty where it is refused. */
  readonly blueprints: readonly Blueprint[];
}

// One set for the process: every look-up by type goes through here, and imported code cannot be unloaded anyway.
let custom: readonly CustomBlueprint[] = [];
let all: readonly Blueprint[] = Object.values(BLUEPRINTS);

/** Takes the place of those that were there before. Called once, at the start, before anything is looked up. */
export function useCustomBlueprints(found: readonly CustomBlueprint[]): void {
  custom = found;
  all = [...Object.values(BLUEPRINTS), ...found.flatMap(({ blueprints }) => blueprints)];
}

/** What became of the entries of `CUSTOM_BLUEPRINTS`, in their order. */
export function customBlueprints(): readonly CustomBlueprint[] {
  return custom;
}

/** The built-in ones, then the custom ones. The same array until that changes. */
export function allBlueprints(): readonly Blueprint[] {
  return all;
}

export function pipelineTypes(): readonly string[] {
  return all.map(({ pipelineType }) => pipelineType);
}

/** @returns undefined for an unknown type; names are case-sensitive. */
export function findBlueprint(type: string): Blueprint | undefined {
  return all.find(({ pipelineType }) => pipelineType === type);
}

/** Why a type is not there although a custom blueprint was to bring it; undefined for any other. */
export function refusalOf(type: string): CustomBlueprint | undefined {
  return custom.find(({ reasons, pipelineTypes: types }) => reasons.length > 0 && types.includes(type));
}

/** @throws Error for an unknown type: for callers that have it from this registry, or from a validated request */
export function requireBlueprint(type: string): Blueprint {
  const found = findBlueprint(type);
  if (!found) throw new Error(`No blueprint for ${type} is loaded.`);
  return found;
}

/** A pipeline type in `GET /pipeline-types`. */
export interface PipelineTypeDescription {
  pipelineType: string;
  /** Of the service for what is built in, else of the custom blueprint's package. */
  version: string;
  /** Whether it came with `CUSTOM_BLUEPRINTS`. */
  custom: boolean;
  title: string;
  description: string;
  placement: Blueprint['placement'];
  /** False where requests are validated but not yet carried out. */
  provisionable: boolean;
  /** JSON Schema, draft 2020-12, of the request as it may be sent; rules between keys are not in it. */
  requestSchema: Record<string, unknown>;
  /** Valid as it stands in this installation. */
  example: Record<string, unknown>;
}

/** A description takes milliseconds, and callers who may only read can ask for all of them again and again. */
const descriptions = new WeakMap<Blueprint, Map<string, PipelineTypeDescription>>();

/**
 * @param type one of `pipelineTypes()`
 * @param settings of the installation: they decide what a request must hold
 * @returns the same object for the same arguments
 */
export function describePipelineType(type: string, settings: SchemaSettings): PipelineTypeDescription {
  const blueprint = requireBlueprint(type);
  const kind = `${settings.useModelRegistry} ${settings.multiAccount}`;
  const kinds = descriptions.get(blueprint) ?? new Map<string, PipelineTypeDescription>();
  descriptions.set(blueprint, kinds);
  let found = kinds.get(kind);
  if (!found) kinds.set(kind, (found = describe(blueprint, settings)));
  return found;
}

function describe(blueprint: Blueprint, settings: SchemaSettings): PipelineTypeDescription {
  const { pipelineType, version, title, description, placement, loadProgram, schema } = blueprint;
  return {
    pipelineType,
    version,
    custom: !Object.hasOwn(BLUEPRINTS, pipelineType),
    title,
    description,
    placement,
    provisionable: loadProgram !== undefined,
    requestSchema: requestJsonSchema(schema(settings)),
    example: exampleFor(blueprint, settings),
  };
}

export function listPipelineTypes(settings: SchemaSettings): PipelineTypeDescription[] {
  return pipelineTypes().map((type) => describePipelineType(type, settings));
}

/** A request that the installation would take: with the registry, a model package in place of image and artifact. */
export function exampleFor(
  { example, schema }: BlueprintDefinition,
  settings: SchemaSettings,
): Record<string, unknown> {
  // Training names a framework as well, but only what deploys a model has its artifact; a custom type may always need it.
  if (!settings.useModelRegistry || !('model_artifact_location' in example)) return { ...example };
  if (!topKeys(schema(settings)).includes('model_package_name')) return { ...example };
  const kept = Object.entries(example).filter(([key]) => !NOT_WITH_REGISTRY.includes(key));
  return { ...Object.fromEntries(kept), model_package_name: MODEL_PACKAGE_EXAMPLE };
}
