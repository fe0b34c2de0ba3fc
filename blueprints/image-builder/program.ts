/** Request → component: the stack of an image builder. */
import type { BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { shortName } from '../shared/aws/physical-name.ts';
import { findPlace } from '../shared/aws/place.ts';
import { ImageBuilder, NAME_LIMIT } from './component.ts';

/** The request as the schema of this folder leaves it. */
interface ImageRequest {
  custom_algorithm_docker: string;
  ecr_repo_name: string;
  image_tag: string;
}

export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const request = body as unknown as ImageRequest;
  const place = await findPlace(context);
  const builder = new ImageBuilder(
    shortName(context.pipelineId, NAME_LIMIT),
    {
      place,
      assetsBucket: context.assetsBucket,
      sourceKey: request.custom_algorithm_docker,
      repositoryName: request.ecr_repo_name,
      imageTag: request.image_tag,
      notificationsTopicArn: context.notificationsTopicArn,
      permissionsBoundaryArn: context.permissionsBoundaryArn,
    },
    { provider: context.provider, parent: context.parent },
  );
  return {
    imageUri: builder.imageUri,
    pipelineName: builder.pipelineName,
    pipelineUrl: builder.pipelineUrl,
    projectName: builder.projectName,
    buildRoleArn: builder.buildRoleArn,
    pipelineRoleArn: builder.pipelineRoleArn,
    startRoleArn: builder.startRoleArn,
    // Names of the original's stack outputs, for scripts that read them.
    Pipelines: builder.pipelineUrl,
    CustomAlgorithmImageURI: builder.imageUri,
  };
};
