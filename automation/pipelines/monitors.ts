/** Which pipelines watch the endpoint of another one: an endpoint goes only after its monitors. */
import type { Blueprint, PipelineRequest } from '../../blueprints/blueprint.ts';
import { allBlueprints } from '../../blueprints/registry.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import type { Pipelines } from './pipelines.ts';

/** Of endpoints: where they capture data. Of monitors: the captured data that their role may read. */
const CAPTURE_KEY = 'data_capture_location';

export interface Monitor {
  pipelineId: string;
  pipelineType: string;
}

type DeployedPipelines = Pick<Pipelines, 'deployedStages' | 'current'>;

interface Watched {
  pipelineId: string;
  blueprint: Blueprint | undefined;
}

/** A monitor, and what it watches in one environment. */
interface Watch extends Monitor {
  environment: string;
  /** The values of the monitor's request there. */
  values: PipelineRequest;
}

/**
 * @param watched the pipeline whose endpoint is watched, with its blueprint
 * @param only environment; default: all
 * @returns the monitor pipelines (not deleted) that watch an endpoint which this pipeline has deployed
 */
export async function monitorsOf(pipelines: DeployedPipelines, watched: Watched, only?: string): Promise<Monitor[]> {
  const watches = await watchesOf(pipelines, watched, only);
  return [
    ...new Map(watches.map(({ pipelineId, pipelineType }) => [pipelineId, { pipelineId, pipelineType }])).values(),
  ];
}

/**
 * @param request to which the pipeline is about to change
 * @returns one sentence for each location that the endpoint would capture data in and its monitors may not read
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html
 */
export async function captureWarnings(
  pipelines: DeployedPipelines,
  { request, ...watched }: { pipelineId: string; blueprint: Blueprint; request: PipelineRequest },
): Promise<string[]> {
  const unreadable = (await watchesOf(pipelines, watched)).flatMap(({ pipelineId, environment, values }) => {
    const location = stageValues(watched.blueprint, request, environment)[CAPTURE_KEY];
    return location === values[CAPTURE_KEY] ? [] : [{ pipelineId, environment, location: String(location) }];
  });
  return [...Map.groupBy(unreadable, ({ location }) => location)].map(([location, watches]) => {
    const monitors = [...new Set(watches.map(({ pipelineId }) => pipelineId))].join(', ');
    const environments = [...new Set(watches.map(({ environment }) => environment))].join(', ');
    return (
      `"${CAPTURE_KEY}": ${monitors} cannot read the data that the endpoint will capture in ${location} (${environments}). ` +
      `After the deployment, send the requests of the monitors again with this ${CAPTURE_KEY}.`
    );
  });
}

async function watchesOf(pipelines: DeployedPipelines, watched: Watched, only?: string): Promise<Watch[]> {
  const { endpointOutput } = watched.blueprint ?? {};
  if (!endpointOutput) return [];
  const stages = await pipelines.deployedStages(watched.pipelineId);
  const deployed = stages.filter(({ environment }) => only === undefined || environment === only);
  if (deployed.length === 0) return [];
  const blueprints = allBlueprints().filter(({ watchesEndpoint }) => watchesEndpoint);
  const candidates = await pipelines.current(blueprints.map(({ pipelineType }) => pipelineType));
  return candidates.flatMap(({ pipelineId, request }) => {
    const blueprint = blueprints.find(({ pipelineType }) => pipelineType === request.pipeline_type);
    if (!blueprint?.watchesEndpoint) return [];
    const key = blueprint.watchesEndpoint;
    return deployed.flatMap(({ environment, outputs }) => {
      const values = stageValues(blueprint, request, environment);
      const name = outputs?.[endpointOutput];
      if (typeof name !== 'string' || values[key] !== name) return [];
      return [{ pipelineId, pipelineType: blueprint.pipelineType, environment, values }];
    });
  });
}
