/** The Pulumi component of an account that pipelines are deployed to: the deployment role, its fence role and the permissions boundary. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import {
  DEFAULT_PREFIX,
  boundaryName,
  deploymentRoleName,
  fenceRoleName,
} from '../../blueprints/shared/aws/deployment-names.ts';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import { policy } from '../../blueprints/shared/aws/policies.ts';
import { boundary } from './boundary.ts';
import { ceiling } from './ceiling.ts';
import { deploymentPermissions } from './permissions.ts';
import type { Placement, Scope } from './scope.ts';

/** The service's default (`DEPLOYMENT_EXTERNAL_ID`). */
export const DEFAULT_EXTERNAL_ID = 'mlops';

export interface DeploymentRoleArgs {
  /** Account and region of the provider. Changing the region moves all permissions there; other regions lose theirs. */
  place: Place;
  /** `dev`, `staging`, `prod` or `main`: part of the names of role and boundary. Changing it replaces both. */
  environment: string;
  /** ARN of the orchestrator's task role, the only principal that may assume it. After replacing the task role, run `up` again. */
  taskRoleArn: pulumi.Input<string>;
  /** External id that the orchestrator sends when it assumes the role; default: {@link DEFAULT_EXTERNAL_ID}. */
  externalId?: pulumi.Input<string>;
  /** Which pipelines the account has. Removing one removes the permissions, not the pipelines. */
  placements: readonly Placement[];
  /** Bucket of artifacts and baselines, here or in the orchestrator's account. */
  assetsBucket: pulumi.Input<string>;
  /**
   * First part of all pipeline ids; default: {@link DEFAULT_PREFIX}. Changing it replaces role and boundary, which former
   * pipelines still need: delete those first. No prefix may begin with another one of the account.
   */
  pipelinePrefix?: string;
  /** Names or patterns of the buckets that requests may name; default: any that lets the account in. */
  dataBuckets?: readonly string[];
  /** ARNs or patterns of the keys that requests may name; default: any of the region that lets the account in. */
  dataKeyArns?: readonly string[];
  /** ARNs that neither a pipeline nor the role may touch, such as the bucket of the state and its key: requests name buckets and keys as they like. */
  offLimits?: pulumi.Input<string[]>;
}

/**
 * Creates the roles `mlops-deployment-<environment>` and `mlops-deployment-<environment>-fence` and the policy
 * `mlops-boundary-<environment>`; with a pipeline prefix other than the default one, the prefix stands before the environment
 * in all names.
 *
 * ```ts
 * new DeploymentRole('dev', {
 *   place, environment: 'dev', placements: ['environments'], assetsBucket: 'assets',
 *   taskRoleArn: 'arn:aws:iam::111111111111:role/mlops-task',
 * }, { provider });
 * ```
 */
export class DeploymentRole extends pulumi.ComponentResource {
  readonly deploymentRoleArn: pulumi.Output<string>;
  readonly permissionsBoundaryArn: pulumi.Output<string>;

  /** @param name prefix of logical names */
  constructor(name: string, args: DeploymentRoleArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:environment:DeploymentRole', name, {}, options);
    const inside: pulumi.CustomResourceOptions = { parent: this };
    const limit = createCeiling(name, args, inside);
    const role = createRole(name, args, limit, inside);
    const policies = createPolicies(name, args, role, inside);
    createFenceRole(name, args, role, limit, inside);
    // Created last, so that it is deleted first: IAM refuses to delete a boundary while pipelines' roles have it, and then the
    // role that can delete these pipelines must still exist.
    const bound = createBoundary(name, args, { ...inside, dependsOn: [role, ...policies] });
    this.deploymentRoleArn = role.arn;
    this.permissionsBoundaryArn = bound.arn;
    this.registerOutputs({
      deploymentRoleArn: this.deploymentRoleArn,
      permissionsBoundaryArn: this.permissionsBoundaryArn,
    });
  }
}

const prefixOf = ({ pipelinePrefix }: DeploymentRoleArgs): string => pipelinePrefix ?? DEFAULT_PREFIX;
const roleName = (args: DeploymentRoleArgs): string => deploymentRoleName(prefixOf(args), args.environment);

function createCeiling(name: string, args: DeploymentRoleArgs, options: pulumi.CustomResourceOptions): aws.iam.Policy {
  return new aws.iam.Policy(
    `${name}-ceiling`,
    {
      name: `${roleName(args)}-ceiling`,
      description: `Permissions boundary of ${roleName(args)}: the most that it may do, whatever its inline policies say`,
      policy: pulumi.output(args.assetsBucket).apply((bucket) => JSON.stringify(ceiling(scopeOf(args, bucket, [])))),
    },
    options,
  );
}

