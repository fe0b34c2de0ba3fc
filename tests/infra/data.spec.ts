import assert from 'node:assert/strict';
import { ConfigEvents } from '../../infra/components/config-events.ts';
import { Database } from '../../infra/components/database.ts';
import { EncryptionKey } from '../../infra/components/encryption-key.ts';
import { Notifications } from '../../infra/components/notifications.ts';
import { PulumiState } from '../../infra/components/pulumi-state.ts';
import { sourceSettingsOf } from '../../automation/config/source-settings.ts';
import { configBuckets } from '../../infra/components/permission-scope.ts';
import { Stores } from '../../infra/components/stores.ts';
import { parseSettings } from '../../infra/config.ts';
import { KEY_ARN, PLACE, listOf, record, revealed } from './recording.ts';

const settingsOf = (given: Record<string, string> = {}) =>
  parseSettings({ notificationEmail: 'team@example.com', ...given }, 'mlops-workload-orchestrator');

describe('database', () => {
  const databaseOf = (given: Record<string, string> = {}) =>
    record(() => {
      const { urlSecretArn } = new Database('mlops', {
        settings: settingsOf(given).database,
        subnetIds: ['subnet-1', 'subnet-2'],
        securityGroupId: 'sg-database',
        keyArn: KEY_ARN,
      });
      return { urlSecretArn };
    });

  it('is encrypted, backed up, protected, over TLS only, and leaves a snapshot', async () => {
    const made = await databaseOf();
    const { masterPassword, ...inputs } = made.find('Cluster').inputs;
    assert.ok(revealed(masterPassword).secret);
    assert.deepEqual(inputs, {
      clusterIdentifierPrefix: 'mlops-',
      engine: 'aurora-postgresql',
      engineVersion: '17',
      engineMode: 'provisioned',
      databaseName: 'mlops',
      masterUsername: 'mlops',
      dbSubnetGroupName: 'mlops-1234567',
      dbClusterParameterGroupName: 'mlops-1234567',
      vpcSecurityGroupIds: ['sg-database'],
      storageEncrypted: true,
      kmsKeyId: KEY_ARN,
      serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 4 },
      backupRetentionPeriod: 7,
      copyTagsToSnapshot: true,
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: inputs.finalSnapshotIdentifier,
      enabledCloudwatchLogsExports: ['postgresql'],
    });
    assert.match(String(inputs.finalSnapshotIdentifier), /^mlops-final-/);
    assert.deepEqual(made.find('ClusterParameterGroup').inputs.parameters, [
      { name: 'rds.force_ssl', value: '1', applyMethod: 'pending-reboot' },
    ]);
  });

  it('is known to the service by a secret with the writer’s address', async () => {
    const made = await databaseOf();
    const { secret, value } = revealed(made.find('SecretVersion').inputs.secretString);
    assert.ok(secret);
    assert.match(String(value), /^postgresql:\/\/mlops:[^@]*@[^/]*:5432\/mlops\?sslmode=verify-full$/);
    assert.equal(made.find('Secret').inputs.kmsKeyId, KEY_ARN);
  });

  it('has one instance, and another one to stand by where it is asked for', async () => {
    const instances = async (given: Record<string, string>) =>
      listOf((await databaseOf(given)).resources).filter((one) => one.startsWith('ClusterInstance'));
    assert.deepEqual(await instances({}), ['ClusterInstance mlops-a']);
    assert.deepEqual(await instances({ databaseMultiAz: 'true' }), [
      'ClusterInstance mlops-a',
      'ClusterInstance mlops-b',
    ]);
  });

  it('goes without a trace where that is asked for', async () => {
    const { inputs } = (await databaseOf({ databaseFinalSnapshot: 'false', databaseDeletionProtection: 'false' })).find(
      'Cluster',
    );
    assert.equal(inputs.skipFinalSnapshot, true);
    assert.equal(inputs.finalSnapshotIdentifier, undefined);
    assert.equal(inputs.deletionProtection, false);
  });
});

