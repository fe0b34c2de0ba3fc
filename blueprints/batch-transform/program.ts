/** Request → component: the stack of a batch pipeline. */
import type { BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { withKeyArn } from '../shared/aws/kms-key.ts';
import { findModelSource } from '../shared/aws/model-source.ts';
import { shortName } from '../shared/aws/physical-name.ts';
import { findPlace } from '../shared/aws/place.ts';
import { BatchTransform, NAME_LIMIT } from './component.ts';
import type { BatchRequest } from './request.ts';
import { transformJob, transformJobNames } from './job.ts';

/** @throws {RequestInvalid} for a framework or version without a SageMaker image, before anything is created */
export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const place = await findPlace(context);
  const request = await withKeyArn(body as unknown as BatchRequest, place, context.provider);
  const model = await findModelSource(request, context, place);
  const batch = new BatchTransform(
    shortName(context.pipelineId, NAME_LIMIT),
    {
      place,
      model,
      definition: {
        ...transformJobNames(request, body.pipeline_type),
        tags: context.tags,
        request: { ...transformJob(request) },
        // The job knows its model by name only.
        source: { ...model },
      },
      inputLocation: request.batch_inference_data,
      outputLocation: request.batch_job_output_location,
      kmsKeyArn: request.kms_key_arn,
      run: context.run,
      notificationsTopicArn: context.notificationsTopicArn,
      permissionsBoundaryArn: context.permissionsBoundaryArn,
    },
    { provider: context.provider, parent: context.parent },
  );
  const outputLocation = `s3://${request.batch_job_output_location}`;
  return {
    jobName: batch.jobName,
    modelName: batch.modelName,
    outputLocation,
    functionName: batch.functionName,
    executionRoleArn: batch.executionRoleArn,
    // The original's output names, for scripts that read them.
    SageMakerModelName: batch.modelName,
    BatchTransformJobName: batch.jobName,
    BatchTransformOutputLocation: outputLocation,
  };
};
