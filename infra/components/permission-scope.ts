/** Derives from the settings of the service which resources its task role needs access to. */
import * as pulumi from '@pulumi/pulumi';
import { fenceRoleName } from '../../blueprints/shared/aws/deployment-names.ts';
import { ENVIRONMENTS } from '../config.ts';
import { DEFAULT_EXTERNAL_ID } from '../environment/deployment-role.ts';

type Variables = Readonly<Record<string, pulumi.Input<string>>>;

export interface PermissionScope {
  deploymentRoleArns: pulumi.Input<string>[];
  /** The fence role of each. */
  fenceRoleArns: pulumi.Input<string>[];
  /** External id that the service sends when it assumes one of them. */
  externalId: pulumi.Input<string>;
  /** Undefined: no notifications are sent. */
  topicArn: pulumi.Input<string> | undefined;
  /** Buckets whose configuration files are provisioned. */
  configBuckets: pulumi.Input<readonly string[]>;
  /** Accounts of the environments, whose organizational units are looked up. */
  memberAccountIds: pulumi.Input<string>[];
}

/** @param variables all environment variables of the service */
export function permissionScope(variables: Variables): PermissionScope {
  const ofEnvironments = (suffix: string) =>
    ENVIRONMENTS.flatMap((environment) => variables[`${environment.toUpperCase()}_${suffix}`] ?? []);
  const deploymentRoleArns = [variables.DEPLOYMENT_ROLE_ARN ?? [], ofEnvironments('DEPLOYMENT_ROLE_ARN')].flat();
  return {
    deploymentRoleArns,
    fenceRoleArns: deploymentRoleArns.map((arn) => pulumi.output(arn).apply(fenceRoleName)),
    externalId: variables.DEPLOYMENT_EXTERNAL_ID ?? DEFAULT_EXTERNAL_ID,
    topicArn: variables.NOTIFICATIONS_TOPIC_ARN,
    configBuckets: configBuckets(variables),
    memberAccountIds: ofEnvironments('ACCOUNT_ID'),
  };
}

/** `CONFIG_BUCKETS`, or without it the assets bucket, as in the service: a test holds the two together. */
export function configBuckets({ CONFIG_BUCKETS, ASSETS_BUCKET }: Variables): pulumi.Output<string[]> {
  return pulumi.output(CONFIG_BUCKETS ?? ASSETS_BUCKET ?? '').apply((names) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  );
}
