/** Bad requests sent to the sandbox AWS past the schemas of the blueprints: refused there as well, in AWS' code. */
import assert from 'node:assert/strict';
import { CONFIG, ENDPOINT, MODEL, Account, variant } from './support.ts';
import { requireConsistentRequest } from '../../sandbox/aws/request-rules.ts';
import type { Properties } from '../../sandbox/provider.ts';

const image = (repository: string, region = 'us-east-1') =>
  `811284229777.dkr.ecr.${region}.amazonaws.com/${repository}:1`;
const channel = (changes: object) => ({
  ChannelName: 'train',
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://b/data' } },
  ...changes,
});
const AUGMENTED = { S3DataSource: { S3DataType: 'AugmentedManifestFile', S3Uri: 's3://b/m' } };

const TRAINING = {
  AlgorithmSpecification: { TrainingImage: image('sagemaker-xgboost'), TrainingInputMode: 'File' },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 20 },
  StoppingCondition: { MaxRuntimeInSeconds: 600 },
  InputDataConfig: [channel({})],
};
const algorithm = (repository: string, more: object = {}) => ({
  AlgorithmSpecification: { TrainingImage: image(repository), TrainingInputMode: 'File', ...more },
});
const resources = (changes: object) => ({ ResourceConfig: { ...TRAINING.ResourceConfig, ...changes } });
const spot = (wait: number) => ({
  EnableManagedSpotTraining: true,
  StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: wait },
});

const SEARCH = {
  Strategy: 'Bayesian',
  HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'validation:auc' },
  ResourceLimits: { MaxNumberOfTrainingJobs: 4, MaxParallelTrainingJobs: 2 },
  ParameterRanges: {
    ContinuousParameterRanges: [{ Name: 'eta', MinValue: '0.1', MaxValue: '0.3', ScalingType: 'Auto' }],
  },
};
const tuning = (search: object, training: object = {}) => ({
  HyperParameterTuningJobConfig: { ...SEARCH, ...search },
  TrainingJobDefinition: { ...TRAINING, StaticHyperParameters: { num_round: '10' }, ...training },
});
const ranges = (changes: object) => ({ ParameterRanges: changes });
const eta = (changes: object) =>
  ranges({ ContinuousParameterRanges: [{ Name: 'eta', MinValue: '0.1', MaxValue: '0.3', ...changes }] });
const booster = (...Values: string[]) => ranges({ CategoricalParameterRanges: [{ Name: 'booster', Values }] });

const autoMl = (ProblemType: string | undefined, MetricName: string | undefined, output = 'out') => ({
  AutoMLProblemTypeConfig: { TabularJobConfig: { TargetAttributeName: 'y', ...(ProblemType && { ProblemType }) } },
  ...(MetricName && { AutoMLJobObjective: { MetricName } }),
  OutputDataConfig: { S3OutputPath: `s3://b/${output}` },
});

