/** The Pulumi component of an account that pipelines are deployed to: the deployment role and the permissions boundary. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { DEFAULT_PREFIX, boundaryName, deploymentRoleName } from '../../blueprints/shared/aws/deployment-names.ts';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import { policy } from '../../blueprints/shared/aws/policies.ts';
import { boundary } from './boundary.ts';
import { deploymentPermissions } from './permissions.ts';
import type { Placement, Scope } from './scope.ts';

/** As the service sends it where nothing else is set (`DEPLOYMENT_EXTERNAL_ID`). */
export const DEFAULT_EXTERNAL_ID = 'mlops';

export interface DeploymentRoleArgs {
  /** Account and region of the provider. Changing the region moves all permissions there; other regions lose theirs. */
  place: Place;
  /** `dev`, `staging`, `prod` or `main`: part of the names of role and boundary. Changing it makes both anew. */
  environment: string;
  /** ARN of the orchestrator's task role, which alone may take the role. A task role that was made anew needs another `up`. */
  taskRoleArn: pulumi.Input<string>;
  /** What the orchestrator says when it takes the role; default: {@link DEFAULT_EXTERNAL_ID}. */
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
 * Creates the role `mlops-deployment-<environment>` and the policy `mlops-boundary-<environment>`; with a pipeline prefix
 * other than the default one, the prefix stands before the environment in both names.
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
    const role = createRole(name, args, inside);
    const policies = createPolicies(name, args, role, inside);
    // Made last, to be the first to go: IAM refuses to delete a boundary while roles of pipelines carry it, and then the role
    // that can take these pipelines away must still be there.
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

function createRole(name: string, args: DeploymentRoleArgs, options: pulumi.CustomResourceOptions): aws.iam.Role {
  return new aws.iam.Role(
    `${name}-role`,
    {
      name: roleName(args),
      description: `The orchestrator deploys pipelines to ${args.environment} with it`,
      assumeRolePolicy: pulumi
        .all([args.taskRoleArn, args.externalId ?? DEFAULT_EXTERNAL_ID])
        .apply(([taskRoleArn, externalId]) => JSON.stringify(trustOfTask(taskRoleArn, externalId))),
    },
    options,
  );
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html */
function trustOfTask(taskRoleArn: string, externalId: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: taskRoleArn },
        Condition: { StringEquals: { 'sts:ExternalId': externalId } },
      },
    ],
  };
}

/**
 * One policy a subject, so that a preview shows which permissions change. Managed ones: together they are longer than the 10,240
 * characters that a role may have inline.
 */
function createPolicies(
  name: string,
  args: DeploymentRoleArgs,
  role: aws.iam.Role,
  options: pulumi.CustomResourceOptions,
): aws.iam.RolePolicyAttachment[] {
  // Which subjects there are depends on the placements alone.
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

/** ARNs of role and boundary follow from their names, so that nothing has to wait for them. */
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
