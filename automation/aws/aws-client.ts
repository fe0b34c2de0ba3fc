import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { Environment } from '../config/environments.ts';

/** Shown in CloudTrail. */
export const SESSION_NAME = 'mlops-orchestrator';

/**
 * Settings of any AWS client in an environment. Credentials come from the process (task role, profile, variables); the
 * deployment role is assumed from there.
 */
export function client(environment: Environment) {
  return {
    region: environment.region,
    ...(environment.deploymentRoleArn
      ? {
          credentials: fromTemporaryCredentials({
            params: {
              RoleArn: environment.deploymentRoleArn,
              RoleSessionName: SESSION_NAME,
              ExternalId: environment.externalId,
            },
          }),
        }
      : {}),
  };
}
