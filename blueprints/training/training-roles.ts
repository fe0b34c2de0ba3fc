/** Permissions of training and tuning jobs. */
import type * as pulumi from '@pulumi/pulumi';
import { parseEcrImage } from '../shared/aws/ecr-image.ts';
import type { Place } from '../shared/aws/place.ts';
import type { Statement } from '../shared/aws/policies.ts';
import { policy, trustOf } from '../shared/aws/policies.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import { createServiceRole } from '../shared/aws/roles.ts';
import {
  containerAccess,
  pullImage,
  readObjects,
  useKey,
  writeJobLogs,
  writeMetrics,
  writeObjects,
} from '../shared/aws/statements.ts';

export interface TrainingRoleArgs {
  place: Place;
  assetsBucket: string;
  /** Keys or prefixes that are read. */
  data: readonly string[];
  /** Prefix that is written below; checkpoints are read from there as well. */
  output: string;
  /** Image of the algorithm; without one SageMaker's own are used (Autopilot). */
  image?: string;
  kmsKeyArn?: string | undefined;
  /** Group of the log, such as `TrainingJobs`. */
  logGroups: readonly string[];
  /** Patterns of the names of all jobs that take the role. */
  jobNames: readonly string[];
  /** What this kind of job needs besides. */
  statements?: readonly Statement[];
  permissionsBoundaryArn?: string | undefined;
}

/** The role that SageMaker takes for the job's containers. */
export function createTrainingRole(
  name: string,
  description: string,
  args: TrainingRoleArgs,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  const { place, assetsBucket } = args;
  const image = args.image === undefined ? undefined : parseEcrImage(args.image);
  return createServiceRole(
    name,
    {
      description,
      trust: trustOf('sagemaker.amazonaws.com', place.accountId),
      policy: policy(
        ...readObjects('Data', place, assetsBucket, [...args.data, `${args.output}/`]),
        writeObjects('Output', place, `${assetsBucket}/${args.output}`),
        ...(image
          ? pullImage(`arn:${place.partition}:ecr:${image.region}:${image.accountId}:repository/${image.repository}`)
          : []),
        ...args.logGroups.map((group, index) => ({
          ...writeJobLogs(place, group, args.jobNames),
          Sid: `WriteLogs${index === 0 ? '' : index + 1}`,
        })),
        writeMetrics('/aws/sagemaker/TrainingJobs', 'AWS/SageMaker'),
        ...containerAccess(place),
        ...(args.statements ?? []),
        ...(args.kmsKeyArn ? useKey(args.kmsKeyArn) : []),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}
