/** Which pipelines watch the endpoint of another one: an endpoint goes only after its monitors. */
import type { Blueprint } from '../../blueprints/blueprint.ts';
import { allBlueprints } from '../../blueprints/registry.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import type { Pipelines } from './pipelines.ts';

export interface Monitor {
  pipelineId: string;
  pipelineType: string;
}

/**
 * @param of the pipeline whose endpoint is watched, with its blueprint
 * @param only environment; default: all
 * @returns the monitor pipelines (not deleted) that watch an endpoint which this pipeline has deployed
 */
export async function monitorsOf(
  pipelines: Pick<Pipelines, 'deployedStages' | 'current'>,
  { pipelineId, blueprint }: { pipelineId: string; blueprint: Blueprint | undefined },
  only?: string,
): Promise<Monitor[]> {
  const { endpointOutput } = blueprint ?? {};
  if (!endpointOutput) return [];
  const stages = await pipelines.deployedStages(pipelineId);
  const deployed = stages.filter(({ environment }) => only === undefined || environment === only);
  const endpoints = new Map(deployed.map(({ environment, outputs }) => [environment, outputs?.[endpointOutput]]));
  const monitors = allBlueprints().filter(({ watchesEndpoint }) => watchesEndpoint);
  const candidates = await pipelines.current(monitors.map((monitor) => monitor.pipelineType));
  return candidates
    .filter(({ request }) => {
      const watcher = monitors.find((monitor) => monitor.pipelineType === request.pipeline_type);
      return [...endpoints].some(([environment, name]) => {
        if (!watcher?.watchesEndpoint || typeof name !== 'string') return false;
        return stageValues(watcher, request, environment)[watcher.watchesEndpoint] === name;
      });
    })
    .map((monitor) => ({ pipelineId: monitor.pipelineId, pipelineType: String(monitor.request.pipeline_type) }));
}