describe('stores', () => {
  const storesOf = (given: Record<string, string> = {}, readerAccounts: string[] = []) =>
    record(() => {
      const stores = new Stores('mlops', { place: PLACE, settings: settingsOf(given), readerAccounts });
      return { bucket: stores.assetsBucket, repository: stores.repositoryName, arn: stores.repositoryArn };
    });

  it('are made: private, versioned, encrypted, logged, over TLS only, tidied up', async () => {
    const made = await storesOf();
    const ofAssets = listOf(made.resources).filter((one) => one.endsWith(' mlops-assets'));
    assert.deepEqual(ofAssets, [
      'Bucket mlops-assets',
      'BucketLifecycleConfiguration mlops-assets',
      'BucketLogging mlops-assets',
      'BucketNotification mlops-assets',
      'BucketOwnershipControls mlops-assets',
      'BucketPolicy mlops-assets',
      'BucketPublicAccessBlock mlops-assets',
      'BucketServerSideEncryptionConfiguration mlops-assets',
      'BucketVersioning mlops-assets',
    ]);
    const { Statement } = JSON.parse(String(made.find('BucketPolicy', 'mlops-assets').inputs.policy)) as {
      Statement: { Sid: string; Effect: string; Condition: unknown }[];
    };
    assert.deepEqual(
      Statement.map(({ Sid, Effect }) => `${Effect} ${Sid}`),
      ['Deny RefuseWithoutTls'],
    );
    assert.deepEqual(made.find('BucketNotification').inputs, { bucket: 'mlops-assets-1234567', eventbridge: true });
    const { bucket: _, ...blocked } = made.find('BucketPublicAccessBlock', 'mlops-assets').inputs;
    assert.deepEqual(new Set(Object.values(blocked)), new Set([true]));
    assert.equal(Object.keys(blocked).length, 4);
    assert.deepEqual(made.find('Repository').inputs.imageScanningConfiguration, { scanOnPush: true });
    assert.ok(!listOf(made.resources).some((one) => /ModelPackageGroup|RepositoryPolicy/.test(one)));
  });

  it('that are there already are taken as they are', async () => {
    const made = await storesOf({ existingS3Bucket: 'my-assets', existingECRRepository: 'team/algorithms' });
    assert.equal(made.outputs.bucket, 'my-assets');
    assert.equal(made.outputs.repository, 'team/algorithms');
    assert.equal(made.outputs.arn, 'arn:aws:ecr:us-east-1:111111111111:repository/team/algorithms');
    assert.deepEqual(
      listOf(made.resources).filter((one) => !one.endsWith('mlops-access-logs')),
      [],
    );
  });

  it('include a model package group where one is asked for, with a name of its own', async () => {
    const made = await storesOf({ createModelRegistry: 'true' }, ['222222222222']);
    assert.match(String(made.find('ModelPackageGroup').inputs.modelPackageGroupName), /^mlops-model-registry-/);
    assert.match(String(made.find('ModelPackageGroupPolicy').inputs.resourcePolicy), /arn:aws:iam::222222222222:root/);
    assert.match(String(made.find('RepositoryPolicy').inputs.policy), /arn:aws:iam::222222222222:root/);
  });
});

describe('state of the pipelines', () => {
  const stateOf = (accessToken: string | undefined) =>
    record(() => {
      const state = new PulumiState('mlops-state', { accessToken, keyArn: KEY_ARN, accessLogBucket: 'logs' });
      return { settings: state.settings, secrets: Object.keys(state.secrets) };
    });

  it('is in a bucket that is encrypted with the key, its secrets under a passphrase that no one has seen', async () => {
    const made = await stateOf(undefined);
    assert.deepEqual(made.outputs, {
      settings: { PULUMI_BACKEND_URL: 's3://mlops-state-1234567' },
      secrets: ['PULUMI_CONFIG_PASSPHRASE'],
    });
    const { rules } = made.find('BucketServerSideEncryptionConfiguration').inputs as { rules: unknown[] };
    assert.deepEqual(rules, [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: KEY_ARN },
        bucketKeyEnabled: true,
      },
    ]);
    assert.ok(revealed(made.find('SecretVersion').inputs.secretString).secret);
  });

  it('is in Pulumi Cloud with a token, and no bucket is made', async () => {
    const made = await stateOf('pul-0123456789');
    assert.deepEqual(made.outputs, { settings: {}, secrets: ['PULUMI_ACCESS_TOKEN'] });
    assert.deepEqual(listOf(made.resources), ['Secret mlops-state-token', 'SecretVersion mlops-state-token']);
    assert.deepEqual(revealed(made.find('SecretVersion').inputs.secretString), {
      secret: true,
      value: 'pul-0123456789',
    });
  });
});

