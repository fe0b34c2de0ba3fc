/** Request → component: what the stack of a pipeline of this type is made of, and what it tells. */
import type { BlueprintProgram } from 'mlops-workload-orchestrator/blueprint';
import { shortName } from 'mlops-workload-orchestrator/shared/physical-name';
import { findPlace } from 'mlops-workload-orchestrator/shared/place';
import { NAME_LIMIT, SampleBlueprint } from './component.ts';
import type { SampleBlueprintRequest } from './schema.ts';

export const program: BlueprintProgram = async (context, body) => {
  const request = body as unknown as SampleBlueprintRequest;
  const { partition } = await findPlace(context);
  const component = new SampleBlueprint(
    shortName(context.pipelineId, NAME_LIMIT),
    {
      partition,
      bucket: context.assetsBucket,
      key: request.model_artifact_location,
      memorySize: request.memory_size,
      permissionsBoundaryArn: context.permissionsBoundaryArn,
    },
    { provider: context.provider },
  );
  return { functionName: component.functionName, roleArn: component.roleArn };
};
