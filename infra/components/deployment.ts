/** How the orchestrator deploys: through roles whose names are known in advance, including this account's own. */
import * as pulumi from '@pulumi/pulumi';
import { boundaryName, deploymentRoleName } from '../../blueprints/shared/aws/deployment-names.ts';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { EnvironmentName, Settings } from '../config.ts';
import { DeploymentRole } from '../environment/deployment-role.ts';
import { childOf } from './options.ts';

/** Where an environment's stacks are deployed. `main` is this account: in the single-account option, and for what is not promoted. */
export type DeploymentPlace = EnvironmentName | 'main';

/** What roles and policies are named after. */
interface Named {
  environment: DeploymentPlace;
  accountId: string;
  pipelinePrefix: string;
}

/** @see infra/environment, which makes these roles and policies */
export function deploymentRoleArn({ environment, accountId, pipelinePrefix }: Named, { partition }: Place): string {
  return `arn:${partition}:iam::${accountId}:role/${deploymentRoleName(pipelinePrefix, environment)}`;
}

export function boundaryArn({ environment, accountId, pipelinePrefix }: Named, { partition }: Place): string {
  return `arn:${partition}:iam::${accountId}:policy/${boundaryName(pipelinePrefix, environment)}`;
}

export interface DeploymentArgs {
  place: Place;
  settings: Pick<Settings, 'accounts' | 'pipelinePrefix'>;
  taskRoleArn: pulumi.Input<string>;
  /** External id that the service sends when it assumes the role. */
  externalId: pulumi.Input<string>;
  assetsBucket: pulumi.Input<string>;
  /** The orchestrator's own resources, which no pipeline may access, whatever a request names. */
  stateBucketArn: pulumi.Input<string> | undefined;
  keyArn: pulumi.Input<string>;
  /** Its integration holds the gateway secret; a pipeline's deployment manages HTTP APIs in the same account. */
  apiId: pulumi.Input<string>;
}

/** The role of this account: for what is never promoted, and for everything if there is no other account. */
export function createDeploymentRole(name: string, args: DeploymentArgs, parent: pulumi.Resource): DeploymentRole {
  const { place, settings, taskRoleArn, externalId, assetsBucket, stateBucketArn, keyArn, apiId } = args;
  const { partition, region } = place;
  return new DeploymentRole(
    `${name}-main`,
    {
      place,
      environment: 'main',
      taskRoleArn,
      externalId,
      placements: settings.accounts ? ['orchestrator'] : ['environments', 'orchestrator'],
      assetsBucket,
      pipelinePrefix: settings.pipelinePrefix,
      offLimits: pulumi.all([stateBucketArn ?? '', keyArn, apiId]).apply(([bucket, key, id]) => {
        const api = `arn:${partition}:apigateway:${region}::/apis/${id}`;
        return [...(bucket ? [bucket, `${bucket}/*`] : []), key, api, `${api}/*`];
      }),
    },
    childOf(parent),
  );
}