function createRole(
  name: string,
  args: DeploymentRoleArgs,
  limit: aws.iam.Policy,
  options: pulumi.CustomResourceOptions,
): aws.iam.Role {
  return new aws.iam.Role(
    `${name}-role`,
    {
      name: roleName(args),
      description: `The orchestrator deploys pipelines to ${args.environment} with it`,
      assumeRolePolicy: trustOfTask(args),
      permissionsBoundary: limit.arn,
    },
    options,
  );
}

/**
 * Shuts out sessions of the deployment role with an inline policy. IAM cannot restrict the content of that policy, but the
 * role's permissions boundary limits what it can grant, and without that boundary on the role nothing can be written.
 * @see automation/aws/aws-fence.ts
 */
function createFenceRole(
  name: string,
  args: DeploymentRoleArgs,
  role: aws.iam.Role,
  limit: aws.iam.Policy,
  options: pulumi.CustomResourceOptions,
): void {
  const fence = new aws.iam.Role(
    `${name}-fence-role`,
    {
      name: fenceRoleName(roleName(args)),
      description: `The orchestrator denies superseded sessions of ${roleName(args)} with it`,
      assumeRolePolicy: trustOfTask(args),
    },
    options,
  );
  new aws.iam.RolePolicy(
    `${name}-fence`,
    {
      role: fence.name,
      policy: pulumi.all([role.arn, limit.arn]).apply(([roleArn, limitArn]) =>
        JSON.stringify(
          policy({
            Sid: 'FenceSessions',
            Effect: 'Allow',
            // All other policies of the deployment role are managed ones, which these actions do not affect.
            Action: ['iam:DeleteRolePolicy', 'iam:PutRolePolicy'],
            Resource: roleArn,
            Condition: { StringEquals: { 'iam:PermissionsBoundary': limitArn } },
          }),
        ),
      ),
    },
    options,
  );
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html */
function trustOfTask(args: DeploymentRoleArgs): pulumi.Output<string> {
  return pulumi.all([args.taskRoleArn, args.externalId ?? DEFAULT_EXTERNAL_ID]).apply(([taskRoleArn, externalId]) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: taskRoleArn },
          Condition: { StringEquals: { 'sts:ExternalId': externalId } },
        },
      ],
    }),
  );
}

/**
 * One policy per subject, so that a preview shows which permissions change. Managed policies, because together they exceed
 * the 10,240 characters that a role may have inline.
 */
function createPolicies(
  name: string,
  args: DeploymentRoleArgs,
  role: aws.iam.Role,
  options: pulumi.CustomResourceOptions,
): aws.iam.RolePolicyAttachment[] {
  // The subjects depend only on the placements.
  const subjects = Object.keys(deploymentPermissions(scopeOf(args, 'assets', [])));
  return subjects.map((subject) => {
    const { arn } = new aws.iam.Policy(
      `${name}-${subject}`,
      {
        name: `${roleName(args)}-${subject}`,
        description: `What the orchestrator may do in ${args.environment}: ${subject}`,
        policy: pulumi
          .all([args.assetsBucket, args.offLimits ?? []])
          .apply(([bucket, offLimits]) =>
            JSON.stringify(policy(...(deploymentPermissions(scopeOf(args, bucket, offLimits))[subject] ?? []))),
          ),
      },
      options,
    );
    return new aws.iam.RolePolicyAttachment(`${name}-${subject}`, { role: role.name, policyArn: arn }, options);
  });
}

function createBoundary(name: string, args: DeploymentRoleArgs, options: pulumi.CustomResourceOptions): aws.iam.Policy {
  return new aws.iam.Policy(
    `${name}-boundary`,
    {
      name: boundaryName(prefixOf(args), args.environment),
      description: `The most that roles of pipelines may do in ${args.environment}`,
      policy: pulumi
        .all([args.assetsBucket, args.offLimits ?? []])
        .apply(([bucket, offLimits]) => JSON.stringify(boundary(scopeOf(args, bucket, offLimits)))),
    },
    options,
  );
}

/** The ARNs of role and boundary follow from their names, so nothing has to wait for them. */
function scopeOf(args: DeploymentRoleArgs, assetsBucket: string, offLimits: readonly string[]): Scope {
  const { place } = args;
  const iam = (resource: string) => `arn:${place.partition}:iam::${place.accountId}:${resource}`;
  return {
    place,
    prefix: prefixOf(args),
    placements: args.placements,
    deploymentRoleArn: iam(`role/${roleName(args)}`),
    boundaryArn: iam(`policy/${boundaryName(prefixOf(args), args.environment)}`),
    assetsBucket,
    dataBucketArns: (args.dataBuckets ?? ['*']).map((bucket) => `arn:${place.partition}:s3:::${bucket}`),
    dataKeyArns: args.dataKeyArns ?? [`arn:${place.partition}:kms:${place.region}:*:key/*`],
    offLimits,
  };
}
