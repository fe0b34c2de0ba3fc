/** Preflight in the sandbox: roles are checked, everything else exists unless `SANDBOX_MISSING` names it. */
import type { Need } from '../../blueprints/needs.ts';
import { subjectOf } from '../../blueprints/needs.ts';
import type { ModelPackageDescription } from '../../automation/aws/model-package.ts';
import { unusablePackage } from '../../automation/aws/model-package.ts';
import type { Environment } from '../../automation/config/environments.ts';
import type { PreflightFinding } from '../../automation/model.ts';
import type { SandboxAwsSettings } from '../config.ts';
import { AwsRefusal } from './aws-errors.ts';
import { callerIn } from './assume-role.ts';

const LACK = 'it is not there, as SANDBOX_MISSING says';

/** @returns every finding; of an environment that cannot be entered, only that */
export function sandboxPreflight(
  environment: Environment,
  needs: readonly Need[],
  settings: SandboxAwsSettings,
): PreflightFinding[] {
  const role = roleFinding(environment, settings);
  if (role) return [role];
  const distinct = [...new Map(needs.map((need) => [`${need.kind} ${subjectOf(need)}`, need])).values()];
  return [...unitFinding(environment, settings), ...distinct.flatMap((need) => findingsOf(need, settings))];
}

/** As SageMaker's DescribeModelPackage shows it. */
export function sandboxPackage(arn: string, settings: SandboxAwsSettings): ModelPackageDescription | undefined {
  if (settings.missing.includes(arn)) return undefined;
  return { status: 'Completed', approvalStatus: settings.packages[arn] ?? 'Approved' };
}

function roleFinding(environment: Environment, settings: SandboxAwsSettings): PreflightFinding | undefined {
  const { deploymentRoleArn: roleArn, accountId } = environment;
  const finding = (message: string) => ({ check: 'role', subject: roleArn || 'the caller', message });
  if (settings.missing.includes(roleArn)) return finding(`The deployment role cannot be assumed: ${LACK}.`);
  try {
    const caller = callerIn(environment, settings);
    return accountId && caller.accountId !== accountId
      ? finding(`It belongs to account ${caller.accountId}, but the environment is account ${accountId}.`)
      : undefined;
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    return finding(`The deployment role cannot be assumed, so no other check was run. ${error.message}`);
  }
}

function unitFinding({ organizationalUnitId: unit, accountId }: Environment, settings: SandboxAwsSettings) {
  return unit && settings.missing.includes(unit)
    ? [{ check: 'organizational-unit', subject: accountId, message: `The account is not in ${unit}: ${LACK}.` }]
    : [];
}

function findingsOf(need: Need, settings: SandboxAwsSettings): PreflightFinding[] {
  const subject = subjectOf(need);
  const found = !settings.missing.includes(subject);
  const finding = (check: string, message: string) => [{ check, subject, message: `${need.pointer}: ${message}` }];
  switch (need.kind) {
    case 'instances':
      return found
        ? []
        : finding('instance-quota', `The account may have 0 × ${need.instanceType} for ${need.usage} usage.`);
    case 'model-package': {
      const reason = unusablePackage(sandboxPackage(need.arn, settings), need.mayBeUnapproved);
      return reason === undefined ? [] : finding('model-package', reason);
    }
    default:
      return found ? [] : finding(need.kind, `${LACK}.`);
  }
}
