/** Model monitors: four kinds of SageMaker monitoring schedules for a deployed endpoint. */
import type { BlueprintDefinition } from '../blueprint.ts';
import dataQuality from './example.data-quality.json' with { type: 'json' };
import modelBias from './example.model-bias.json' with { type: 'json' };
import modelExplainability from './example.model-explainability.json' with { type: 'json' };
import modelQuality from './example.model-quality.json' with { type: 'json' };
import { monitorNeeds } from './needs.ts';
import { monitorWarnings } from './warnings.ts';
import type { MonitorKind, MonitorRequest } from './monitor-request.ts';
import { monitorName, monitorNameStem } from './monitor-request.ts';
import { baselineKeys, monitorSchema, perStageKeys } from './schema.ts';

/** What the kind decides, and what all kinds have in common. */
function ofKind(
  kind: MonitorKind,
): Pick<
  BlueprintDefinition,
  | 'pipelineType'
  | 'nameKey'
  | 'placement'
  | 'perStageKeys'
  | 'schema'
  | 'runKeys'
  | 'runs'
  | 'jobs'
  | 'loadProgram'
  | 'keyOutputs'
  | 'needs'
  | 'warnings'
  | 'watchesEndpoint'
> {
  return {
    pipelineType: `byom_${kind}_monitor`,
    nameKey: 'model_name',
    placement: 'environments',
    perStageKeys: perStageKeys(kind),
    schema: (settings) => monitorSchema(kind, settings),
    runKeys: baselineKeys(kind),
    runs: 'baseline job',
    jobs: (request, pipelineId) => {
      const { endpoint_name: endpoint } = request as unknown as MonitorRequest;
      return [
        // Every change of what a baseline is made of has a name of its own.
        { kind: 'baseline', names: [`${monitorNameStem(endpoint, kind)}*`] },
        { kind: 'monitoring', names: [monitorName(endpoint, kind, pipelineId)] },
      ];
    },
    watchesEndpoint: 'endpoint_name',
    loadProgram: async () => (await import('./program.ts')).monitorProgram(kind),
    needs: monitorNeeds,
    warnings: (request) => monitorWarnings(kind, request),
    keyOutputs: ['monitoringScheduleName', 'baselineJobName', 'baselineJobOutput', 'monitoringScheduleOutput'],
  };
}

export const dataQualityMonitor: BlueprintDefinition = {
  ...ofKind('data_quality'),
  title: 'Data quality monitor',
  description: 'Monitors the input data of an endpoint for deviations from a baseline.',
  namePostfix: 'byomdataqualitymonitor',
  example: dataQuality,
};

export const modelQualityMonitor: BlueprintDefinition = {
  ...ofKind('model_quality'),
  title: 'Model quality monitor',
  description: 'Compares the predictions of an endpoint with ground truth.',
  namePostfix: 'byommodelqualitymonitor',
  example: modelQuality,
};

export const modelBiasMonitor: BlueprintDefinition = {
  ...ofKind('model_bias'),
  title: 'Model bias monitor',
  description: 'Monitors the predictions of an endpoint for bias.',
  namePostfix: 'byommodelbiasmonitor',
  example: modelBias,
};

export const modelExplainabilityMonitor: BlueprintDefinition = {
  ...ofKind('model_explainability'),
  title: 'Model explainability monitor',
  description: 'Monitors the feature attributions of an endpoint’s predictions.',
  namePostfix: 'byommodelexplainabilitymonitor',
  example: modelExplainability,
};
