/** Which roles can be assumed in the sandbox accounts, by the provider and by the service's own calls. */
import { randomUUID } from 'node:crypto';
import type { Environment } from '../../automation/config/environments.ts';
import type { SandboxAwsSettings } from '../config.ts';
import { refuse } from './aws-errors.ts';
import { partitionOf } from './partitions.ts';

/** What GetCallerIdentity says. */
export interface Caller {
  accountId: string;
  callerArn: string;
}

export interface RoleToAssume {
  roleArn: string;
  /** Empty: none is sent. */
  externalId?: string;
  /** Empty: generated. */
  sessionName?: string;
}

export const ROLE_ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(.+)$/;

/** Deployment roles trust the orchestrator only together with the external id; any other role asks for none. */
const DEPLOYMENT_ROLE = /^mlops-deployment-/;

/** Who the sandbox is before it assumes anything. */
export function ownCaller(sandbox: SandboxAwsSettings, region: string): Caller {
  const { partition } = partitionOf(region);
  return { accountId: sandbox.accountId, callerArn: `arn:${partition}:iam::${sandbox.accountId}:user/sandbox` };
}

/**
 * Every role of the accounts that there are is taken as present.
 * @returns who the caller is with the role
 * @throws AwsRefusal `AccessDenied`, as STS words it, for an account that there is not and for a wrong external id
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export function assumeRole(role: RoleToAssume, caller: Caller, region: string, sandbox: SandboxAwsSettings): Caller {
  const [, , accountId = '', path = ''] = ROLE_ARN.exec(role.roleArn) ?? [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isThere = accountId === sandbox.accountId || sandbox.accounts.includes(accountId);
  const isTrusted = !DEPLOYMENT_ROLE.test(name) || role.externalId === sandbox.externalId;
  // STS does not tell one reason from the other.
  if (!isThere || !isTrusted) {
    refuse(
      'AccessDenied',
      `User: ${caller.callerArn} is not authorized to perform: sts:AssumeRole on resource: ${role.roleArn}`,
      403,
    );
  }
  const session = role.sessionName || `sandbox-${randomUUID().slice(0, 8)}`;
  const { partition } = partitionOf(region);
  return { accountId, callerArn: `arn:${partition}:sts::${accountId}:assumed-role/${name}/${session}` };
}

/** Who the service is in an environment: itself, or its deployment role. @throws AwsRefusal as STS refuses */
export function callerIn(
  { region, deploymentRoleArn: roleArn, externalId, sessionName }: Environment,
  settings: SandboxAwsSettings,
): Caller {
  const place = region || settings.region;
  const own = ownCaller(settings, place);
  return roleArn ? assumeRole({ roleArn, externalId, sessionName }, own, place, settings) : own;
}
