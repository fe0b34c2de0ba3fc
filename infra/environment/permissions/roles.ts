/** Permissions of the deployment role: pipelines' roles, restricted by name and boundary. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Placement, Scope } from '../scope.ts';
import { globalArn, pipelineRoles } from '../scope.ts';

/** Services that blueprints pass roles to. */
const SERVICES: Record<Placement, readonly string[]> = {
  environments: ['lambda.amazonaws.com', 'sagemaker.amazonaws.com'],
  orchestrator: [
    'codebuild.amazonaws.com',
    'codepipeline.amazonaws.com',
    'events.amazonaws.com',
    'lambda.amazonaws.com',
    'sagemaker.amazonaws.com',
  ],
};

/**
 * A role can be created, or be given policies or another boundary, only with the account's boundary on it. So a principal that
 * controls the deployment role cannot grant more than the boundary allows.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export function manageRoles(scope: Scope): Statement[] {
  const roles = pipelineRoles(scope);
  return [
    {
      Sid: 'MakeBoundedRoles',
      Effect: 'Allow',
      Action: ['iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'],
      Resource: roles,
      Condition: { StringEquals: { 'iam:PermissionsBoundary': scope.boundaryArn } },
    },
    {
      Sid: 'KeepRoles',
      Effect: 'Allow',
      Action: [
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        // The provider looks for them before it deletes a role.
        'iam:ListInstanceProfilesForRole',
        'iam:ListRolePolicies',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ],
      Resource: roles,
    },
    {
      Sid: 'HandRolesToServices',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: roles,
      Condition: {
        StringEquals: {
          'iam:PassedToService': [...new Set(scope.placements.flatMap((placement) => SERVICES[placement]))].sort(),
        },
      },
    },
    {
      // A short pipeline prefix such as `mlops` would match deployment roles and boundaries, other orchestrators' too.
      Sid: 'LeaveTheDoorAlone',
      Effect: 'Deny',
      Action: 'iam:*',
      Resource: ['role/mlops-deployment-*', 'policy/mlops-deployment-*', 'policy/mlops-boundary-*'].map((name) =>
        globalArn(scope, 'iam', name, scope.place.accountId),
      ),
    },
  ];
}
