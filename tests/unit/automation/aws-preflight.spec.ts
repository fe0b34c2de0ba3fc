import assert from 'node:assert/strict';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeOrganizationCommand, ListParentsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { HeadBucketCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeModelPackageCommand,
  ListMonitoringSchedulesCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import {
  ListAWSDefaultServiceQuotasCommand,
  ListServiceQuotasCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { awsCloud } from '../../../automation/aws/aws.ts';
import type { Environment } from '../../../automation/config/environments.ts';
import type { Need } from '../../../blueprints/needs.ts';

const STAGING: Environment = {
  name: 'staging',
  accountId: '333333333333',
  region: 'eu-west-1',
  deploymentRoleArn: 'arn:aws:iam::333333333333:role/mlops-deployment-staging',
  externalId: 'secret handshake',
  permissionsBoundaryArn: '',
  organizationalUnitId: '',
  assetsBucket: 'assets',
};
const IMAGE = '111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/churn:7';
const PACKAGE = 'arn:aws:sagemaker:eu-west-1:111111111111:model-package/churn/3';
const KEY = 'arn:aws:kms:eu-west-1:333333333333:key/1234';

/** As the SDK throws it. */
function serviceError(name: string, status = 400, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

/** Made when the tests run: other specs mock the same clients. */
const mocks = () => ({
  sts: mockClient(STSClient),
  s3: mockClient(S3Client),
  ecr: mockClient(ECRClient),
  sagemaker: mockClient(SageMakerClient),
  kms: mockClient(KMSClient),
  quotas: mockClient(ServiceQuotasClient),
  alarms: mockClient(CloudWatchClient),
  organizations: mockClient(OrganizationsClient),
});

describe('preflight on AWS', () => {
  let { sts, s3, ecr, sagemaker, kms, quotas, alarms, organizations } = {} as ReturnType<typeof mocks>;
  let all: { reset(): void; restore(): void }[] = [];
  before(() => {
    const made = mocks();
    ({ sts, s3, ecr, sagemaker, kms, quotas, alarms, organizations } = made);
    all = Object.values(made);
  });
  let notes: Record<string, unknown>[] = [];

  /** An environment in which all is well. */
  beforeEach(() => {
    notes = [];
    for (const one of all) one.reset();
    const Credentials = { AccessKeyId: 'A', SecretAccessKey: 'S', SessionToken: 'T', Expiration: new Date() };
    const Arn = 'arn:aws:sts::333333333333:assumed-role/mlops-deployment-staging/mlops-orchestrator';
    sts.on(AssumeRoleCommand).resolves({ Credentials, AssumedRoleUser: { Arn, AssumedRoleId: 'x' } });
    s3.on(HeadBucketCommand).resolves({ BucketRegion: 'eu-west-1' });
    s3.on(HeadObjectCommand).resolves({});
    s3.on(ListObjectsV2Command).resolves({ KeyCount: 1 });
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ imageDigest: 'sha256:1' }] });
    sagemaker.on(DescribeModelPackageCommand).resolves({
      ModelPackageStatus: 'Completed',
      ModelApprovalStatus: 'Approved',
    });
    sagemaker.on(ListMonitoringSchedulesCommand).resolves({ MonitoringScheduleSummaries: [] });
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: '1234', KeyState: 'Enabled' } });
    quotas.on(ListServiceQuotasCommand).resolves({
      Quotas: [{ QuotaName: 'ml.m5.large for endpoint usage', Value: 4 }],
    });
    quotas.on(ListAWSDefaultServiceQuotasCommand).resolves({ Quotas: [] });
    alarms.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: 'errors' }] });
  });
  after(() => all.forEach((one) => one.restore()));

  const needs: Need[] = [
    { kind: 'bucket', pointer: '/data_capture_location', bucket: 'capture' },
    { kind: 'object', pointer: '/model_artifact_location', bucket: 'assets', key: 'model.tar.gz', isPrefix: false },
    { kind: 'object', pointer: '/training_data', bucket: 'assets', key: 'data/', isPrefix: true },
    { kind: 'image', pointer: '/custom_image_uri', uri: IMAGE },
    { kind: 'model-package', pointer: '/model_package_name', arn: PACKAGE, mayBeUnapproved: false },
    { kind: 'kms-key', pointer: '/kms_key_arn', arn: KEY },
    { kind: 'alarm', pointer: '/endpoint', name: 'errors' },
    { kind: 'model-monitor', pointer: '/pipeline_type' },
    { kind: 'instances', pointer: '/inference_instance', instanceType: 'ml.m5.large', usage: 'endpoint', count: 2 },
  ];
  const look = (environment: Partial<Environment> = {}, wanted = needs) =>
    awsCloud.preflight({ ...STAGING, ...environment }, wanted, (_name, detail) => notes.push(detail));
  /** The one finding, as text. */
  async function only(environment: Partial<Environment> = {}): Promise<string> {
    const findings = await look(environment);
    assert.equal(findings.length, 1, JSON.stringify(findings));
    return findings.map(({ check, subject, message }) => `${check} ${subject} ${message}`).join();
  }

  it('finds nothing where all is there, and asks with the deployment role and its external id', async () => {
    assert.deepEqual(await look(), []);
    assert.deepEqual(notes, []);
    assert.deepEqual(sts.commandCalls(AssumeRoleCommand)[0]?.args[0].input, {
      RoleArn: STAGING.deploymentRoleArn,
      ExternalId: 'secret handshake',
      RoleSessionName: 'mlops-orchestrator',
    });
    assert.deepEqual(ecr.commandCalls(DescribeImagesCommand)[0]?.args[0].input, {
      registryId: '111111111111',
      repositoryName: 'team/churn',
      imageIds: [{ imageTag: '7' }],
    });
  });

  it('reports that AWS does not offer Model Monitor to the account, and says nothing if that is not known', async () => {
    const answer = (name: string, message: string) =>
      sagemaker.on(ListMonitoringSchedulesCommand).rejects(serviceError(name, 400, message));
    for (const [name, message] of [
      ['AccessDeniedException', 'Your account cannot use this operation.'],
      ['ValidationException', 'Amazon SageMaker Model Monitor is no longer open to new customers.'],
    ] as const) {
      answer(name, message);
      assert.match(await only(), /^model-monitor model-monitor \/pipeline_type: AWS does not offer Model Monitor/);
    }
    assert.deepEqual(notes, []);
    for (const [name, message] of [
      [
        'AccessDeniedException',
        'User: x is not authorized to perform: sagemaker:ListMonitoringSchedules on resource: *',
      ],
      ['ThrottlingException', 'Rate exceeded'],
    ] as const) {
      notes = [];
      answer(name, message);
      assert.deepEqual(await look(), []);
      assert.deepEqual(notes, [{ subject: 'Model Monitor', reason: `${name}: ${message}` }]);
    }
  });

  it('tells every finding at once', async () => {
    s3.on(HeadBucketCommand, { Bucket: 'capture' }).rejects(serviceError('NotFound', 404));
    s3.on(HeadObjectCommand).rejects(serviceError('NotFound', 404));
    s3.on(ListObjectsV2Command).resolves({ KeyCount: 0 });
    ecr.on(DescribeImagesCommand).rejects(serviceError('ImageNotFoundException'));
    sagemaker
      .on(DescribeModelPackageCommand)
      .rejects(serviceError('ValidationException', 400, `ModelPackage ${PACKAGE} does not exist.`));
    kms.on(DescribeKeyCommand).rejects(serviceError('NotFoundException'));
    alarms.on(DescribeAlarmsCommand).resolves({});
    quotas.on(ListServiceQuotasCommand).resolves({
      Quotas: [{ QuotaName: 'ml.m5.large for endpoint usage', Value: 0 }],
    });
    const findings = await look();
    assert.deepEqual(findings.map(({ check, subject }) => `${check} ${subject}`).sort(), [
      'alarm alarm:errors',
      'bucket s3://capture',
      `image ${IMAGE}`,
      'instance-quota quota:ml.m5.large',
      `kms-key ${KEY}`,
      `model-package ${PACKAGE}`,
      'object s3://assets/data/',
      'object s3://assets/model.tar.gz',
    ]);
    for (const { message } of findings)
      assert.match(message, /\/(data_capture|model_artifact|training|custom|model_pack|kms|endpoint|inference)/);
  });

  it('names the missing permission where AWS denies', async () => {
    const denied = serviceError('AccessDeniedException', 400, 'User x is not authorized');
    s3.on(HeadBucketCommand).rejects(serviceError('Unknown', 403, 'UnknownError'));
    s3.on(HeadObjectCommand).rejects(serviceError('403', 403));
    s3.on(ListObjectsV2Command).rejects(serviceError('AccessDenied', 403));
    ecr.on(DescribeImagesCommand).rejects(denied);
    sagemaker.on(DescribeModelPackageCommand).rejects(denied);
    kms.on(DescribeKeyCommand).rejects(denied);
    alarms.on(DescribeAlarmsCommand).rejects(serviceError('AccessDenied', 403));
    quotas.on(ListServiceQuotasCommand).rejects(denied);
    const text = (await look()).map(({ check, message }) => `${check}: ${message}`).join('\n');
    for (const [check, right] of Object.entries({
      bucket: 's3:ListBucket',
      object: 's3:GetObject',
      image: 'ecr:DescribeImages',
      'model-package': 'sagemaker:DescribeModelPackage',
      'kms-key': 'kms:DescribeKey',
      alarm: 'cloudwatch:DescribeAlarms',
      'instance-quota': 'servicequotas:ListServiceQuotas',
    })) {
      assert.match(text, new RegExp(`${check}: .*needs ${right}`), text);
    }
    assert.match(text, /AWS says: AccessDeniedException: User x is not authorized/);
    assert.match(text, /AWS says: HTTP 403/);
    // The bucket of the objects is not checked separately: the checks of the objects suffice.
    assert.ok(!text.includes('s3://assets:'));
  });

  it('stops at a role that cannot be assumed, and names what it takes', async () => {
    sts.on(AssumeRoleCommand).rejects(serviceError('AccessDenied', 403, 'not authorized to perform: sts:AssumeRole'));
    assert.match(
      await only(),
      /^role arn:aws:iam::333333333333:role\/mlops-deployment-staging .*trust policy.*"secret handshake".*sts:AssumeRole/,
    );
    assert.equal(s3.calls().length + ecr.calls().length, 0);
  });

  it('stops at a role, or credentials, of another account', async () => {
    assert.match(
      await only({ accountId: '444444444444' }),
      /belongs to account 333333333333, .* is account 444444444444/,
    );
    sts.on(GetCallerIdentityCommand).resolves({ Account: '111111111111' });
    assert.match(await only({ deploymentRoleArn: '' }), /^role the service's own credentials .*account 111111111111/);
    assert.deepEqual(await look({ deploymentRoleArn: '', accountId: '' }), []);
  });

  it('finds buckets and keys of other regions', async () => {
    s3.on(HeadBucketCommand, { Bucket: 'assets' }).resolves({ BucketRegion: 'us-east-1' });
    assert.match(
      await only(),
      /bucket s3:\/\/assets .*model_artifact_location, \/training_data is in us-east-1, .*eu-west-1/,
    );
    s3.on(HeadBucketCommand, { Bucket: 'assets' }).resolves({});
    const arn = KEY.replace('eu-west-1', 'us-east-1');
    const findings = await look({}, [{ kind: 'kms-key', pointer: '/kms_key_arn', arn }]);
    assert.match(findings.map(({ message }) => message).join(), /is in us-east-1/);
  });

  it('finds packages that are not approved, and keys that are not enabled', async () => {
    for (const status of ['PendingManualApproval', 'Rejected'] as const) {
      sagemaker
        .on(DescribeModelPackageCommand)
        .resolves({ ModelPackageStatus: 'Completed', ModelApprovalStatus: status });
      assert.match(await only(), new RegExp(`is ${status}: have it approved.*ALLOW_UNAPPROVED_MODEL_PACKAGES=Yes`));
    }
    const tolerant = needs.map((need) => (need.kind === 'model-package' ? { ...need, mayBeUnapproved: true } : need));
    assert.deepEqual(await look({}, tolerant), []);
    sagemaker
      .on(DescribeModelPackageCommand)
      .resolves({ ModelPackageStatus: 'Failed', ModelApprovalStatus: 'Approved' });
    assert.match((await look({}, tolerant)).map(({ message }) => message).join(), /is Failed, not Completed/);
    sagemaker.on(DescribeModelPackageCommand).resolves({ ModelPackageStatus: 'Completed' });
    sagemaker.on(ListMonitoringSchedulesCommand).resolves({ MonitoringScheduleSummaries: [] });
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: '1234', KeyState: 'PendingDeletion' } });
    assert.match(await only(), /The key is PendingDeletion, not Enabled/);
  });

  it('reads quotas page by page, then their defaults, and compares with what is asked for', async () => {
    const page = (NextToken: string | undefined, QuotaName: string, Value: number) => ({
      Quotas: [{ QuotaName, Value }],
      ...(NextToken ? { NextToken } : {}),
    });
    quotas.on(ListServiceQuotasCommand).resolves(page('2', 'ml.c5.large for endpoint usage', 9));
    quotas
      .on(ListServiceQuotasCommand, { NextToken: '2' })
      .resolves(page(undefined, 'ml.m5.large for endpoint usage', 1));
    assert.match(await only(), /is 1 × ml.m5.large for endpoint usage, but 2 are required/);
    assert.equal(quotas.commandCalls(ListAWSDefaultServiceQuotasCommand).length, 0);

    quotas.on(ListServiceQuotasCommand).resolves({ Quotas: [] });
    quotas.on(ListAWSDefaultServiceQuotasCommand).resolves(page(undefined, 'ml.m5.large for endpoint usage', 0));
    assert.match(await only(), /is 0 ×/);
    // What Service Quotas does not know, it does not limit.
    quotas.on(ListAWSDefaultServiceQuotasCommand).resolves({ Quotas: [] });
    assert.deepEqual(await look(), []);
  });

  it('looks for the organizational unit above the account, at any height', async () => {
    organizations
      .on(ListParentsCommand, { ChildId: '333333333333' })
      .resolves({ Parents: [{ Id: 'ou-ab12-inner', Type: 'ORGANIZATIONAL_UNIT' }] });
    organizations
      .on(ListParentsCommand, { ChildId: 'ou-ab12-inner' })
      .resolves({ Parents: [{ Id: 'r-ab12', Type: 'ROOT' }] });
    organizations.on(DescribeOrganizationCommand).resolves({ Organization: { Id: 'o-1234567890' } });
    for (const organizationalUnitId of ['ou-ab12-inner', 'r-ab12', 'o-1234567890']) {
      assert.deepEqual(await look({ organizationalUnitId }), []);
    }
    assert.match(
      await only({ organizationalUnitId: 'ou-ab12-other' }),
      /organizational-unit 333333333333 .* not in ou-ab12-other, but below ou-ab12-inner, r-ab12/,
    );
    organizations.on(ListParentsCommand).rejects(serviceError('ChildNotFoundException'));
    assert.match(await only({ organizationalUnitId: 'ou-ab12-other' }), /is not in this organization/);
  });

  it('notes what could not be asked, and takes it for no finding', async () => {
    organizations.on(ListParentsCommand).rejects(serviceError('AccessDeniedException'));
    kms.on(DescribeKeyCommand).rejects(serviceError('ThrottlingException'));
    s3.on(HeadBucketCommand).rejects(serviceError('TimeoutError'));
    assert.deepEqual(await look({ organizationalUnitId: 'ou-ab12-other' }), []);
    assert.deepEqual(notes.map(({ subject }) => subject).sort(), ['Amazon S3', KEY, 'ou-ab12-other']);
  });
});
