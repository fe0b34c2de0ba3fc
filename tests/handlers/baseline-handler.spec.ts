/** What the handler of baselines does besides making a job: it configures Clarify, and waits. */
import assert from 'node:assert/strict';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateProcessingJobCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeProcessingJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { BaselineDefinition } from '../../blueprints/model-monitor/handler.ts';
import { handler } from '../../blueprints/model-monitor/handler.ts';
import { withEnvironment, withJob } from './support.ts';

const ROLE = 'arn:aws:iam::111111111111:role/job';
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012';
const OUTPUT = 's3://bucket/base/endpoint-modelbias-1234';
const PLAIN: BaselineDefinition = { baseName: 'base', wholeName: 'base', nameLimit: 63, tags: {}, request: {} };
const BY_CLARIFY: BaselineDefinition = {
  ...PLAIN,
  clarify: {
    kind: 'model_bias',
    endpointName: 'endpoint',
    data: 'path/to/baseline.csv',
    output: OUTPUT,
    request: {
      assetsBucket: 'assets',
      instance_type: 'ml.m5.large',
      bias_config: { label_values_or_threshold: 1, facet_name: 'age' },
    },
  },
};

const mockSageMaker = () => mockClient(SageMakerClient);
const mockS3 = () => mockClient(S3Client);

describe('handler of baselines', () => {
  let sagemaker: ReturnType<typeof mockSageMaker>;
  let s3: ReturnType<typeof mockS3>;
  const restore: (() => void)[] = [];
  let definition: BaselineDefinition;

  before(() => {
    sagemaker = mockSageMaker();
    s3 = mockS3();
    restore.push(withEnvironment({ JOB_ROLE_ARN: ROLE, AWS_REGION: 'us-east-1' }));
    restore.push(withJob(() => definition));
  });
  after(() => {
    for (const undo of [() => sagemaker.restore(), () => s3.restore(), ...restore]) undo();
  });
  beforeEach(() => {
    definition = PLAIN;
    sagemaker.reset();
    s3.reset();
    sagemaker.on(CreateProcessingJobCommand).resolves({});
    sagemaker.on(DescribeProcessingJobCommand).resolves({ ProcessingJobStatus: 'Completed' });
    sagemaker.on(DescribeEndpointCommand).resolves({ EndpointConfigName: 'config' });
    sagemaker.on(DescribeEndpointConfigCommand).resolves({
      ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: 'model' }],
    });
    const Body = { transformToString: async () => 'label,age\r\n1,40\r\n' };
    s3.on(GetObjectCommand).resolves({ Body: Body as never });
    s3.on(PutObjectCommand).resolves({});
  });

  it('answers when the job is through, not before', async () => {
    sagemaker
      .on(DescribeProcessingJobCommand)
      .resolvesOnce({ ProcessingJobStatus: 'InProgress' })
      .resolves({ ProcessingJobStatus: 'Completed' });
    assert.deepEqual(await handler({ run: '1-a' }), { jobName: 'base', status: 'Completed' });
    assert.equal(sagemaker.commandCalls(DescribeProcessingJobCommand).length, 2);
    assert.equal(s3.calls().length, 0, 'the analyzer needs no configuration');
  });

  for (const [status, why, reason] of [
    ['Failed', { FailureReason: 'AlgorithmError: no header' }, 'AlgorithmError: no header'],
    ['Stopped', { ExitMessage: 'The limit of time was reached' }, 'The limit of time was reached'],
    ['Stopped', {}, 'no reason was given'],
  ] as const) {
    it(`throws with the reason where the job is ${status}: ${reason}`, async () => {
      sagemaker.on(DescribeProcessingJobCommand).resolves({ ProcessingJobStatus: status, ...why });
      await assert.rejects(handler({ run: '1-a' }), { message: `Baseline job base is ${status}: ${reason}` });
    });
  }

  for (const [what, kmsKeyArn] of [
    ['with a key', KEY],
    ['without one', undefined],
  ] as const) {
    it(`writes Clarify’s configurations before it makes the job, ${what}`, async () => {
      definition = BY_CLARIFY;
      if (kmsKeyArn && BY_CLARIFY.clarify) definition = { ...PLAIN, clarify: { ...BY_CLARIFY.clarify, kmsKeyArn } };
      let madeAfter = -1;
      sagemaker.on(CreateProcessingJobCommand).callsFake(() => {
        madeAfter = s3.commandCalls(PutObjectCommand).length;
        return {};
      });
      await handler({ run: '1-a' });
      assert.equal(madeAfter, 2);
      const [read] = s3.commandCalls(GetObjectCommand);
      assert.deepEqual(read?.args[0].input, {
        Bucket: 'assets',
        Key: 'path/to/baseline.csv',
        Range: 'bytes=0-1048575',
      });
      const put = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
      assert.deepEqual(
        put.map(({ Bucket, Key }) => `${Bucket}/${Key}`),
        [
          'bucket/base/endpoint-modelbias-1234/analysis_config.json',
          'bucket/base/endpoint-modelbias-1234/monitor/analysis_config.json',
        ],
      );
      for (const { Body, SSEKMSKeyId, ServerSideEncryption } of put) {
        assert.deepEqual((JSON.parse(String(Body)) as { headers: string[] }).headers, ['label', 'age']);
        assert.deepEqual([ServerSideEncryption, SSEKMSKeyId], kmsKeyArn ? ['aws:kms', KEY] : [undefined, undefined]);
      }
      assert.equal(
        (JSON.parse(String(put[0]?.Body)) as { predictor: { model_name: string } }).predictor.model_name,
        'model',
      );
    });
  }

  it('makes no job where the endpoint serves no model', async () => {
    definition = BY_CLARIFY;
    sagemaker.on(DescribeEndpointConfigCommand).resolves({ ProductionVariants: [{ VariantName: 'AllTraffic' }] });
    await assert.rejects(
      handler({ run: '1-a' }),
      /^Error: Endpoint endpoint serves no model that Clarify can invoke\.$/,
    );
    assert.equal(sagemaker.commandCalls(CreateProcessingJobCommand).length, 0);
  });
});
