/**
 * Fences sessions of a deployment role off, like "Revoke active sessions" of the console, but by name: an inline policy of
 * the role denies those sessions everything. It is written with the fence role of the environment, because a deployment role
 * cannot change itself.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
 */
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { fenceRoleName } from '../../blueprints/shared/aws/deployment-names.ts';
import { client } from './aws-client.ts';
import { describe, isDenied, isExplicitlyDenied, orAbsent } from './aws-errors.ts';
import type { Cloud } from './cloud.ts';

/** Name of the inline policy. */
const FENCE_POLICY = 'mlops-fence';
/** This endpoint need not exist: AWS checks the permissions of the session first. */
const PROBED_ENDPOINT = 'mlops-fence-probe';

/** Only the sessions of this role: an inline policy applies to no other role. */
function denySessions(sessions: readonly string[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SupersededSessions',
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        // `<unique id of the role>:<session name>`. A session name has no wildcards in it.
        Condition: { StringLike: { 'aws:userid': sessions.map((session) => `*:${session}`) } },
      },
    ],
  });
}

export const writeFence: Cloud['writeFence'] = async (environment, sessions) => {
  const { deploymentRoleArn } = environment;
  const RoleName = deploymentRoleArn.slice(deploymentRoleArn.lastIndexOf('/') + 1);
  const iam = new IAMClient(client({ ...environment, deploymentRoleArn: fenceRoleName(deploymentRoleArn) }));
  try {
    if (sessions.length === 0) {
      await orAbsent(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: FENCE_POLICY })));
    } else {
      const PolicyDocument = denySessions(sessions);
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: FENCE_POLICY, PolicyDocument }));
    }
    return {};
  } catch (error) {
    if (isDenied(error)) return { refused: describe(error) };
    throw error;
  }
};

/** IAM changes take seconds to reach the services: checked as the fenced session itself, in the region of the operation. */
export const isFenced: Cloud['isFenced'] = async (environment, session) => {
  const sagemaker = new SageMakerClient(client(environment, session));
  try {
    await sagemaker.send(new DescribeEndpointCommand({ EndpointName: PROBED_ENDPOINT }));
    return false;
  } catch (error) {
    return isExplicitlyDenied(error);
  }
};
