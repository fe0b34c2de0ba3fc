/** Image builder: builds a container image of a custom algorithm and pushes it to Amazon ECR. */
import type { BlueprintDefinition } from '../blueprint.ts';
import example from './example.json' with { type: 'json' };
import { assetNeed } from '../needs.ts';
import { imageBuilderSchema } from './schema.ts';

export const imageBuilder: BlueprintDefinition = {
  pipelineType: 'byom_image_builder',
  title: 'Image builder for custom algorithms',
  description: 'Builds a container image from a zip file in the assets bucket and pushes it to Amazon ECR.',
  namePostfix: 'byompipelineimagebuilder',
  nameKey: 'image_tag',
  placement: 'orchestrator',
  perStageKeys: [],
  loadProgram: async () => (await import('./program.ts')).program,
  keyOutputs: ['imageUri', 'pipelineName', 'pipelineUrl'],
  needs: (request, place) => [assetNeed('custom_algorithm_docker', place, String(request.custom_algorithm_docker))],
  // The original's words for an update speak of template parameters, which an image builder has none of.
  updateMessage: (pipelineId) => `Pipeline ${pipelineId} is being updated.`,
  schema: imageBuilderSchema,
  example,
};
