/** One environment account: the role that the orchestrator deploys with, and the permissions boundary of what it deploys. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { findPlace } from '../../blueprints/shared/aws/place.ts';
import { DeploymentRole } from './deployment-role.ts';
import { readSettings } from './settings.ts';

const settings = readSettings(new pulumi.Config(), aws.config.region);
const { environment, accountId, region, bootstrapRoleArn } = settings;

const provider = new aws.Provider('account', {
  region: region as aws.Region,
  allowedAccountIds: [accountId],
  ...(bootstrapRoleArn ? { assumeRoles: [{ roleArn: bootstrapRoleArn, sessionName: 'mlops-environments' }] } : {}),
  defaultTags: { tags: { 'mlops:environment': environment } },
});

const deployment = new DeploymentRole(
  environment,
  { ...settings, place: await findPlace({ provider, region }), placements: ['environments'] },
  { provider },
);

/** `{DEV,STAGING,PROD}_DEPLOYMENT_ROLE_ARN` of the service. */
export const deploymentRoleArn = deployment.deploymentRoleArn;
/** `{DEV,STAGING,PROD}_PERMISSIONS_BOUNDARY_ARN` of the service. */
export const permissionsBoundaryArn = deployment.permissionsBoundaryArn;
