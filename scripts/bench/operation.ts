/** The stack operation that the service would make of a request, without a service. */
import { requireBlueprint } from '../../blueprints/registry.ts';
import { validateRequest } from '../../blueprints/request/request.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import type { EngineSettings } from '../../automation/engine/engine.ts';
import { stackNames } from '../../automation/stacks/operation.ts';
import type { StackOperation } from '../../automation/stacks/operation.ts';

export function requestToOperation(body: unknown, engine: EngineSettings): StackOperation {
  const { request, pipelineId, blueprint } = validateRequest(body, {
    pipelinePrefix: 'mlops-pipeline',
    useModelRegistry: false,
    multiAccount: false,
  });
  return {
    action: 'up',
    ...stackNames(blueprint.pipelineType, pipelineId, 'main'),
    pipelineId,
    pipelineType: blueprint.pipelineType,
    revision: 1,
    run: 1,
    environment: {
      name: 'main',
      accountId: '111111111111',
      region: 'us-east-1',
      deploymentRoleArn: '',
      externalId: 'mlops',
      permissionsBoundaryArn: '',
      organizationalUnitId: '',
      assetsBucket: 'mlops-assets-111111111111-us-east-1',
    },
    request: stageValues(requireBlueprint(blueprint.pipelineType), request, 'main'),
    message: 'up',
    tags: { 'mlops:pipeline-id': pipelineId },
    allowDetailedErrorMessage: true,
    blueprintVersion: '1.0.0',
    notificationsTopicArn: '',
    engine,
    recover: false,
  };
}
