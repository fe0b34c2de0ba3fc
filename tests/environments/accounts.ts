/** Deployment roles as the component makes them, one for each kind of account. */
import type { DeploymentRoleArgs } from '../../infra/environment/deployment-role.ts';
import { DeploymentRole } from '../../infra/environment/deployment-role.ts';
import type { Placement } from '../../infra/environment/scope.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, REGION, run } from '../../blueprints/testing.ts';
import type { Document } from './simulator.ts';
import { policiesOf } from './simulator.ts';

export const TASK_ROLE = 'arn:aws:iam::999999999999:role/mlops-task';
export const PLACE = { partition: 'aws', dnsSuffix: 'amazonaws.com', region: REGION, accountId: ACCOUNT };

export interface Account {
  made: Run;
  /** Policies of the deployment role. */
  permissions: Document[];
  /** The permissions boundary of the deployment role. */
  ceiling: Document;
  /** What the fence role may do. */
  fence: Document;
  boundary: Document;
}

export async function accountOf(
  placements: readonly Placement[],
  changes: Partial<DeploymentRoleArgs> = {},
): Promise<Account> {
  const made = await run(({ provider }) => {
    const role = new DeploymentRole(
      'account',
      {
        place: PLACE,
        environment: 'main',
        taskRoleArn: TASK_ROLE,
        placements,
        assetsBucket: 'assets-bucket',
        ...changes,
      },
      { provider },
    );
    const { deploymentRoleArn, permissionsBoundaryArn } = role;
    return { deploymentRoleArn, permissionsBoundaryArn };
  }, {});
  const policies = policiesOf(made, 'Policy');
  const fence = policiesOf(made, 'RolePolicy').get('account-fence');
  const { 'account-boundary': boundary, 'account-ceiling': ceiling, ...permissions } = Object.fromEntries(policies);
  if (!boundary || !ceiling || !fence) throw new Error('a boundary or the policy of the fence role was not made');
  return { made, permissions: Object.values(permissions), boundary, ceiling, fence };
}
