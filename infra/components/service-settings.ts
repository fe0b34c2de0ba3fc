/** The settings (environment variables) of the service that follow from the launch parameters. */
import type * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { AccountSettings, EnvironmentName, Settings } from '../config.ts';
import { ENVIRONMENTS } from '../config.ts';
import { DEFAULT_EXTERNAL_ID } from '../environment/deployment-role.ts';
import { codeCommitRepository } from './config-events.ts';
import { boundaryArn, deploymentRoleArn } from './deployment.ts';
import type { SignInSettings } from '../sign-in-schema.ts';
import { SERVICE_PORT } from './network.ts';

export interface ServiceSettingsArgs {
  place: Place;
  settings: Settings;
  assetsBucket: pulumi.Input<string>;
  topicArn: pulumi.Input<string>;
  queueUrl: pulumi.Input<string>;
  /** Of the load balancer that signs people in; given exactly where `settings.signIn` is. */
  signInBalancerArn?: pulumi.Input<string> | undefined;
  /** Where the pipelines' state is. */
  state: Readonly<Record<string, pulumi.Input<string>>>;
}

/** @returns variables of both services; `SERVICE_ROLE` and the like are added to them */
export function serviceSettings(args: ServiceSettingsArgs): Record<string, pulumi.Input<string>> {
  const { place, settings } = args;
  const main = { environment: 'main', accountId: place.accountId, pipelinePrefix: settings.pipelinePrefix } as const;
  return {
    HOST: '0.0.0.0',
    PORT: String(SERVICE_PORT),
    AWS_REGION: place.region,
    ACCOUNT_ID: place.accountId,
    DEPLOYMENT_ROLE_ARN: deploymentRoleArn(main, place),
    PERMISSIONS_BOUNDARY_ARN: boundaryArn(main, place),
    DEPLOYMENT_EXTERNAL_ID: DEFAULT_EXTERNAL_ID,
    PIPELINE_STACK_NAME: settings.pipelinePrefix,
    ASSETS_BUCKET: args.assetsBucket,
    NOTIFICATIONS_TOPIC_ARN: args.topicArn,
    CONFIG_QUEUE_URL: args.queueUrl,
    USE_MODEL_REGISTRY: yesNo(settings.useModelRegistry),
    ALLOW_DETAILED_ERROR_MESSAGE: yesNo(settings.allowDetailedErrorMessage),
    MULTI_ACCOUNT: yesNo(settings.accounts !== undefined),
    ...repositories(settings),
    ...environments(settings, place),
    ...callers(settings.callers),
    ...(settings.signIn && args.signInBalancerArn ? signInVariables(settings.signIn, args.signInBalancerArn) : {}),
    ...args.state,
    ...settings.serviceSettings,
  };
}

const yesNo = (value: boolean): string => (value ? 'Yes' : 'No');

/** Other repositories need a webhook secret, and are set up with `serviceSettings` and `serviceSecrets`. */
function repositories({ repositoryAddress, repositoryBranch }: Settings): Record<string, string> {
  const found = codeCommitRepository(repositoryAddress);
  return found ? { CONFIG_REPOSITORIES: `codecommit:${found.name}@${repositoryBranch}` } : {};
}

function environments(
  { accounts, delegatedAdminAccount, pipelinePrefix }: Settings,
  place: Place,
): Record<string, string> {
  if (!accounts) return {};
  const each = ENVIRONMENTS.map((environment) =>
    variablesOf({ environment, pipelinePrefix }, accounts[environment], place),
  );
  return Object.assign({ DELEGATED_ADMIN_ACCOUNT: yesNo(delegatedAdminAccount) }, ...each) as Record<string, string>;
}

function variablesOf(
  { environment, pipelinePrefix }: { environment: EnvironmentName; pipelinePrefix: string },
  { accountId, orgId, region }: AccountSettings,
  place: Place,
) {
  const prefix = environment.toUpperCase();
  const named = { environment, accountId, pipelinePrefix };
  return {
    [`${prefix}_ACCOUNT_ID`]: accountId,
    [`${prefix}_ORG_ID`]: orgId,
    ...(region ? { [`${prefix}_REGION`]: region } : {}),
    [`${prefix}_DEPLOYMENT_ROLE_ARN`]: deploymentRoleArn(named, place),
    [`${prefix}_PERMISSIONS_BOUNDARY_ARN`]: boundaryArn(named, place),
  };
}

function signInVariables(
  { domain, issuer, clientId, nameClaim, groupsClaim, groupsFrom, logoutUrl, groups }: SignInSettings,
  balancerArn: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  const optional = {
    SIGN_IN_NAME_CLAIM: nameClaim,
    SIGN_IN_GROUPS_CLAIM: groupsClaim,
    SIGN_IN_GROUPS_FROM: groupsFrom,
    SIGN_IN_LOGOUT_URL: logoutUrl,
  };
  const ofGroups = Object.entries(groups).map(([role, names]) => [`${role.toUpperCase()}_GROUPS`, names.join(',')]);
  return {
    SIGN_IN_URL: `https://${domain}`,
    SIGN_IN_LOAD_BALANCER_ARN: balancerArn,
    SIGN_IN_ISSUER: issuer,
    SIGN_IN_CLIENT_ID: clientId,
    ...Object.fromEntries([...Object.entries(optional), ...ofGroups].filter(([, value]) => value !== '')),
  };
}

/** An empty list is left out: as a setting it would deny every caller. */
function callers(lists: Settings['callers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lists)
      .filter(([, arns]) => arns.length > 0)
      .map(([role, arns]) => [`${role.toUpperCase()}_ARNS`, arns.join(',')]),
  );
}
