/** A Lambda function that creates a SageMaker job, and its invocation when the stack is deployed. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { DIGEST_LENGTH, jobBaseName } from './job-names.ts';
import type { JobDefinition } from './job-run.ts';
import { bundleText } from './lambda-bundle.ts';
import type { Statement } from '../aws/policies.ts';
import { policy, trustOf } from '../aws/policies.ts';
import { canonicalJson, requestDigest } from '../../request/digest.ts';
import { createServiceRole } from '../aws/roles.ts';
import { writeLog } from '../aws/statements.ts';

export { jobBaseName };

const LOG_RETENTION_DAYS = 30;

export interface JobFunctionArgs {
  /** Shown in the Lambda console. At most 256 characters. */
  description: string;
  /** The handler's module. Changing its code updates the function, and runs nothing. */
  handler: URL;
  /** The job. Changing it updates the function, and runs a new job. */
  definition: JobDefinition;
  /** What is known only when the stack is deployed, such as the job's role. Changing it updates the function. */
  environment?: Record<string, pulumi.Input<string>>;
  /** What the function may do besides writing its log. */
  statements: pulumi.Input<Statement[]>;
  /** How long a call may take, 1–900 s. */
  timeoutSeconds: number;
  /** The change that the stack is deployed for: part of the job's name, and no reason to run it. */
  run: number;
  permissionsBoundaryArn?: string | undefined;
  /** What else has to be there before the function is called. */
  dependsOn?: pulumi.Resource[];
}

export interface JobFunction {
  function: aws.lambda.Function;
  role: aws.iam.Role;
  /** The job has been made once this is there. */
  invocation: aws.lambda.Invocation;
  /** As the handler answered. */
  jobName: pulumi.Output<string>;
}

/**
 * Makes the function with role and log, and calls it when it is new or the definition has changed. A call that fails fails
 * the deployment with the words of SageMaker. The same definition after another one has been deployed in between runs again.
 */
export function createJobFunction(
  name: string,
  args: JobFunctionArgs,
  options: pulumi.CustomResourceOptions,
): JobFunction {
  const logGroup = new aws.cloudwatch.LogGroup(`${name}-log`, { retentionInDays: LOG_RETENTION_DAYS }, options);
  const { role, policy: rolePolicy } = createServiceRole(
    name,
    {
      description: args.description,
      trust: trustOf('lambda.amazonaws.com'),
      policy: pulumi
        .all([args.statements, logGroup.arn])
        .apply(([statements, logGroupArn]) => policy(...statements, writeLog(logGroupArn))),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
  // Sorted, so that the same definition is the same code wherever its request came from.
  const definition = canonicalJson(args.definition);
  const fn = new aws.lambda.Function(
    `${name}-function`,
    {
      description: args.description,
      role: role.arn,
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      // A file rather than environment variables, which hold 4 KB together: lists of features alone may be longer.
      code: new pulumi.asset.AssetArchive({
        'index.mjs': new pulumi.asset.StringAsset(bundleText(args.handler)),
        'job.json': new pulumi.asset.StringAsset(definition),
      }),
      memorySize: 256,
      timeout: args.timeoutSeconds,
      ...(args.environment ? { environment: { variables: args.environment } } : {}),
      loggingConfig: { logFormat: 'JSON', logGroup: logGroup.name },
    },
    { ...options, dependsOn: [rolePolicy] },
  );
  const invocation = new aws.lambda.Invocation(
    `${name}-run`,
    { functionName: fn.name, input: JSON.stringify({ run: runKey(args) }) },
    // The call needs the function's code and permissions of this deployment, not only its name.
    { ...options, dependsOn: [fn, rolePolicy, ...(args.dependsOn ?? [])] },
  );
  return { function: fn, role, invocation, jobName: invocation.result.apply(jobNameIn) };
}

/** @throws where the function answered something else */
function jobNameIn(result: string): string {
  const { jobName } = JSON.parse(result) as { jobName?: unknown };
  if (typeof jobName !== 'string') throw new Error(`The job's function returned no job name: ${result}`);
  return jobName;
}

/** Names the change: its number tells it from an equal one before, its digest from one that differs in what is deployed. */
export function runKey({ definition, run }: Pick<JobFunctionArgs, 'definition' | 'run'>): string {
  return `${run}-${requestDigest({ ...definition }).slice(0, DIGEST_LENGTH)}`;
}