/** Operation, a request that is fine, and changes of it that are not, with a word of the refusal. */
const JOBS: [string, object, [object, RegExp][]][] = [
  [
    'CreateTrainingJob',
    TRAINING,
    [
      [{ ...TRAINING, ...spot(599) }, /MaxWaitTimeInSeconds/],
      [{ ...TRAINING, StoppingCondition: { MaxRuntimeInSeconds: 1, MaxWaitTimeInSeconds: 2 } }, /EnableManagedSpot/],
      [{ ...TRAINING, ...algorithm('kmeans'), ...spot(3_601) }, /3600/],
      [{ ...TRAINING, ...algorithm('lda'), ...resources({ InstanceCount: 2 }) }, /InstanceCount/],
      [{ ...TRAINING, ...algorithm('object-detection') }, /instance type ml\.m5\.large/],
      [{ ...TRAINING, ...algorithm('kmeans', { MetricDefinitions: [{ Name: 'a', Regex: 'b' }] }) }, /override/],
      [{ ...TRAINING, InputDataConfig: [channel({ DataSource: AUGMENTED })] }, /Pipe/],
      [{ ...TRAINING, InputDataConfig: [channel({ DataSource: AUGMENTED, InputMode: 'Pipe' })] }, /AttributeNames/],
      [{ ...TRAINING, InputDataConfig: [channel({ CompressionType: 'Gzip' })] }, /Pipe/],
      [{ ...TRAINING, InputDataConfig: [channel({ RecordWrapperType: 'RecordIO', InputMode: 'File' })] }, /Pipe/],
      [{ ...TRAINING, ...resources({ InstanceType: 'ml.g4dn.xlarge', VolumeSizeInGB: 126 }) }, /local storage/],
      [{ ...TRAINING, ...resources({ InstanceType: 'ml.g5.xlarge', VolumeKmsKeyId: 'k' }) }, /VolumeKmsKeyId/],
      [{ ...TRAINING, AlgorithmSpecification: { TrainingImage: image('kmeans', 'eu-west-1') } }, /region/],
      [{ ...TRAINING, OutputDataConfig: { S3OutputPath: 's3://b/o', KmsKeyId: 'alias/aws/s3' } }, /managed by AWS/],
    ],
  ],
  [
    'CreateHyperParameterTuningJob',
    tuning({}),
    [
      [tuning({ Strategy: 'Grid' }), /categorical/],
      [tuning({ Strategy: 'Grid', ...booster('a', 'b') }), /combinations/],
      [tuning({ Strategy: 'Hyperband', TrainingJobEarlyStoppingType: 'Auto' }), /OFF/],
      [tuning({ Strategy: 'Hyperband' }), /MaxResource/],
      [tuning({ StrategyConfig: { HyperbandStrategyConfig: { MaxResource: 9 } } }), /only supported for Hyperband/],
      [tuning({ ResourceLimits: { MaxNumberOfTrainingJobs: 1, MaxParallelTrainingJobs: 2 } }), /MaxParallel/],
      [tuning({ ResourceLimits: { MaxNumberOfTrainingJobs: 751, MaxParallelTrainingJobs: 2 } }), /750/],
      [tuning({}, { StaticHyperParameters: { eta: '0.1' } }), /eta is given more than once/],
      [tuning(booster('a', 'a')), /unique/],
      [tuning(eta({ MinValue: '1' })), /must not exceed/],
      [tuning(eta({ MinValue: '0', ScalingType: 'Logarithmic' })), /above 0/],
      [tuning(eta({ MaxValue: '1', ScalingType: 'ReverseLogarithmic' })), /0<=x<1/],
      [tuning({ HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'auc' } }), /objective metric/],
      [tuning({ HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'validation:auc' } }), /metric type/],
      [tuning({}, spot(1)), /MaxWaitTimeInSeconds/],
    ],
  ],
  [
    'CreateAutoMLJobV2',
    autoMl('Regression', 'MSE'),
    [
      [autoMl('Regression', undefined), /both/],
      [autoMl(undefined, 'MSE'), /both/],
      [autoMl('Regression', 'AUC'), /AUC is not supported/],
      [autoMl(undefined, undefined, 'x'.repeat(512)), /512/],
    ],
  ],
  [
    'CreateProcessingJob',
    { AppSpecification: { ImageUri: image('clarify') } },
    [
      [{ AppSpecification: { ImageUri: image('clarify', 'eu-west-1') } }, /region/],
      [
        { ProcessingResources: { ClusterConfig: { InstanceType: 'ml.r5d.large', VolumeSizeInGB: 76 } } },
        /local storage/,
      ],
    ],
  ],
];

