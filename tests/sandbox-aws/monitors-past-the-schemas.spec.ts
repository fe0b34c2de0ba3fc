/** Definitions of monitors in Cloud Control, sent to the sandbox AWS past the schemas of the blueprints. */
import assert from 'node:assert/strict';
import { Account } from './support.ts';

const IMAGE = '205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0';
const CLUSTER = { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 20 };
const local = (path: string) => `/opt/ml/processing/${path}`;

describe('the sandbox AWS, past the schemas: definitions in Cloud Control', () => {
  let account: Account;
  let fine: Record<string, unknown>;
  before(async () => {
    account = await Account.open();
    const role = await account.role('monitor');
    fine = {
      ModelBiasAppSpecification: { ImageUri: IMAGE, ConfigUri: 's3://b/analysis_config.json' },
      ModelBiasJobInput: {
        EndpointInput: { EndpointName: 'e', LocalPath: local('input/endpoint') },
        GroundTruthS3Input: { S3Uri: 's3://b/truth' },
      },
      ModelBiasJobOutputConfig: {
        MonitoringOutputs: [{ S3Output: { S3Uri: 's3://b/out', LocalPath: local('output') } }],
      },
      JobResources: { ClusterConfig: CLUSTER },
      RoleArn: role.properties['arn'],
    };
  });
  after(() => account.remove());

  const define = (changes: object, name = 'd', type = 'AWS::SageMaker::ModelBiasJobDefinition') =>
    account.create('aws:cloudcontrol/resource:Resource', name, {
      typeName: type,
      desiredState: JSON.stringify({ ...fine, ...changes }),
    });
  const cluster = (changes: object) => ({ JobResources: { ClusterConfig: { ...CLUSTER, ...changes } } });

  it('are taken with the name that is given or one that is made, whatever its case', async () => {
    const made = await define({ JobDefinitionName: 'Bias' }, 'named');
    assert.equal(made.id, 'arn:aws:sagemaker:us-east-1:111111111111:model-bias-job-definition/bias');
    const { JobDefinitionName } = JSON.parse(String(made.properties['properties'])) as Record<string, string>;
    assert.equal(JobDefinitionName, 'Bias');
    assert.match((await define({}, 'unnamed')).id, /:model-bias-job-definition\/modelbiasjobdefinition-\w{12}$/);
  });

  const BAD: [what: string, changes: object, refusal: RegExp][] = [
    ['without a role', { RoleArn: undefined }, /InvalidRequestException: .*required key \[RoleArn\] not found/],
    ['with a key of another case', { roleArn: 'x' }, /extraneous key \[roleArn\] is not permitted/],
    ['with a key of another kind', { ModelQualityJobInput: {} }, /extraneous key \[ModelQualityJobInput\]/],
    ['with a name that is none', { JobDefinitionName: 'a_b' }, /JobDefinitionName: failed validation constraint/],
    ['with a role that there is not', { RoleArn: 'arn:aws:iam::111111111111:role/none' }, /Could not assume role/],
    ['without instances', cluster({ InstanceCount: 0 }), /InvalidRequestException: .*InstanceCount.* greater than/],
    [
      'on an instance type that there is not',
      cluster({ InstanceType: 'ml.x9.large' }),
      /InstanceType.* enum value set/,
    ],
    [
      'that runs for two days',
      { StoppingCondition: { MaxRuntimeInSeconds: 172_800 } },
      /MaxRuntimeInSeconds.* less than/,
    ],
    ['without ground truth', { ModelBiasJobInput: {} }, /groundTruthS3Input.* must not be null/i],
    ['on a larger volume than it has', cluster({ InstanceType: 'ml.r5d.large', VolumeSizeInGB: 76 }), /local storage/],
    ['with a key for local storage', cluster({ InstanceType: 'ml.g5.xlarge', VolumeKmsKeyId: 'k' }), /VolumeKmsKeyId/],
  ];
  for (const [what, changes, refusal] of BAD) {
    it(`are refused ${what}`, async () => {
      await assert.rejects(define(changes, what.replace(/\W/g, '-')), ({ message }: Error) => refusal.test(message));
    });
  }

  it('are refused for a type that is not simulated, which is said', async () => {
    await assert.rejects(define({}, 'other', 'AWS::SageMaker::Pipeline'), /TypeNotFoundException: .*does not simulate/);
  });

  it('are refused to a schedule that is too close for how long they may take', async () => {
    const name = 'hourly';
    await define({ JobDefinitionName: name, StoppingCondition: { MaxRuntimeInSeconds: 1_801 } }, name);
    const schedule = account.create('aws:sagemaker/monitoringSchedule:MonitoringSchedule', name, {
      monitoringScheduleConfig: {
        monitoringType: 'ModelBias',
        monitoringJobDefinitionName: name,
        scheduleConfig: { scheduleExpression: 'cron(0 * ? * * *)' },
      },
    });
    await assert.rejects(schedule, /ValidationException: .*MaxRuntimeInSeconds 1801 exceeds 1800/);
  });
});
