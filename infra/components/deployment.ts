/** How the orchestrator deploys: through roles with names that are known, the one of this account among them. */
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { EnvironmentName, Settings } from '../config.ts';
import { DeploymentRole } from '../environment/deployment-role.ts';
import { childOf } from './options.ts';

/** Where an environment's stacks go. `main` is this account: the single-account option, and whatever is not promoted. */
export type DeploymentPlace = EnvironmentName | 'main';

/** @see infra/environment, which makes these roles and policies */
export function deploymentRoleArn(environment: DeploymentPlace, accountId: string, { partition }: Place): string {
  return `arn:${partition}:iam::${accountId}:role/mlops-deployment-${environment}`;
}

export function boundaryArn(environment: DeploymentPlace, accountId: string, { partition }: Place): string {
  return `arn:${partition}:iam::${accountId}:policy/mlops-boundary-${environment}`;
}

export interface DeploymentArgs {
  place: Place;
  settings: Pick<Settings, 'accounts' | 'pipelinePrefix'>;
  taskRoleArn: pulumi.Input<string>;
  /** What the service says when it takes the role. */
  externalId: pulumi.Input<string>;
  assetsBucket: pulumi.Input<string>;
  /** Of the orchestrator's own, which no pipeline may touch whatever a request names. */
  stateBucketArn: pulumi.Input<string> | undefined;
  keyArn: pulumi.Input<string>;
}

/** The role of this account: for what is never promoted, and for everything where there is no other account. */
export function createDeploymentRole(name: string, args: DeploymentArgs, parent: pulumi.Resource): DeploymentRole {
  const { place, settings, taskRoleArn, externalId, assetsBucket, stateBucketArn, keyArn } = args;
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
      offLimits: pulumi
        .all([stateBucketArn ?? '', keyArn])
        .apply(([bucket, key]) => (bucket ? [bucket, `${bucket}/*`, key] : [key])),
    },
    childOf(parent),
  );
}
