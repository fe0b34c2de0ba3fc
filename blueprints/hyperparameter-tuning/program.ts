/** Request → component: what the stack of a tuning pipeline is made of. */
import type { BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { findBuiltInImage } from '../shared/aws/container-image.ts';
import { jobBaseName } from '../shared/lambda/job-function.ts';
import { shortName } from '../shared/aws/physical-name.ts';
import { findPlace } from '../shared/aws/place.ts';
import { NAME_LIMIT } from '../training/training-pipeline.ts';
import { HyperparameterTuning } from './component.ts';
import type { TuningRequest } from './job.ts';
import { JOB_NAME_LIMIT, tuningJob } from './job.ts';

/** @throws {RequestInvalid} for a framework or version that SageMaker has no image of, before anything is created */
export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const request = body as unknown as TuningRequest;
  const { assetsBucket, provider } = context;
  const place = await findPlace(context);
  const image = await findBuiltInImage(request.model_framework, request.model_framework_version, place, provider);
  const output = request.job_output_location;
  const tuning = new HyperparameterTuning(
    shortName(context.pipelineId, NAME_LIMIT),
    {
      place,
      definition: {
        baseName: jobBaseName(`${request.model_name}-tuner`, JOB_NAME_LIMIT),
        ...(request.job_name ? { fixedName: request.job_name } : {}),
        nameLimit: JOB_NAME_LIMIT,
        tags: context.tags,
        request: { ...tuningJob(request, image, assetsBucket) },
      },
      assetsBucket,
      data: [request.training_data, ...(request.validation_data ? [request.validation_data] : [])],
      output,
      image,
      kmsKeyArn: request.kms_key_arn,
      run: context.run,
      notificationsTopicArn: context.notificationsTopicArn,
      permissionsBoundaryArn: context.permissionsBoundaryArn,
    },
    { provider },
  );
  const outputLocation = `s3://${assetsBucket}/${output}`;
  const dataLocation = `s3://${assetsBucket}/${request.training_data}`;
  return {
    jobName: tuning.jobName,
    outputLocation,
    jobRoleArn: tuning.jobRoleArn,
    functionName: tuning.functionName,
    // Names of the original's stack outputs, for scripts that read them.
    TrainingJobName: tuning.jobName,
    TrainingJobOutputLocation: outputLocation,
    TrainingDataLocation: dataLocation,
    ...(request.validation_data ? { ValidationDataLocation: `s3://${assetsBucket}/${request.validation_data}` } : {}),
  };
};
