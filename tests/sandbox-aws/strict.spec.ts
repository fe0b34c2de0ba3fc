/** What AWS refuses, sent to the stand-in without the schemas of requests, and without Check. */
import assert from 'node:assert/strict';
import set from 'es-toolkit/compat/set';
import unset from 'es-toolkit/compat/unset';
import type { Properties, Property } from '../../sandbox/provider.ts';
import { Account, CONFIG, ENDPOINT, FUNCTION, MODEL, identity, variant } from './support.ts';

const MONITOR = 'aws:sagemaker/monitoringSchedule:MonitoringSchedule';
const TARGET = 'aws:appautoscaling/target:Target';
const ROLE_ARN = 'arn:aws:iam::111111111111:role/r';
const IMAGE = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1';

const config = { name: 'c', productionVariants: [variant('model')] };
const capture = {
  ...config,
  dataCaptureConfig: {
    initialSamplingPercentage: 100,
    destinationS3Uri: 's3://bucket/capture',
    captureOptions: [{ captureMode: 'Input' }],
  },
};
const serverless = { serverlessConfig: { maxConcurrency: 5, memorySizeInMb: 2048 }, variantName: 'v', modelName: 'm' };

/** Type, inputs that are right, what is changed in them (undefined: left out), what AWS says. */
type Row = readonly [type: string, right: Properties, path: string, value: Property | undefined, says: RegExp];

const ROWS: readonly Row[] = [
  [MODEL, { name: 'm', primaryContainer: { image: IMAGE } }, 'primaryContainer.mode', 'Several', /enum value set/],
  [
    MODEL,
    { name: 'm', primaryContainer: { image: IMAGE } },
    'primaryContainer.image',
    'with blank',
    /regular expression pattern/,
  ],
  [CONFIG, config, 'productionVariants[0].instanceType', 'ml.none.large', /enum value set/],
  [CONFIG, config, 'productionVariants[0].initialInstanceCount', 0, /value greater than or equal to/],
  [CONFIG, config, 'productionVariants[0].variantName', undefined, /must not be null/],
  [CONFIG, config, 'productionVariants[0].volumeSizeInGb', 513, /value less than or equal to 512/],
  [CONFIG, config, 'productionVariants[0].modelDataDownloadTimeoutInSeconds', 59, /greater than or equal to 60/],
  [CONFIG, config, 'productionVariants[0].containerStartupHealthCheckTimeoutInSeconds', 3601, /equal to 3600/],
  [CONFIG, config, 'productionVariants[0].acceleratorType', 'ml.none', /enum value set/],
  [CONFIG, capture, 'dataCaptureConfig.initialSamplingPercentage', 101, /equal to 100/],
  [CONFIG, capture, 'dataCaptureConfig.destinationS3Uri', 'bucket', /regular expression pattern/],
  [CONFIG, capture, 'dataCaptureConfig.captureOptions[0].captureMode', 'Both', /enum value set/],
  [
    CONFIG,
    { ...config, productionVariants: [serverless] },
    'productionVariants[0].serverlessConfig.maxConcurrency',
    201,
    /equal to 200/,
  ],
  [
    CONFIG,
    { ...config, productionVariants: [serverless] },
    'productionVariants[0].serverlessConfig.memorySizeInMb',
    512,
    /equal to 1024/,
  ],
  [ENDPOINT, { name: 'e', endpointConfigName: 'c' }, 'endpointConfigName', undefined, /must not be null/],
  [
    ENDPOINT,
    { name: 'e', endpointConfigName: 'c' },
    'endpointConfigName',
    'c'.repeat(64),
    /length less than or equal to 63/,
  ],
  [
    MONITOR,
    { name: 's', monitoringScheduleConfig: { monitoringJobDefinitionName: 'd', monitoringType: 'DataQuality' } },
    'monitoringScheduleConfig.monitoringType',
    'Quality',
    /enum value set/,
  ],
  [
    TARGET,
    {
      serviceNamespace: 'sagemaker',
      resourceId: 'endpoint/e/variant/v',
      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      minCapacity: 1,
      maxCapacity: 2,
    },
    'scalableDimension',
    'sagemaker:variant:Count',
    /enum value set/,
  ],
  [
    FUNCTION,
    { name: 'f', role: ROLE_ARN, handler: 'a.b', runtime: 'nodejs22.x' },
    'runtime',
    'nodejs99.x',
    /enum value set/,
  ],
  [FUNCTION, { name: 'f', role: ROLE_ARN, handler: 'a.b', runtime: 'nodejs22.x' }, 'memorySize', 100, /equal to 128/],
  [
    FUNCTION,
    { name: 'f', role: ROLE_ARN, handler: 'a.b', runtime: 'nodejs22.x' },
    'role',
    'r',
    /regular expression pattern/,
  ],
];

describe('sandbox AWS: what AWS refuses, sent past the schemas', () => {
  for (const [type, right, path, value, says] of ROWS) {
    it(`${type.split(':')[2]} ${path} = ${JSON.stringify(value)}`, async () => {
      const account = await Account.open();
      try {
        const send = async (properties: Properties): Promise<string> => {
          const request = { ...identity(type, 'x'), properties, timeout: 0, preview: false };
          return await account.provider.create(request).then(
            () => '',
            (error: unknown) => (error as Error).message,
          );
        };
        assert.doesNotMatch(await send(right), /validation error/, 'the inputs are right without the change');
        const wrong = structuredClone(right);
        if (value === undefined) unset(wrong, path);
        else set(wrong, path, value);
        const message = await send(wrong);
        assert.match(message, says);
        assert.match(message, /api error ValidationException: \d+ validation errors? detected/);
      } finally {
        await account.remove();
      }
    });
  }
});
