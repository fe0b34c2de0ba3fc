/** Results as a table for a terminal. */
import type { AccountResult } from './account-stack.ts';

const HEAD = ['ENVIRONMENT', 'ACCOUNT', 'REGION', 'RESULT', 'SECONDS', 'WHAT'];

export function table(results: readonly AccountResult[]): string {
  const rows = results.map(({ target, outcome, seconds, summary }) => [
    target.environment,
    target.accountId,
    target.region,
    outcome,
    seconds.toFixed(1),
    // One line an account: the first one names the cause.
    summary.split('\n')[0] ?? '',
  ]);
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...rows].map((row) => row[column]?.length ?? 0)));
  return [HEAD, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
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