describe('events', () => {
  const eventsOf = (changes: { modelRegistry?: boolean; repositoryAddress?: string; configBuckets?: string } = {}) =>
    record(() => {
      const events = new ConfigEvents('mlops-config', {
        place: PLACE,
        buckets: configBuckets({
          ASSETS_BUCKET: 'assets',
          ...(changes.configBuckets ? { CONFIG_BUCKETS: changes.configBuckets } : {}),
        }),
        modelRegistry: changes.modelRegistry ?? false,
        repositoryAddress: changes.repositoryAddress ?? '',
        repositoryBranch: 'main',
      });
      return { repositoryArn: events.repositoryArn };
    });

  it('of configuration files in the assets bucket go to the queue, and to the dead letters if they cannot', async () => {
    const made = await eventsOf();
    assert.deepEqual(listOf(made.resources), [
      'EventRule mlops-config-objects',
      'EventTarget mlops-config-objects',
      'Queue mlops-config',
      'Queue mlops-config-dead-letters',
      'QueuePolicy mlops-config',
      'QueuePolicy mlops-config-dead-letters',
    ]);
    assert.deepEqual(JSON.parse(String(made.find('EventRule').inputs.eventPattern)), {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: ['assets'] },
        object: {
          key: [
            'mlops-config.json',
            { suffix: '/mlops-config.json' },
            'mlops-config.zip',
            { suffix: '/mlops-config.zip' },
          ],
        },
      },
    });
    const redrive = JSON.parse(String(made.find('Queue', 'mlops-config').inputs.redrivePolicy)) as Record<
      string,
      unknown
    >;
    assert.equal(redrive.maxReceiveCount, 5);
    assert.match(String(redrive.deadLetterTargetArn), /mlops-config-dead-letters/);
    for (const name of ['mlops-config', 'mlops-config-dead-letters']) {
      assert.equal(made.find('Queue', name).inputs.sqsManagedSseEnabled, true);
    }
  });

  it('of configuration files in other buckets come where the service takes them from there', async () => {
    const made = await eventsOf({ configBuckets: 'team-a, team-b' });
    const { detail } = JSON.parse(String(made.find('EventRule').inputs.eventPattern)) as {
      detail: { bucket: unknown };
    };
    assert.deepEqual(detail.bucket, { name: ['team-a', 'team-b'] });
  });

  it('come from the buckets that the service takes configuration from', async () => {
    const cases: Record<string, string>[] = [
      {},
      { CONFIG_BUCKETS: 'team-a' },
      { CONFIG_BUCKETS: ' team-a,, team-b ,' },
    ];
    for (const one of cases) {
      const settings = { ASSETS_BUCKET: 'assets', ...one };
      const { buckets } = sourceSettingsOf(settings);
      const { outputs } = await record(() => ({ buckets: configBuckets(settings) }));
      assert.deepEqual(outputs, { buckets });
    }
  });

  it('of model packages and commits come where there are such', async () => {
    const made = await eventsOf({
      modelRegistry: true,
      repositoryAddress: 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/mlops',
    });
    const pattern = (name: string) =>
      JSON.parse(String(made.find('EventRule', name).inputs.eventPattern)) as Record<string, unknown>;
    assert.deepEqual(pattern('mlops-config-model-packages'), {
      source: ['aws.sagemaker'],
      'detail-type': ['SageMaker Model Package State Change'],
    });
    assert.deepEqual(pattern('mlops-config-commits'), {
      source: ['aws.codecommit'],
      'detail-type': ['CodeCommit Repository State Change'],
      resources: ['arn:aws:codecommit:eu-west-1:111111111111:mlops'],
      detail: {
        event: ['referenceCreated', 'referenceUpdated'],
        referenceType: ['branch'],
        referenceName: ['main'],
      },
    });
  });

  it('are put into the queue by these rules alone', async () => {
    const made = await eventsOf({ modelRegistry: true });
    const { Statement } = JSON.parse(String(made.find('QueuePolicy', 'mlops-config').inputs.policy)) as {
      Statement: { Sid: string; Principal: unknown; Condition: { ArnEquals?: Record<string, string[]> } }[];
    };
    assert.deepEqual(Statement[0]?.Principal, { Service: 'events.amazonaws.com' });
    assert.equal(Statement[0]?.Condition.ArnEquals?.['aws:SourceArn']?.length, 2);
    assert.equal(Statement[1]?.Sid, 'RefuseWithoutTls');
    assert.equal(Statement.length, 2);
  });
});

describe('notifications', () => {
  it('go to the address, encrypted, and come from this account’s alarms and from EventBridge', async () => {
    const made = await record(() => {
      new Notifications('mlops-notifications', { place: PLACE, email: 'team@example.com', keyArn: KEY_ARN });
    });
    assert.equal(made.find('Topic').inputs.kmsMasterKeyId, KEY_ARN);
    const { topic: _, ...subscription } = made.find('TopicSubscription').inputs;
    assert.deepEqual(subscription, { protocol: 'email', endpoint: 'team@example.com' });
    const { Statement } = JSON.parse(String(made.find('TopicPolicy').inputs.policy)) as {
      Statement: { Effect: string; Principal: { Service?: string }; Condition?: Record<string, unknown> }[];
    };
    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
    assert.deepEqual(
      allowed.map(({ Principal, Condition }) => [Principal.Service, Condition?.StringEquals]),
      [
        ['cloudwatch.amazonaws.com', { 'aws:SourceAccount': '111111111111' }],
        // EventBridge does not support conditions in the policies of topics.
        ['events.amazonaws.com', undefined],
      ],
    );
  });
});

describe('key', () => {
  it('is the account’s, and serves services of AWS for this account only', async () => {
    const made = await record(() => {
      new EncryptionKey('mlops', { place: PLACE });
    });
    const { policy, ...inputs } = made.find('Key').inputs;
    assert.deepEqual(inputs.enableKeyRotation, true);
    const { Statement } = JSON.parse(String(policy)) as {
      Statement: { Principal: { AWS?: string; Service?: unknown }; Condition?: unknown }[];
    };
    const open = Statement.filter(({ Condition }) => Condition === undefined);
    assert.deepEqual(
      open.map(({ Principal }) => Principal),
      [{ AWS: 'arn:aws:iam::111111111111:root' }],
    );
    const events = Statement.find(({ Principal }) => Principal.Service === 'events.amazonaws.com');
    assert.deepEqual(events?.Condition, {
      ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': 'arn:aws:sns:us-east-1:111111111111:*' },
    });
  });
});
