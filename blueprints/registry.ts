/** Pipeline type → blueprint: flat, and exhaustive by type. */
import { autopilot } from './autopilot/index.ts';
import { batchBuiltin, batchCustom } from './batch-transform/index.ts';
import type { Blueprint, PipelineType, SchemaSettings } from './blueprint.ts';
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
import { requestJsonSchema } from './shared/request-json-schema.ts';
import { MODEL_PACKAGE_EXAMPLE } from './shared/joi-pieces.ts';
import { NOT_WITH_REGISTRY } from './shared/request-model-source.ts';

export const BLUEPRINTS: Readonly<Record<PipelineType, Blueprint>> = {
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

/** @returns undefined for a type that nobody knows; names are compared as they are. */
export function findBlueprint(type: string): Blueprint | undefined {
  return Object.hasOwn(BLUEPRINTS, type) ? BLUEPRINTS[type as PipelineType] : undefined;
}

/** What `GET /pipeline-types` tells of a type. */
export interface PipelineTypeDescription {
  pipelineType: PipelineType;
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

/** @param settings of the installation: they decide what a request must hold */
export function describePipelineType(type: PipelineType, settings: SchemaSettings): PipelineTypeDescription {
  const blueprint = BLUEPRINTS[type];
  const { title, description, placement, loadProgram, schema } = blueprint;
  return {
    pipelineType: type,
    title,
    description,
    placement,
    provisionable: loadProgram !== undefined,
    requestSchema: requestJsonSchema(schema(settings)),
    example: exampleFor(blueprint, settings),
  };
}

export function listPipelineTypes(settings: SchemaSettings): PipelineTypeDescription[] {
  return Object.keys(BLUEPRINTS).map((type) => describePipelineType(type as PipelineType, settings));
}

/** A request that the installation would take: with the registry, a model package in place of image and artifact. */
export function exampleFor({ example }: Blueprint, { useModelRegistry }: SchemaSettings): Record<string, unknown> {
  // Training names a framework as well, but only what deploys a model has its artifact.
  if (!useModelRegistry || !('model_artifact_location' in example)) return { ...example };
  const kept = Object.entries(example).filter(([key]) => !NOT_WITH_REGISTRY.includes(key));
  return { ...Object.fromEntries(kept), model_package_name: MODEL_PACKAGE_EXAMPLE };
}
