/** Model monitors: four kinds of SageMaker monitoring schedules for a deployed endpoint. */
import type { Blueprint } from '../blueprint.ts';
import dataQuality from './example.data-quality.json' with { type: 'json' };
import modelBias from './example.model-bias.json' with { type: 'json' };
import modelExplainability from './example.model-explainability.json' with { type: 'json' };
import modelQuality from './example.model-quality.json' with { type: 'json' };
import { PER_STAGE_KEYS, monitorSchema } from './schema.ts';

const COMMON = { nameKey: 'model_name', placement: 'environments', perStageKeys: PER_STAGE_KEYS } as const;

export const dataQualityMonitor: Blueprint = {
  ...COMMON,
  pipelineType: 'byom_data_quality_monitor',
  title: 'Data quality monitor',
  description: 'Watches the data that an endpoint gets for deviations from a baseline.',
  namePostfix: 'byomdataqualitymonitor',
  schema: (settings) => monitorSchema('data_quality', settings),
  example: dataQuality,
};

export const modelQualityMonitor: Blueprint = {
  ...COMMON,
  pipelineType: 'byom_model_quality_monitor',
  title: 'Model quality monitor',
  description: 'Watches the predictions of an endpoint against ground truth.',
  namePostfix: 'byommodelqualitymonitor',
  schema: (settings) => monitorSchema('model_quality', settings),
  example: modelQuality,
};

export const modelBiasMonitor: Blueprint = {
  ...COMMON,
  pipelineType: 'byom_model_bias_monitor',
  title: 'Model bias monitor',
  description: 'Watches the predictions of an endpoint for bias.',
  namePostfix: 'byommodelbiasmonitor',
  schema: (settings) => monitorSchema('model_bias', settings),
  example: modelBias,
};

export const modelExplainabilityMonitor: Blueprint = {
  ...COMMON,
  pipelineType: 'byom_model_explainability_monitor',
  title: 'Model explainability monitor',
  description: 'Watches which features an endpoint’s predictions rest on.',
  namePostfix: 'byommodelexplainabilitymonitor',
  schema: (settings) => monitorSchema('model_explainability', settings),
  example: modelExplainability,
};
