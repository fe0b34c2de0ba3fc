/** Results as a table for a terminal. */
import type { Column } from '../text-table.ts';
import { table as textTable } from '../text-table.ts';
import type { AccountResult } from './account-stack.ts';

const COLUMNS: readonly Column<AccountResult>[] = [
  ['ENVIRONMENT', ({ target }) => target.environment],
  ['ACCOUNT', ({ target }) => target.accountId],
  ['REGION', ({ target }) => target.region],
  ['RESULT', ({ outcome }) => outcome],
  ['SECONDS', ({ seconds }) => seconds.toFixed(1)],
  // One line an account: the first one names the cause.
  ['WHAT', ({ summary }) => summary.split('\n')[0] ?? ''],
];

export function table(results: readonly AccountResult[]): string {
  return textTable(results, COLUMNS).join('\n');
}

/** The settings for the service, from the outputs of the accounts. One account per environment; of several, the first. */
export function serviceSettings(results: readonly AccountResult[]): string[] {
  const seen = new Set<string>();
  return results.flatMap(({ target, outputs }) => {
    const { deploymentRoleArn, permissionsBoundaryArn } = outputs ?? {};
    if (!deploymentRoleArn || !permissionsBoundaryArn || seen.has(target.environment)) return [];
    seen.add(target.environment);
    const name = target.environment.toUpperCase();
    return [
      `${name}_ACCOUNT_ID=${target.accountId}`,
      `${name}_REGION=${target.region}`,
      `${name}_DEPLOYMENT_ROLE_ARN=${deploymentRoleArn}`,
      `${name}_PERMISSIONS_BOUNDARY_ARN=${permissionsBoundaryArn}`,
    ];
  });
}
