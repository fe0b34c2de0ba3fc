/**
 * All missing prerequisites of a first deployment to an environment, checked on AWS with the deployment role. Checks that
 * fail for other reasons (network errors, throttling) are noted and are not findings: they say nothing about the environment.
 */
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { InstanceUsage, Need } from '../../blueprints/needs.ts';
import { subjectOf } from '../../blueprints/needs.ts';
import type { Environment } from '../config/environments.ts';
import type { PreflightFinding } from '../model.ts';
import { describe, isDenied } from './aws-errors.ts';
import { checkOrganization } from './aws-organization.ts';
import { checkAlarms, checkImage, checkKey, checkModelMonitor, checkPackage } from './aws-preflight-checks.ts';
import { checkStorage } from './aws-preflight-storage.ts';
import { checkQuotas } from './aws-quotas.ts';
import type { Look, NeedOf, Note } from './preflight-call.ts';
import { ORCHESTRATOR_SESSION } from './session-name.ts';

/** @returns all findings; if the environment is not accessible, only that */
export async function preflight(
  environment: Environment,
  needs: readonly Need[],
  note: Note,
): Promise<PreflightFinding[]> {
  const entered = await enter(environment);
  if ('check' in entered) return [entered];
  const distinct = [...new Map(needs.map((need) => [keyOf(need), need])).values()];
  const of = <Kind extends Need['kind']>(kind: Kind) =>
    distinct.filter((need): need is NeedOf<Kind> => need.kind === kind);
  const asked = <T>(subject: string, answer: Promise<T[]>): Promise<T[]> =>
    answer.catch((error: unknown) => {
      note('preflight.not-asked', { subject, reason: describe(error) });
      return [];
    });
  const findings = await Promise.all([
    asked(environment.organizationalUnitId, checkOrganization(environment, note)),
    asked('Amazon S3', checkStorage([...of('bucket'), ...of('object')], entered)),
    ...of('image').map((need) => asked(need.uri, checkImage(need, entered))),
    ...of('model-package').map((need) => asked(need.arn, checkPackage(need, entered))),
    ...of('kms-key').map((need) => asked(need.arn, checkKey(need, entered))),
    asked('Model Monitor', checkModelMonitor(of('model-monitor'), entered)),
    asked('alarms', checkAlarms(of('alarm'), entered)),
    asked('Service Quotas', checkQuotas(of('instances'), entered)),
  ]);
  return findings.flat();
}

function keyOf(need: Need): string {
  const usage: InstanceUsage | '' = need.kind === 'instances' ? need.usage : '';
  return `${need.kind} ${usage} ${subjectOf(need)}`;
}

/** Assumes the deployment role. @returns a finding if it does not belong to the account of the environment */
async function enter(environment: Environment): Promise<Look | PreflightFinding> {
  const { region, deploymentRoleArn: RoleArn, externalId: ExternalId, accountId } = environment;
  const subject = RoleArn || "the service's own credentials";
  const finding = (message: string): PreflightFinding => ({ check: 'role', subject, message });
  const sts = new STSClient({ region });
  try {
    if (!RoleArn) {
      const { Account } = await sts.send(new GetCallerIdentityCommand({}));
      return isElsewhere(Account, accountId) ? finding(elsewhere(Account, accountId)) : { region };
    }
    const { Credentials, AssumedRoleUser } = await sts.send(
      new AssumeRoleCommand({ RoleArn, ExternalId, RoleSessionName: environment.sessionName ?? ORCHESTRATOR_SESSION }),
    );
    const account = AssumedRoleUser?.Arn?.split(':')[4];
    if (isElsewhere(account, accountId)) return finding(elsewhere(account, accountId));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    return {
      region,
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    };
  } catch (error) {
    return finding(
      isDenied(error)
        ? `The deployment role cannot be assumed, so no other check was run. It has to exist, its trust policy has to name the role of this service with the external id "${ExternalId}" as condition, and the service's role needs sts:AssumeRole on it. AWS says: ${describe(error)}`
        : `This environment could not be checked: ${describe(error)}`,
    );
  }
}

function isElsewhere(account: string | undefined, wanted: string): boolean {
  return wanted !== '' && account !== wanted;
}

function elsewhere(account: string | undefined, wanted: string): string {
  return `It belongs to account ${account ?? 'unknown'}, but the environment is account ${wanted}: correct the account id or the role in the settings of the environment.`;
}
