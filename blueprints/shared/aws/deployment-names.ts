/** Names of the roles that the orchestrator deploys through: infra/ makes them, the service assumes them. */

/** First part of pipeline ids where nothing else is set (`PIPELINE_STACK_NAME`). */
export const DEFAULT_PREFIX = 'mlops-pipeline';

/**
 * A second orchestrator in an account has a separate pipeline prefix, and so has its role. The default prefix is left out
 * of the name.
 * @param prefix first part of pipeline ids, at most 20 characters, so that names stay within IAM's 64
 * @param environment `dev`, `staging`, `prod` or `main`
 */
export function deploymentRoleName(prefix: string, environment: string): string {
  return `mlops-deployment-${infix(prefix)}${environment}`;
}

/**
 * The role that denies superseded sessions of a deployment role. Its own, because a deployment role may not change itself.
 * @param deploymentRole name or ARN
 */
export function fenceRoleName(deploymentRole: string): string {
  return `${deploymentRole}-fence`;
}

/** The permissions boundary of every role that a deployment role creates. Parameters as of {@link deploymentRoleName}. */
export function boundaryName(prefix: string, environment: string): string {
  return `mlops-boundary-${infix(prefix)}${environment}`;
}

const infix = (prefix: string): string => (prefix === DEFAULT_PREFIX ? '' : `${prefix}-`);
