/** The Pulumi component: a Lambda function, its role and its log. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { bundleHandler } from 'mlops-workload-orchestrator/shared/lambda-bundle';
import { literal, policy, trustOf } from 'mlops-workload-orchestrator/shared/policies';
import { createServiceRole } from 'mlops-workload-orchestrator/shared/roles';

const HANDLER = new URL('./handler.ts', import.meta.url);
/** A function's name has 64 characters, of which its suffix and the random part take 17. */
export const NAME_LIMIT = 47;
const LOG_RETENTION_DAYS = 30;

export interface SampleBlueprintArgs {
  /** Such as `aws`. */
  partition: string;
  /** Where the archive is. Changing it updates the function. */
  bucket: string;
  /** Key of the archive in the bucket. Changing it updates the function. */
  key: string;
  /** In MB. Changing it updates the function. */
  memorySize: number;
  /** Bounds the function's role. */
  permissionsBoundaryArn?: string | undefined;
}

/**
 * Tells size and age of a model's archive.
 *
 * ```ts
 * new SampleBlueprint('churn', { partition: 'aws', bucket, key: 'churn/model.tar.gz', memorySize: 256 }, { provider });
 * ```
 */
export class SampleBlueprint extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  readonly roleArn: pulumi.Output<string>;

  /** @param name prefix of all names, at most `NAME_LIMIT` characters. Another name is another component. */
  constructor(name: string, args: SampleBlueprintArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('custom:sample-blueprint:SampleBlueprint', name, {}, options);
    const child = { parent: this };
    const logGroup = new aws.cloudwatch.LogGroup(`${name}-log`, { retentionInDays: LOG_RETENTION_DAYS }, child);
    const { role, policy: rolePolicy } = createRole(name, args, logGroup, child);
    const fn = new aws.lambda.Function(
      `${name}-function`,
      {
        description: `Describes the model archive of ${name}`,
        role: role.arn,
        runtime: 'nodejs22.x',
        architectures: ['arm64'],
        handler: 'index.handler',
        code: bundleHandler(HANDLER),
        memorySize: args.memorySize,
        timeout: 30,
        environment: { variables: { BUCKET: args.bucket, KEY: args.key } },
        loggingConfig: { logFormat: 'JSON', logGroup: logGroup.name },
      },
      { ...child, dependsOn: [rolePolicy] },
    );
    this.functionName = fn.name;
    this.roleArn = role.arn;
    this.registerOutputs({ functionName: this.functionName, roleArn: this.roleArn });
  }
}

/** The function may read its archive and write its log. */
function createRole(
  name: string,
  args: SampleBlueprintArgs,
  logGroup: aws.cloudwatch.LogGroup,
  options: pulumi.CustomResourceOptions,
): ReturnType<typeof createServiceRole> {
  return createServiceRole(
    name,
    {
      description: `Function of ${name}`,
      trust: trustOf('lambda.amazonaws.com'),
      policy: logGroup.arn.apply((logGroupArn) =>
        policy(
          {
            Sid: 'ReadArchive',
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource: `arn:${args.partition}:s3:::${args.bucket}/${literal(args.key)}`,
          },
          {
            Sid: 'WriteLog',
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: `${logGroupArn}:*`,
          },
        ),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}
