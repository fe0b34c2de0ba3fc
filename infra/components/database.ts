/** PostgreSQL on Aurora Serverless v2, so that an idle orchestrator costs little. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { Settings } from '../config.ts';
import { DATABASE_PORT } from './network.ts';
import { childOf } from './options.ts';
import { randomSecret, storeSecret } from './secrets.ts';

const ENGINE = 'aurora-postgresql';
/** A major version alone: minor ones are applied in the maintenance window, and must not look like a change to undo. */
const ENGINE_VERSION = '17';
const NAME = 'mlops';
/** Where the image keeps the certificate authorities of RDS: see the Dockerfile. */
const CONNECTION_OPTIONS = 'sslmode=verify-full';

export interface DatabaseArgs {
  settings: Settings['database'];
  /** In two zones at least. Changing them replaces the database. */
  subnetIds: pulumi.Input<string[]>;
  securityGroupId: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
}

export class Database extends pulumi.ComponentResource {
  /** ARN of the secret whose value is `DATABASE_URL`. */
  readonly urlSecretArn: pulumi.Output<string>;
  readonly clusterId: pulumi.Output<string>;
  /** The writer, wherever it is after a failover. */
  readonly endpoint: pulumi.Output<string>;
  /** The cluster accepts connections once these are available; what connects at its start must depend on them. */
  readonly instances: readonly pulumi.Resource[];

  constructor(name: string, args: DatabaseArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Database', name, {}, options);
    const password = randomSecret(`${name}-password`, 40, this);
    const cluster = createCluster(name, args, password, this);
    this.instances = createInstances(name, cluster, args.settings.multiAz, this);
    this.clusterId = cluster.id;
    this.endpoint = cluster.endpoint;
    this.urlSecretArn = storeSecret(
      `${name}-url`,
      {
        description: 'MLOps: connection to the database',
        value: pulumi.interpolate`postgresql://${NAME}:${password}@${cluster.endpoint}:${DATABASE_PORT}/${NAME}?${CONNECTION_OPTIONS}`,
        keyArn: args.keyArn,
      },
      this,
    );
    this.registerOutputs({ endpoint: this.endpoint });
  }
}

function createCluster(
  name: string,
  { settings, subnetIds, securityGroupId, keyArn }: DatabaseArgs,
  password: pulumi.Output<string>,
  parent: pulumi.Resource,
): aws.rds.Cluster {
  const subnetGroup = new aws.rds.SubnetGroup(name, { subnetIds }, childOf(parent));
  const parameters = new aws.rds.ClusterParameterGroup(
    name,
    {
      family: `${ENGINE}${ENGINE_VERSION}`,
      description: 'MLOps: connections over TLS only',
      parameters: [{ name: 'rds.force_ssl', value: '1', applyMethod: 'pending-reboot' }],
    },
    childOf(parent),
  );
  // The name of a snapshot stays in use, so each installation has its own.
  const suffix = new random.RandomString(
    `${name}-final-snapshot`,
    { length: 8, lower: true, numeric: true, special: false, upper: false },
    childOf(parent),
  ).result;
  return new aws.rds.Cluster(
    name,
    {
      clusterIdentifierPrefix: `${name}-`,
      engine: ENGINE,
      engineVersion: ENGINE_VERSION,
      engineMode: 'provisioned',
      databaseName: NAME,
      masterUsername: NAME,
      masterPassword: password,
      dbSubnetGroupName: subnetGroup.name,
      dbClusterParameterGroupName: parameters.name,
      vpcSecurityGroupIds: [securityGroupId],
      storageEncrypted: true,
      kmsKeyId: keyArn,
      serverlessv2ScalingConfiguration: { minCapacity: settings.minCapacity, maxCapacity: settings.maxCapacity },
      backupRetentionPeriod: settings.backupDays,
      copyTagsToSnapshot: true,
      deletionProtection: settings.deletionProtection,
      skipFinalSnapshot: !settings.finalSnapshot,
      ...(settings.finalSnapshot ? { finalSnapshotIdentifier: pulumi.interpolate`${name}-final-${suffix}` } : {}),
      enabledCloudwatchLogsExports: ['postgresql'],
    },
    childOf(parent),
  );
}

/** One writer; with `multiAz` a second instance in another zone takes over within a minute. */
function createInstances(
  name: string,
  cluster: aws.rds.Cluster,
  multiAz: boolean,
  parent: pulumi.Resource,
): aws.rds.ClusterInstance[] {
  const instance = (suffix: string, promotionTier: number): aws.rds.ClusterInstance =>
    new aws.rds.ClusterInstance(
      `${name}-${suffix}`,
      {
        clusterIdentifier: cluster.id,
        identifierPrefix: `${name}-${suffix}-`,
        engine: ENGINE,
        instanceClass: 'db.serverless',
        promotionTier,
        performanceInsightsEnabled: true,
      },
      childOf(parent),
    );
  return [instance('a', 0), ...(multiAz ? [instance('b', 1)] : [])];
}
