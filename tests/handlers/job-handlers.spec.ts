/** What the handlers of jobs send, in their own process, with the SDK's clients mocked. */
import assert from 'node:assert/strict';
import {
  CreateAutoMLJobV2Command,
  CreateHyperParameterTuningJobCommand,
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  CreateTransformJobCommand,
  DescribeAutoMLJobV2Command,
  DescribeHyperParameterTuningJobCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  ListTagsCommand,
  SageMakerClient,
  SageMakerServiceException,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { after, before, beforeEach, describe, it } from 'mocha';
import { handler as makeAutopilotJob } from '../../blueprints/autopilot/handler.ts';
import { handler as makeTransformJob } from '../../blueprints/batch-transform/handler.ts';
import { handler as makeTuningJob } from '../../blueprints/hyperparameter-tuning/handler.ts';
import { handler as makeBaseline } from '../../blueprints/model-monitor/handler.ts';
import { handler as makeTrainingJob } from '../../blueprints/model-training/handler.ts';
import type { JobDefinition, JobEvent } from '../../blueprints/shared/lambda/job-run.ts';
import { RUN_TAG } from '../../blueprints/shared/lambda/job-run.ts';
import { withEnvironment, withJob } from './support.ts';

const ROLE = 'arn:aws:iam::111111111111:role/job';
const RUN = '1-abcdef';
const TAGS = [
  { Key: 'mlops:pipeline-id', Value: 'id' },
  { Key: RUN_TAG, Value: `${RUN}@churn-job` },
];
const CHECKPOINTS = { CheckpointConfig: { S3Uri: 's3://assets/out' } };
const checkpointsOf = (name: string) => ({ CheckpointConfig: { S3Uri: `s3://assets/out/${name}/checkpoint` } });

/** `expected`: what SageMaker is asked for besides name and tags. */
const HANDLERS = [
  {
    what: 'training job',
    handler: makeTrainingJob,
    commands: [CreateTrainingJobCommand, DescribeTrainingJobCommand],
    keys: { name: 'TrainingJobName', arn: 'TrainingJobArn', status: 'TrainingJobStatus' },
    limit: 63,
    request: { HyperParameters: { num_round: '4' }, ...CHECKPOINTS },
    expected: (name: string) => ({ HyperParameters: { num_round: '4' }, RoleArn: ROLE, ...checkpointsOf(name) }),
  },
  {
    what: 'tuning job',
    handler: makeTuningJob,
    commands: [CreateHyperParameterTuningJobCommand, DescribeHyperParameterTuningJobCommand],
    keys: {
      name: 'HyperParameterTuningJobName',
      arn: 'HyperParameterTuningJobArn',
      status: 'HyperParameterTuningJobStatus',
    },
    limit: 32,
    request: { HyperParameterTuningJobConfig: { Strategy: 'Random' }, TrainingJobDefinition: CHECKPOINTS },
    expected: (name: string) => ({
      HyperParameterTuningJobConfig: { Strategy: 'Random' },
      TrainingJobDefinition: { RoleArn: ROLE, ...checkpointsOf(name) },
    }),
  },
  {
    what: 'Autopilot job',
    handler: makeAutopilotJob,
    commands: [CreateAutoMLJobV2Command, DescribeAutoMLJobV2Command],
    keys: { name: 'AutoMLJobName', arn: 'AutoMLJobArn', status: 'AutoMLJobStatus' },
    limit: 32,
    request: { AutoMLJobObjective: { MetricName: 'AUC' } },
    expected: () => ({ AutoMLJobObjective: { MetricName: 'AUC' }, RoleArn: ROLE }),
  },
  {
    what: 'transform job',
    handler: makeTransformJob,
    commands: [CreateTransformJobCommand, DescribeTransformJobCommand],
    keys: { name: 'TransformJobName', arn: 'TransformJobArn', status: 'TransformJobStatus' },
    limit: 63,
    request: { TransformOutput: { S3OutputPath: 's3://bucket/out' } },
    expected: () => ({ TransformOutput: { S3OutputPath: 's3://bucket/out' }, ModelName: 'model' }),
  },
  {
    what: 'baseline',
    handler: makeBaseline,
    commands: [CreateProcessingJobCommand, DescribeProcessingJobCommand],
    keys: { name: 'ProcessingJobName', arn: 'ProcessingJobArn', status: 'ProcessingJobStatus' },
    limit: 63,
    request: { AppSpecification: { ImageUri: 'image' } },
    expected: () => ({ AppSpecification: { ImageUri: 'image' }, RoleArn: ROLE }),
  },
] as const;

/** The SDK's commands have no common type. */
type Command = typeof DescribeTrainingJobCommand;

const mockSageMaker = () => mockClient(SageMakerClient);

describe('handlers of jobs', () => {
  let sagemaker: ReturnType<typeof mockSageMaker>;
  let definition: JobDefinition;
  const restore: (() => void)[] = [];

  before(() => {
    sagemaker = mockSageMaker();
    restore.push(
      withEnvironment({
        JOB_ROLE_ARN: ROLE,
        MODEL_NAME: 'model',
        AWS_REGION: 'us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: 'churn-job',
      }),
    );
    restore.push(withJob(() => definition));
  });
  after(() => {
    sagemaker.restore();
    for (const undo of restore) undo();
  });
  beforeEach(() => {
    sagemaker.reset();
  });

  for (const { what, handler, commands, keys, limit, request, expected } of HANDLERS) {
    const [Create, Describe] = commands as unknown as [Command, Command];
    const call = handler as (event: JobEvent | null) => Promise<{ jobName: string; created?: boolean }>;
    const refusal = (name: string, message: string) =>
      new SageMakerServiceException({ name, message, $fault: 'client', $metadata: {} });
    const asked = () =>
      sagemaker.commandCalls(Create).map(({ args }) => args[0].input as unknown as Record<string, unknown>);
    const describedAs = (status: string) =>
      sagemaker.on(Describe).resolves({ [keys.arn]: 'arn:job', [keys.status]: status });

    describe(what, () => {
      beforeEach(() => {
        definition = {
          baseName: 'churn',
          nameLimit: limit,
          tags: { 'mlops:pipeline-id': 'id' },
          request: { ...request },
        };
        describedAs('Completed');
        sagemaker.on(ListTagsCommand).resolves({ Tags: TAGS });
      });

      it('is asked for once, with what job.json says, the role, and a name and tags for this change', async () => {
        sagemaker.on(Create).resolves({});
        const { jobName } = await call({ run: RUN });
        assert.equal(jobName, 'churn-1-abcdef');
        assert.deepEqual(asked(), [{ ...expected(jobName), [keys.name]: jobName, Tags: TAGS }]);
      });

      it('is found again where the call for this change comes a second time', async () => {
        sagemaker.on(Create).rejects(refusal('ResourceInUse', 'The name is taken.'));
        assert.equal((await call({ run: RUN })).jobName, 'churn-1-abcdef');
        assert.equal(asked().length, 1);
        const [tags] = sagemaker.commandCalls(ListTagsCommand);
        assert.deepEqual(tags?.args[0].input, { ResourceArn: 'arn:job' });
      });

      it('fails in SageMaker’s own words', async () => {
        const words = 'The account-level service limit is 0 Instances.';
        sagemaker.on(Create).rejects(refusal('ResourceLimitExceeded', words));
        await assert.rejects(call({ run: RUN }), { name: 'ResourceLimitExceeded', message: words });
        assert.equal(asked().length, 1);
      });

      it('is made once more for a person who calls with an empty object or with nothing', async () => {
        sagemaker.on(Create).resolves({});
        const names = [(await call({})).jobName, (await call(null)).jobName];
        for (const name of names) assert.match(name, /^churn-[0-9a-f]{8}$/);
        assert.equal(new Set(names).size, 2);
        assert.deepEqual(asked()[0]?.Tags, [TAGS[0], { Key: RUN_TAG, Value: 'by hand' }]);
      });

      it(`has a name of at most ${limit} characters`, async () => {
        sagemaker.on(Create).resolves({});
        definition = { ...definition, fixedName: 'n'.repeat(limit) };
        await call({ run: RUN });
        await call({});
        const names = asked().map((input) => String(input[keys.name]));
        assert.equal(names[0], 'n'.repeat(limit));
        assert.match(names[1] ?? '', new RegExp(`^n{${limit - 9}}-[0-9a-f]{8}$`));
      });
    });
  }
});
