/** Databases. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/Welcome.html */
import type { Properties, Property } from '../../../sandbox/provider.ts';
import { refuse } from '../../../sandbox/aws/aws-errors.ts';
import { idOf, randomId } from '../../../sandbox/aws/identifiers.ts';
import { arn } from '../../../sandbox/aws/partitions.ts';
import { isAbsent, text } from '../../../sandbox/aws/properties.ts';
import type { CallContext, Reference, TypeDefinition } from '../../../sandbox/aws/resource-type.ts';
import { placeOf } from '../../../sandbox/aws/store.ts';

const service = { folder: 'rds', sdkId: 'RDS' };
const SUBNET_GROUP = 'aws:rds/subnetGroup:SubnetGroup';
const PARAMETERS = 'aws:rds/clusterParameterGroup:ClusterParameterGroup';
const CLUSTER = 'aws:rds/cluster:Cluster';
const INSTANCE = 'aws:rds/clusterInstance:ClusterInstance';

const lowerName = (inputs: Properties): string => text(inputs, 'name').toLowerCase();
const idText = (inputs: Properties, key: string): string => text(inputs, key).toLowerCase();

const subnetGroup: TypeDefinition = {
  token: SUBNET_GROUP,
  service,
  title: 'RDS DB Subnet Group',
  api: { create: 'CreateDBSubnetGroup', update: 'ModifyDBSubnetGroup', delete: 'DeleteDBSubnetGroup' },
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: { property: 'name', maxLength: 255, pattern: /^[a-z0-9 ._-]+$/, code: 'InvalidParameterValue' },
  replaceOn: ['name', 'namePrefix'],
  defaults: { description: 'Managed by Pulumi' },
  identity: { kind: 'derived', key: lowerName },
  outputs: async (inputs, id, scope, store) => {
    const [subnet] = await subnetsOf({ inputs, scope, store });
    return {
      arn: arn(scope, 'rds', `subgrp:${id}`),
      supportedNetworkTypes: ['IPV4'],
      vpcId: text(subnet?.inputs ?? {}, 'vpcId'),
    };
  },
  duplicate: { code: 'DBSubnetGroupAlreadyExists', message: (name) => `The DB subnet group '${name}' already exists.` },
  refuseCreate: async (context) => {
    const subnets = await subnetsOf(context);
    const zones = new Set(subnets.map((subnet) => subnet?.inputs['availabilityZone'] ?? Symbol('a separate zone')));
    if (zones.size < 2) {
      refuse(
        'DBSubnetGroupDoesNotCoverEnoughAZs',
        'The DB subnet group doesn’t meet Availability Zone (AZ) coverage requirement. Add subnets to cover at least 2 AZs.',
      );
    }
  },
  refuseDelete: async ({ store, scope }, before) => {
    const clusters = await store.list(placeOf({ token: CLUSTER }, scope));
    if (clusters.some((one) => one.inputs['dbSubnetGroupName'] === before.id)) {
      refuse('InvalidDBSubnetGroupStateFault', `Cannot delete the subnet group '${before.id}' because it is in use.`);
    }
  },
};

async function subnetsOf({ inputs, scope, store }: CallContext) {
  const ids = Array.isArray(inputs['subnetIds']) ? inputs['subnetIds'] : [];
  const place = placeOf({ token: 'aws:ec2/subnet:Subnet' }, scope);
  return await Promise.all(ids.map((id: Property) => store.read(place, String(id))));
}

const parameterGroup: TypeDefinition = {
  token: PARAMETERS,
  service,
  title: 'RDS Cluster Parameter Group',
  api: {
    create: 'CreateDBClusterParameterGroup',
    update: 'ModifyDBClusterParameterGroup',
    delete: 'DeleteDBClusterParameterGroup',
  },
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: {
    property: 'name',
    maxLength: 255,
    pattern: /^[a-z](?:[a-z0-9]|-(?!-))*(?<!-)$/,
    code: 'InvalidParameterValue',
  },
  rules: [{ path: 'parameters[].applyMethod', oneOf: ['immediate', 'pending-reboot'] }],
  replaceOn: ['description', 'family', 'name', 'namePrefix'],
  defaults: { description: 'Managed by Pulumi' },
  identity: { kind: 'derived', key: lowerName },
  outputs: (_inputs, id, scope) => ({ arn: arn(scope, 'rds', `cluster-pg:${id}`) }),
  duplicate: {
    code: 'DBParameterGroupAlreadyExists',
    message: (name) => `Parameter group ${name} already exists`,
  },
};

