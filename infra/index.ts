/** `pulumi up`: the orchestrator's own infrastructure. A table of contents: the launch parameters, then each part. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { findPlace } from '../blueprints/shared/aws/place.ts';
import { Alarms } from './components/alarms.ts';
import { ConfigEvents } from './components/config-events.ts';
import { createDashboard } from './components/dashboard.ts';
import { Database } from './components/database.ts';
import { createDeploymentRole } from './components/deployment.ts';
import { EncryptionKey } from './components/encryption-key.ts';
import { Gateway } from './components/gateway.ts';
import { serviceImage } from './components/image.ts';
import { LoadBalancer, balancerPort } from './components/load-balancer.ts';
import { Network, findZones } from './components/network.ts';
import { Notifications } from './components/notifications.ts';
import { PulumiState } from './components/pulumi-state.ts';
import { configBuckets, permissionScope } from './components/permission-scope.ts';
import { randomSecret, storeSecret } from './components/secrets.ts';
import { Service } from './components/service.ts';
import { serviceSettings } from './components/service-settings.ts';
import { SignInBalancer } from './components/sign-in.ts';
import { Stores } from './components/stores.ts';
import { TaskRoles } from './components/task-roles.ts';
import { WorkMetrics } from './components/work-metrics.ts';
import { readSettings } from './read-settings.ts';

const NAME = 'mlops';
const { settings, region, pulumiAccessToken, signInClientSecret } = readSettings();

const provider = new aws.Provider(NAME, {
  region,
  // All resources of the orchestrator can be found by these tags (guide, "Uninstall the solution").
  defaultTags: { tags: { application: 'mlops-workload-orchestrator', stack: pulumi.getStack(), ...settings.tags } },
});
const options = { providers: { aws: provider } };
const root = new pulumi.ComponentResource('mlops:infra:Orchestrator', NAME, {}, options);
const inside = { parent: root };
const place = await findPlace({ provider, region });

const key = new EncryptionKey(NAME, { place }, inside);
const readerAccounts = Object.values(settings.accounts ?? {}).map(({ accountId }) => accountId);
const stores = new Stores(NAME, { place, settings, readerAccounts }, inside);
const notifications = new Notifications(
  `${NAME}-notifications`,
  { place, email: settings.notificationEmail, keyArn: key.arn },
  inside,
);
const events = new ConfigEvents(
  `${NAME}-config`,
  {
    place,
    buckets: configBuckets({ ASSETS_BUCKET: stores.assetsBucket, ...settings.serviceSettings }),
    modelRegistry: settings.useModelRegistry,
    repositoryAddress: settings.repositoryAddress,
    repositoryBranch: settings.repositoryBranch,
  },
  inside,
);
const state = new PulumiState(
  `${NAME}-state`,
  { accessToken: pulumiAccessToken, keyArn: key.arn, accessLogBucket: stores.accessLogBucket },
  inside,
);

const { certificate } = settings;
const network = new Network(
  NAME,
  {
    place,
    network:
      settings.network.kind === 'new'
        ? { ...settings.network, zones: await findZones({ provider }) }
        : settings.network,
    balancerPort: balancerPort(certificate),
  },
  inside,
);
const database = new Database(
  NAME,
  {
    settings: settings.database,
    subnetIds: network.privateSubnetIds,
    securityGroupId: network.groups.database,
    keyArn: key.arn,
  },
  inside,
);

const gatewaySecret = randomSecret(`${NAME}-gateway`, 48, root);
const secrets = {
  DATABASE_URL: database.urlSecretArn,
  GATEWAY_SECRET: storeSecret(
    `${NAME}-gateway`,
    { description: 'MLOps: what the service knows its gateway by', value: gatewaySecret, keyArn: key.arn },
    root,
  ),
  ...state.secrets,
  ...settings.serviceSecrets,
};
const metrics = new WorkMetrics(NAME, { keyArn: key.arn, retentionDays: settings.logRetentionDays }, inside);
const signIn =
  settings.signIn && signInClientSecret
    ? new SignInBalancer(
        `${NAME}-sign-in`,
        { network, settings: settings.signIn, clientSecret: signInClientSecret },
        inside,
      )
    : undefined;
const variables = serviceSettings({
  place,
  settings,
  assetsBucket: stores.assetsBucket,
  topicArn: notifications.topicArn,
  queueUrl: events.queueUrl,
  signInBalancerArn: signIn?.arn,
  state: state.settings,
});
const scope = permissionScope(variables);
const image = serviceImage(NAME, settings.imageUri, root);
const roles = new TaskRoles(
  NAME,
  {
    place,
    image,
    secrets,
    logGroupArn: metrics.logGroupArn,
    keyArn: key.arn,
    scope,
    queueArn: events.queueArn,
    stateBucketArn: state.bucketArn,
    repositoryArn: events.repositoryArn,
  },
  inside,
);
const balancer = new LoadBalancer(NAME, { network, certificate }, inside);
const gateway = new Gateway(
  NAME,
  { network, balancer, certificate, secret: gatewaySecret, logRetentionDays: settings.logRetentionDays },
  inside,
);
const deployment = createDeploymentRole(
  NAME,
  {
    place,
    settings,
    taskRoleArn: roles.taskRoleArn,
    externalId: scope.externalId,
    assetsBucket: stores.assetsBucket,
    stateBucketArn: state.bucketArn,
    keyArn: key.arn,
    apiId: gateway.apiId,
  },
  root,
);
const service = new Service(
  NAME,
  {
    image,
    network,
    balancer,
    signIn,
    roles,
    region,
    secrets,
    metrics,
    databaseInstances: database.instances,
    logGroupName: metrics.logGroupName,
    tasks: settings.tasks,
    settings: variables,
  },
  inside,
);

const watched = {
  metrics,
  apiId: gateway.apiId,
  queueName: events.queueName,
  deadLetterQueueName: events.deadLetterQueueName,
  databaseClusterId: database.clusterId,
  targetGroup: balancer.targetGroupArnSuffix,
  loadBalancer: balancer.arnSuffix,
};
new Alarms(NAME, { ...watched, topicArn: notifications.topicArn }, inside);
const dashboard = createDashboard(NAME, { ...watched, region, service }, inside);

// The guide's outputs under their current names, and what the next steps need.
export const apiUrl = gateway.url;
export const consoleUrl = settings.signIn ? `https://${settings.signIn.domain}/console/` : '[No sign-in was set up]';
export const signInBalancerDnsName = signIn?.dnsName ?? '[No sign-in was set up]';
export const invokeArn = gateway.invokeArn;
export const assetsBucket = stores.assetsBucket;
export const ecrRepositoryName = stores.repositoryName;
export const ecrRepositoryArn = stores.repositoryArn;
export const modelRegistryArn = stores.modelPackageGroupArn ?? '[No Model Package Group was created]';
export const notificationsTopicArn = notifications.topicArn;
export const taskRoleArn = roles.taskRoleArn;
export const deploymentRoleArn = deployment.deploymentRoleArn;
export const permissionsBoundaryArn = deployment.permissionsBoundaryArn;
export const encryptionKeyArn = key.arn;
export const pulumiBackendUrl = state.backendUrl;
export const configQueueUrl = events.queueUrl;
export const dashboardName = dashboard;
export const logGroupName = metrics.logGroupName;
