import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { Environment } from '../config/environments.ts';
import { ORCHESTRATOR_SESSION } from './session-name.ts';

/**
 * Settings of any AWS client in an environment. Credentials come from the process (task role, profile, variables); the
 * deployment role is assumed from there.
 * @param sessionName shown in CloudTrail; default: that of the environment's operation, or {@link ORCHESTRATOR_SESSION}
 */
export function client(environment: Environment, sessionName = environment.sessionName ?? ORCHESTRATOR_SESSION) {
  return {
    region: environment.region,
    ...(environment.deploymentRoleArn
      ? {
          credentials: fromTemporaryCredentials({
            params: {
              RoleArn: environment.deploymentRoleArn,
              RoleSessionName: sessionName,
              ExternalId: environment.externalId,
            },
          }),
        }
      : {}),
  };
}