describe('the sandbox AWS, past the schemas', () => {
  for (const [operation, fine, bad] of JOBS) {
    it(`takes a ${operation} that is fine`, () => {
      requireConsistentRequest(operation, fine as Properties, 'us-east-1');
    });
    bad.forEach(([request, message], index) => {
      it(`refuses ${operation}: ${message.source} (${index + 1})`, () => {
        assert.throws(() => requireConsistentRequest(operation, request as Properties, 'us-east-1'), {
          code: 'ValidationException',
          message,
        });
      });
    });
  }

  describe('resources', () => {
    let account: Account;
    let modelName: string;
    let roleArn: string;
    before(async () => {
      account = await Account.open();
      const model = await account.model();
      modelName = model.id;
      roleArn = String(model.inputs['executionRoleArn']);
    });
    after(() => account.remove());

    const config = (name: string, changes: Properties = {}, ofVariant: Properties = {}) =>
      account.create(CONFIG, name, { productionVariants: [{ ...variant(modelName), ...ofVariant }], ...changes });
    const ASYNC = { asyncInferenceConfig: { outputConfig: { s3OutputPath: 's3://b/out' } } };

    async function target(name: string, made: { id: string }, minCapacity: number) {
      const endpoint = await account.create(ENDPOINT, name, { endpointConfigName: made.id });
      return account.create('aws:appautoscaling/target:Target', name, {
        serviceNamespace: 'sagemaker',
        scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
        resourceId: `endpoint/${endpoint.id}/variant/AllTraffic`,
        minCapacity,
        maxCapacity: 2,
      });
    }

    const shifting = (routing: Properties) => ({
      deploymentConfig: {
        blueGreenUpdatePolicy: { trafficRoutingConfiguration: { waitIntervalInSeconds: 60, ...routing } },
      },
    });
    const size = (value: number) => ({ type: 'CAPACITY_PERCENT', value });

    const BAD: [string, () => Promise<unknown>, RegExp][] = [
      [
        'an image in another region',
        () =>
          account.create(MODEL, 'far', {
            executionRoleArn: roleArn,
            primaryContainer: { image: image('ab', 'eu-west-1') },
          }),
        /must be in the region of the model/,
      ],
      [
        'an artifact that is no archive',
        () =>
          account.create(MODEL, 'pkl', {
            executionRoleArn: roleArn,
            primaryContainer: { image: image('ab'), modelDataUrl: 's3://b/model.pkl' },
          }),
        /\.tar\.gz/,
      ],
      [
        'a volume key on local storage',
        () =>
          config('key', { kmsKeyArn: 'arn:aws:kms:us-east-1:111111111111:key/1' }, { instanceType: 'ml.g5.xlarge' }),
        /KmsKeyId is not supported/,
      ],
      [
        'more provisioned than allowed concurrency',
        () =>
          account.create(CONFIG, 'provisioned', {
            productionVariants: [
              {
                variantName: 'AllTraffic',
                modelName,
                serverlessConfig: { memorySizeInMb: 1024, maxConcurrency: 1, provisionedConcurrency: 2 },
              },
            ],
          }),
        /ProvisionedConcurrency/,
      ],
      [
        'a canary of more than half',
        async () =>
          account.create(ENDPOINT, 'canary', {
            endpointConfigName: (await config('canary')).id,
            ...shifting({ type: 'CANARY', canarySize: size(51) }),
          }),
        /CanarySize/,
      ],
      [
        'linear steps below a tenth',
        async () =>
          account.create(ENDPOINT, 'linear', {
            endpointConfigName: (await config('linear')).id,
            ...shifting({ type: 'LINEAR', linearStepSize: size(9) }),
          }),
        /LinearStepSize/,
      ],
      [
        'automatic scaling of burstable instances',
        async () => target('burst', await config('burst', {}, { instanceType: 'ml.t2.medium' }), 1),
        /not supported for ml\.t2\.medium/,
      ],
      ['zero instances of a real-time endpoint', async () => target('zero', await config('zero'), 0), /cannot be 0/],
      [
        'a schedule NOW without a window',
        () =>
          account.create('aws:sagemaker/monitoringSchedule:MonitoringSchedule', 'now', {
            monitoringScheduleConfig: {
              monitoringType: 'DataQuality',
              monitoringJobDefinitionName: 'd',
              scheduleConfig: { scheduleExpression: 'NOW' },
            },
          }),
        /DataAnalysisStartTime/,
      ],
    ];
    for (const [what, make, message] of BAD) {
      it(`are refused: ${what}`, async () => {
        await assert.rejects(make(), (error: Error) => {
          assert.match(error.message, message);
          assert.match(error.message, /ValidationException/);
          return true;
        });
      });
    }

    it('are taken: zero instances of an asynchronous endpoint', async () => {
      await target('idle', await config('idle', ASYNC), 0);
    });
  });
});
