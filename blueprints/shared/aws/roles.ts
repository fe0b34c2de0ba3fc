/** A role for one service with one inline policy. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { PolicyDocument, TrustPolicy } from './policies.ts';

export interface ServiceRoleArgs {
  /** Shown in the IAM console. At most 1000 characters. */
  description: string;
  /** Who may take the role. */
  trust: TrustPolicy;
  /** Permissions of the role. Changing it adds the new policy before the old one is removed at the end of the update. */
  policy: pulumi.Input<PolicyDocument>;
  /** ARN of a managed policy that bounds the role. Changing it updates the role. */
  permissionsBoundaryArn?: string | undefined;
}

export interface ServiceRole {
  role: aws.iam.Role;
  /** Whatever uses the role depends on this, else it may start before the role may do anything. */
  policy: aws.iam.RolePolicy;
}

/**
 * Makes `<name>-role` and `<name>-policy`.
 * @param name at most 51 characters: IAM takes 64 for a role, and 13 are for the suffix and the random part
 */
export function createServiceRole(
  name: string,
  args: ServiceRoleArgs,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: args.description,
      assumeRolePolicy: JSON.stringify(args.trust),
      ...(args.permissionsBoundaryArn ? { permissionsBoundary: args.permissionsBoundaryArn } : {}),
    },
    options,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    { role: role.name, policy: pulumi.output(args.policy).apply((document) => JSON.stringify(document)) },
    // What still runs during an update, or after one that failed, needs what the old policy allows. Policies add up.
    { ...options, replaceOnChanges: ['policy'] },
  );
  return { role, policy };
}
