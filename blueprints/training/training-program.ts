/** Request → component, for training, tuning and Autopilot alike: the stack of a pipeline that runs one job in the assets bucket. */
import type * as pulumi from '@pulumi/pulumi';
import type { BlueprintProgram } from '../blueprint.ts';
import { findBuiltInImage } from '../shared/aws/container-image.ts';
import { withKeyArn } from '../shared/aws/kms-key.ts';
import { shortName } from '../shared/aws/physical-name.ts';
import { findPlace } from '../shared/aws/place.ts';
import type { TrainingPipelineArgs } from './args.ts';
import type { TrainingNames } from './job-names.ts';
import { trainingJobNames } from './job-names.ts';
import type { TrainingPipeline } from './training-pipeline.ts';
import { NAME_LIMIT } from './training-pipeline.ts';

/** The keys that all three kinds of request have. */
interface JobRequest {
  model_name: string;
  model_framework?: string;
  model_framework_version?: string;
  training_data: string;
  validation_data?: string;
  s3_data_type?: string;
  job_output_location: string;
  job_name?: string;
  kms_key_arn?: string;
}

/** What tells one pipeline type from another. */
export interface TrainingProgramKind<Request> {
  component: new (
    name: string,
    args: TrainingPipelineArgs,
    options: pulumi.ComponentResourceOptions,
  ) => TrainingPipeline;
  names: TrainingNames;
  /** The SageMaker request. @param image of the algorithm; empty where SageMaker picks one itself (Autopilot) */
  job(request: Request, image: string, assetsBucket: string): object;
  /** Tags of the job from the request, in addition to those of the stack. */
  tags?(request: Request): Record<string, string>;
  /** First word of the original's output names, as in `TrainingJobName`. */
  outputPrefix: string;
}

/** @throws {RequestInvalid} for a framework or version without a SageMaker image, before anything is created */
export function trainingProgram<Request extends JobRequest>(kind: TrainingProgramKind<Request>): BlueprintProgram {
  return async (context, body) => {
    const { assetsBucket, provider } = context;
    const place = await findPlace(context);
    const request = await withKeyArn(body as unknown as Request, place, provider);
    const { model_framework: framework, model_framework_version: version = '' } = request;
    const image = framework ? await findBuiltInImage(framework, version, place, provider) : undefined;
    const pipeline = new kind.component(
      shortName(context.pipelineId, NAME_LIMIT),
      {
        place,
        definition: {
          ...trainingJobNames(request, kind.names),
          tags: { ...kind.tags?.(request), ...context.tags },
          request: { ...kind.job(request, image ?? '', assetsBucket) },
        },
        assetsBucket,
        data: dataOf(request),
        output: request.job_output_location,
        ...(image ? { image } : {}),
        kmsKeyArn: request.kms_key_arn,
        run: context.run,
        notificationsTopicArn: context.notificationsTopicArn,
        permissionsBoundaryArn: context.permissionsBoundaryArn,
      },
      { provider, parent: context.parent },
    );
    const asset = (key: string) => `s3://${assetsBucket}/${key}`;
    return {
      jobName: pipeline.jobName,
      outputLocation: asset(request.job_output_location),
      jobRoleArn: pipeline.jobRoleArn,
      functionName: pipeline.functionName,
      // The original's output names, for scripts that read them.
      [`${kind.outputPrefix}JobName`]: pipeline.jobName,
      [`${kind.outputPrefix}JobOutputLocation`]: asset(request.job_output_location),
      TrainingDataLocation: asset(request.training_data),
      ...(request.validation_data ? { ValidationDataLocation: asset(request.validation_data) } : {}),
    };
  };
}

/** Prefixes in the assets bucket that the job reads. What a manifest lists may be anywhere there. */
function dataOf({ s3_data_type: type = 'S3Prefix', training_data: training, validation_data: validation }: JobRequest) {
  return type === 'S3Prefix' ? [training, ...(validation ? [validation] : [])] : [''];
}