const CLUSTER_ID = 'clusterIdentifier';

const cluster: TypeDefinition = {
  token: CLUSTER,
  service,
  title: 'RDS Cluster',
  api: { create: 'CreateDBCluster', update: 'ModifyDBCluster', delete: 'DeleteDBCluster' },
  autoName: { property: CLUSTER_ID, maxLength: 63, conflictsWith: ['clusterIdentifierPrefix'], byProvider: true },
  nameRule: {
    property: CLUSTER_ID,
    maxLength: 63,
    pattern: /^[a-zA-Z](?:[a-zA-Z0-9]|-(?!-))*(?<!-)$/,
    code: 'InvalidParameterValue',
  },
  rules: [
    { path: 'engine', oneOf: ['aurora-mysql', 'aurora-postgresql', 'mysql', 'postgres'] },
    { path: 'engineMode', oneOf: ['global', 'multimaster', 'parallelquery', 'provisioned', 'serverless'] },
    { path: 'backupRetentionPeriod', min: 1, max: 35 },
    { path: 'serverlessv2ScalingConfiguration.minCapacity', min: 0, max: 256 },
    { path: 'serverlessv2ScalingConfiguration.maxCapacity', min: 1, max: 256 },
    { path: 'finalSnapshotIdentifier', pattern: /^[a-zA-Z](?:[a-zA-Z0-9]|-(?!-))*(?<!-)$/ },
  ],
  replaceOn: [
    CLUSTER_ID,
    'clusterIdentifierPrefix',
    'availabilityZones',
    'databaseName',
    'dbSubnetGroupName',
    'engine',
    'engineMode',
    'kmsKeyId',
    'masterUsername',
    'port',
    's3Import',
    'snapshotIdentifier',
    'sourceRegion',
    'storageEncrypted',
  ],
  defaults: {
    backupRetentionPeriod: 1,
    copyTagsToSnapshot: false,
    deletionProtection: false,
    engineMode: 'provisioned',
    skipFinalSnapshot: false,
    storageEncrypted: false,
  },
  identity: {
    kind: 'derived',
    key: (inputs) => idText(inputs, CLUSTER_ID),
  },
  outputs: (_inputs, id, scope) => {
    const host = (kind: string): string =>
      `${id}.${kind}-${idOf(12, scope.accountId, scope.region)}.${scope.region}.rds.${scope.dnsSuffix}`;
    return {
      arn: arn(scope, 'rds', `cluster:${id}`),
      caCertificateValidTill: '',
      clusterResourceId: `cluster-${randomId(26).toUpperCase()}`,
      endpoint: host('cluster'),
      engineVersionActual: text(_inputs, 'engineVersion') || '17.5',
      hostedZoneId: 'Z2R2ITUGPM61AM',
      masterUserSecrets: [],
      readerEndpoint: host('cluster-ro'),
      upgradeRolloutOrder: 'second',
    };
  },
  references: [
    groupExists('dbSubnetGroupName', SUBNET_GROUP, 'DBSubnetGroupNotFoundFault'),
    groupExists('dbClusterParameterGroupName', PARAMETERS, 'DBClusterParameterGroupNotFound'),
    {
      property: 'kmsKeyId',
      type: 'aws:kms/key:Key',
      key: (key) => key.slice(key.lastIndexOf('/') + 1),
      code: 'KMSKeyNotAccessibleFault',
      message: () =>
        'The specified KMS key does not exist, is not enabled or you do not have permissions to access it.',
    },
  ],
  duplicate: { code: 'DBClusterAlreadyExistsFault', message: () => 'DB Cluster already exists' },
  refuseCreate: async ({ inputs }) => {
    const restored = ['snapshotIdentifier', 'restoreToPointInTime', 'replicationSourceIdentifier'];
    const password = ['masterPassword', 'masterPasswordWo', 'manageMasterUserPassword'];
    const given = (keys: string[]): boolean => keys.some((key) => !isAbsent(inputs[key]) && inputs[key] !== false);
    if (given(restored)) return;
    if (!given(['masterUsername']) || !given(password)) {
      refuse('InvalidParameterCombination', 'The parameters masterUsername and masterPassword must be provided.');
    }
  },
  refuseDelete: async ({ store, scope }, before) => {
    if (before.inputs['deletionProtection'] === true) {
      refuse(
        'InvalidParameterCombination',
        'Cannot delete protected Cluster, please disable deletion protection and try again.',
      );
    }
    if (before.inputs['skipFinalSnapshot'] !== true && isAbsent(before.inputs['finalSnapshotIdentifier'])) {
      refuse('InvalidParameterCombination', 'final_snapshot_identifier is required when skip_final_snapshot is false');
    }
    const members = await store.list(placeOf({ token: INSTANCE }, scope));
    if (members.some((one) => one.inputs['clusterIdentifier'] === before.id)) {
      refuse(
        'InvalidDBClusterStateFault',
        'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
      );
    }
  },
  seconds: { create: 4, update: 1, delete: 1 },
};

