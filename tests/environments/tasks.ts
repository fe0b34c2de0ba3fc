/** The roles of the service's tasks, made from its settings as the orchestrator's program makes them. */
import type { Settings } from '../../infra/config.ts';
import { parseSettings } from '../../infra/config.ts';
import type { PermissionScope } from '../../infra/components/permission-scope.ts';
import { permissionScope } from '../../infra/components/permission-scope.ts';
import { serviceSettings } from '../../infra/components/service-settings.ts';
import type { TaskRolesArgs } from '../../infra/components/task-roles.ts';
import { TaskRoles } from '../../infra/components/task-roles.ts';
import type { Run } from '../../blueprints/testing.ts';
import { PLACE, record } from '../infra/recording.ts';
import { ASSETS } from './call-shapes.ts';
import { TASK } from './task-calls.ts';

/** Launch parameters of the multi-account option. */
export const MULTI = {
  multiAccount: 'true',
  devOrgId: 'ou-ab12-34567890',
  devAccountId: TASK.accounts.dev,
  stagingOrgId: 'ou-ab12-45678901',
  stagingAccountId: TASK.accounts.staging,
  prodOrgId: 'ou-ab12-56789012',
  prodAccountId: TASK.accounts.prod,
};

export interface Installation {
  settings: Settings;
  /** Environment variables of the service. */
  variables: Record<string, string>;
  scope: PermissionScope;
}

/** @param given launch parameters */
export function installation(given: Record<string, string> = MULTI): Installation {
  const settings = parseSettings({ notificationEmail: 'team@example.com', ...given }, 'mlops-workload-orchestrator');
  const variables = serviceSettings({
    place: PLACE,
    settings,
    assetsBucket: ASSETS,
    topicArn: TASK.topic,
    queueUrl: 'https://sqs.us-east-1.amazonaws.com/111111111111/mlops-config',
    state: { PULUMI_BACKEND_URL: 's3://mlops-state' },
  }) as Record<string, string>;
  return { settings, variables, scope: permissionScope(variables) };
}

export function tasksOf(given?: Record<string, string>, changes: Partial<TaskRolesArgs> = {}): Promise<Run> {
  return record(() => {
    new TaskRoles('mlops', {
      place: PLACE,
      image: `111111111111.dkr.ecr.us-east-1.amazonaws.com/mlops-service@sha256:${'a'.repeat(64)}`,
      logGroupArn: 'arn:aws:logs:us-east-1:111111111111:log-group:mlops-service',
      keyArn: TASK.key,
      secrets: { DATABASE_URL: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:mlops-url-1234567-abcdef' },
      scope: installation(given).scope,
      queueArn: TASK.queue,
      stateBucketArn: TASK.state,
      repositoryArn: TASK.repository,
      ...changes,
    });
  });
}
