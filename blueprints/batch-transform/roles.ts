/** Permissions of the transform job's containers and of the function that creates the job. */
import type * as pulumi from '@pulumi/pulumi';
import type { JobDefinition } from '../shared/lambda/job-run.ts';
import { jobNamePatterns } from '../shared/lambda/job-run.ts';
import type { Place } from '../shared/aws/place.ts';
import type { Statement } from '../shared/aws/policies.ts';
import { policy, trustOf } from '../shared/aws/policies.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import { createServiceRole } from '../shared/aws/roles.ts';
import {
  containerAccess,
  readModel,
  readObjects,
  useKey,
  writeJobLogs,
  writeMetrics,
  writeObjects,
} from '../shared/aws/statements.ts';
import type { BatchTransformArgs } from './args.ts';

/** The role of the model: its image and artifact, the job's input and output. */
export function createExecutionRole(
  name: string,
  args: BatchTransformArgs,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  const { place } = args;
  const [bucket = '', ...key] = args.inputLocation.split('/');
  return createServiceRole(
    `${name}-execution`,
    {
      description: `Model and transform jobs of ${name}`,
      trust: trustOf('sagemaker.amazonaws.com', place.accountId),
      policy: policy(
        ...readModel(args.model, place),
        // SageMaker takes the key as a prefix, and reads whatever begins with it.
        ...readObjects('Input', place, bucket, [key.join('/')]),
        writeObjects('Output', place, args.outputLocation),
        writeJobLogs(place, 'TransformJobs', jobNamePatterns(args.definition)),
        writeMetrics('/aws/sagemaker/TransformJobs', 'AWS/SageMaker'),
        ...containerAccess(place),
        ...(args.kmsKeyArn ? useKey(args.kmsKeyArn) : []),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}

/** What the function may do: make jobs of this model. The model has its role, so none is handed over. */
export function makeTransformJobs(place: Place, definition: JobDefinition): Statement[] {
  return [
    {
      Sid: 'MakeJob',
      Effect: 'Allow',
      Action: [
        'sagemaker:CreateTransformJob',
        'sagemaker:DescribeTransformJob',
        'sagemaker:AddTags',
        'sagemaker:ListTags',
      ],
      Resource: [...new Set(jobNamePatterns(definition).flatMap((name) => [name, name.toLowerCase()]))].map(
        (name) => `arn:${place.partition}:sagemaker:${place.region}:${place.accountId}:transform-job/${name}`,
      ),
    },
  ];
}
