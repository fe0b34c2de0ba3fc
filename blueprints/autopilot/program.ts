/** Request → component: what the stack of an Autopilot pipeline is made of. */
import type { BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { jobBaseName } from '../shared/lambda/job-function.ts';
import { shortName } from '../shared/aws/physical-name.ts';
import { findPlace } from '../shared/aws/place.ts';
import { NAME_LIMIT } from '../training/training-pipeline.ts';
import { Autopilot } from './component.ts';
import type { AutopilotRequest } from './job.ts';
import { JOB_NAME_LIMIT, autopilotJob } from './job.ts';

export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const request = body as unknown as AutopilotRequest;
  const { assetsBucket, provider } = context;
  const place = await findPlace(context);
  const output = request.job_output_location;
  const autopilot = new Autopilot(
    shortName(context.pipelineId, NAME_LIMIT),
    {
      place,
      definition: {
        baseName: jobBaseName(`${request.model_name}-autopilot`, JOB_NAME_LIMIT),
        ...(request.job_name ? { fixedName: request.job_name } : {}),
        nameLimit: JOB_NAME_LIMIT,
        tags: context.tags,
        request: { ...autopilotJob(request, assetsBucket) },
      },
      assetsBucket,
      data: [request.training_data],
      output,
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
    jobName: autopilot.jobName,
    outputLocation,
    jobRoleArn: autopilot.jobRoleArn,
    functionName: autopilot.functionName,
    // Names of the original's stack outputs, for scripts that read them.
    AutopilotJobName: autopilot.jobName,
    AutopilotJobOutputLocation: outputLocation,
    TrainingDataLocation: dataLocation,
  };
};