function groupExists(property: string, type: string, code: string): Reference {
  return { property, type, code, message: (name) => `${name} does not exist` };
}

const clusterInstance: TypeDefinition = {
  token: INSTANCE,
  service,
  title: 'RDS Cluster Instance',
  api: { create: 'CreateDBInstance', update: 'ModifyDBInstance', delete: 'DeleteDBInstance' },
  autoName: { property: 'identifier', maxLength: 63, conflictsWith: ['identifierPrefix'], byProvider: true },
  nameRule: {
    property: 'identifier',
    maxLength: 63,
    pattern: /^[a-zA-Z](?:[a-zA-Z0-9]|-(?!-))*(?<!-)$/,
    code: 'InvalidParameterValue',
  },
  rules: [
    { path: 'instanceClass', pattern: /^db\./ },
    { path: 'promotionTier', min: 0, max: 15 },
  ],
  replaceOn: [
    'availabilityZone',
    'clusterIdentifier',
    'customIamInstanceProfile',
    'dbSubnetGroupName',
    'engine',
    'identifier',
    'identifierPrefix',
  ],
  defaults: { autoMinorVersionUpgrade: true, forceDestroy: false, promotionTier: 0, publiclyAccessible: false },
  identity: {
    kind: 'derived',
    key: (inputs) => idText(inputs, 'identifier'),
  },
  outputs: async (inputs, id, scope, store) => {
    const place = placeOf({ token: INSTANCE }, scope);
    const parent = await store.read(placeOf({ token: CLUSTER }, scope), text(inputs, 'clusterIdentifier'));
    const siblings = (await store.list(place)).filter(
      (one) => one.inputs['clusterIdentifier'] === inputs['clusterIdentifier'],
    );
    return {
      arn: arn(scope, 'rds', `db:${id}`),
      dbiResourceId: `db-${randomId(26).toUpperCase()}`,
      endpoint: `${id}.${idOf(12, scope.accountId, scope.region)}.${scope.region}.rds.${scope.dnsSuffix}`,
      engineVersionActual: text(parent?.outputs ?? {}, 'engineVersionActual'),
      kmsKeyId: text(parent?.inputs ?? {}, 'kmsKeyId'),
      networkType: 'IPV4',
      port: 5432,
      storageEncrypted: parent?.inputs['storageEncrypted'] === true,
      writer: siblings.length === 0,
    };
  },
  references: [
    {
      property: 'clusterIdentifier',
      type: CLUSTER,
      key: (id) => id.toLowerCase(),
      code: 'DBClusterNotFoundFault',
      message: (id) => `Could not find DB cluster ${id}`,
    },
  ],
  duplicate: { code: 'DBInstanceAlreadyExists', message: () => 'DB instance already exists' },
  seconds: { create: 4, update: 1, delete: 1 },
};

export const rdsTypes: readonly TypeDefinition[] = [subnetGroup, parameterGroup, cluster, clusterInstance];
