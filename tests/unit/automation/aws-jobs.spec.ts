/** The jobs of a pipeline on AWS: what is asked of SageMaker, and what its answers become. */
import assert from 'node:assert/strict';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeAutoMLJobV2Command,
  DescribeHyperParameterTuningJobCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  ListAutoMLJobsCommand,
  ListHyperParameterTuningJobsCommand,
  ListMonitoringExecutionsCommand,
  ListProcessingJobsCommand,
  ListTagsCommand,
  ListTrainingJobsCommand,
  ListTransformJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { after, afterEach, before, describe, it } from 'mocha';
import { jobsWith } from '../../../automation/aws/aws-jobs.ts';
import type { JobQuery } from '../../../automation/aws/job-calls.ts';
import { readViolations } from '../../../automation/aws/violations.ts';

const PIPELINE = 'mlops-pipeline-churn-modeltraining';
const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 3, minute));
const own = { Tags: [{ Key: 'mlops:pipeline-id', Value: PIPELINE }] };

/** Made when the tests run: other specs mock the same clients. */
const mocks = () => ({ sagemaker: mockClient(SageMakerClient), s3: mockClient(S3Client) });

describe('jobs on AWS', () => {
  let { sagemaker, s3 } = {} as ReturnType<typeof mocks>;
  before(() => void ({ sagemaker, s3 } = mocks()));
  afterEach(() => [sagemaker, s3].forEach((one) => one.reset()));
  after(() => [sagemaker, s3].forEach((one) => one.restore()));

  const ask = async (query: Partial<JobQuery> & Pick<JobQuery, 'kind' | 'names'>) =>
    await jobsWith(
      new SageMakerClient({ region: 'us-east-1' }),
      new S3Client({ region: 'us-east-1' }),
      { pipelineId: PIPELINE, limit: 10, ...query },
      new AbortController().signal,
    );
  const listed = (name: string, minute: number) => ({
    TrainingJobName: name,
    TrainingJobArn: `arn:${name}`,
    TrainingJobStatus: 'Completed' as const,
    CreationTime: at(minute),
  });

  it('finds training jobs by name and tag, over the pages of SageMaker, newest first', async () => {
    sagemaker
      .on(ListTrainingJobsCommand, { NextToken: undefined })
      .resolves({
        TrainingJobSummaries: [listed('not-churn-training-9', 59), listed('churn-training-2', 40)],
        NextToken: 'a',
      })
      .on(ListTrainingJobsCommand, { NextToken: 'a' })
      .resolves({ TrainingJobSummaries: [listed('churn-training-of-another', 30), listed('churn-training-1', 20)] })
      .on(ListTagsCommand)
      .resolves(own)
      .on(ListTagsCommand, { ResourceArn: 'arn:churn-training-of-another' })
      .resolves({ Tags: [{ Key: 'mlops:pipeline-id', Value: 'another' }] })
      .on(DescribeTrainingJobCommand, { TrainingJobName: 'churn-training-2' })
      .resolves({
        TrainingEndTime: at(45),
        ModelArtifacts: { S3ModelArtifacts: 's3://assets/out/churn-training-2/output/model.tar.gz' },
        FinalMetricDataList: [{ MetricName: 'validation:auc', Value: 0.91 }],
      })
      .on(DescribeTrainingJobCommand, { TrainingJobName: 'churn-training-1' })
      .resolves({ TrainingEndTime: at(25), FailureReason: 'AlgorithmError: no header' });
    const { jobs, next } = await ask({ kind: 'training', names: ['churn-training-*'], before: at(59).toISOString() });
    assert.deepEqual(jobs, [
      {
        kind: 'training',
        name: 'churn-training-2',
        arn: 'arn:churn-training-2',
        status: 'Completed',
        created: at(40).toISOString(),
        ended: at(45).toISOString(),
        artifact: 's3://assets/out/churn-training-2/output/model.tar.gz',
        metrics: [{ name: 'validation:auc', value: 0.91 }],
      },
      {
        kind: 'training',
        name: 'churn-training-1',
        arn: 'arn:churn-training-1',
        status: 'Completed',
        created: at(20).toISOString(),
        ended: at(25).toISOString(),
        failureReason: 'AlgorithmError: no header',
        metrics: [],
      },
    ]);
    assert.equal(next, undefined);
    const [first] = sagemaker.commandCalls(ListTrainingJobsCommand);
    assert.deepEqual(first?.args[0].input, {
      NameContains: 'churn-training-',
      CreationTimeBefore: at(59),
      NextToken: undefined,
      MaxResults: 100,
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
    });
  });

  it('says where to continue: after the last job of a full page, or where it stopped looking', async () => {
    sagemaker
      .on(ListTrainingJobsCommand)
      .resolves({ TrainingJobSummaries: [listed('churn-training-2', 40), listed('churn-training-1', 20)] })
      .on(ListTagsCommand)
      .resolves(own)
      .on(DescribeTrainingJobCommand)
      .resolves({});
    const full = await ask({ kind: 'training', names: ['churn-training-*'], limit: 1 });
    assert.deepEqual([full.jobs.map(({ name }) => name), full.next], [['churn-training-2'], at(40).toISOString()]);
    sagemaker.on(ListTrainingJobsCommand).resolves({ TrainingJobSummaries: [listed('others', 7)], NextToken: 'more' });
    sagemaker.resetHistory();
    const scanned = await ask({ kind: 'training', names: ['churn-training-*'] });
    assert.deepEqual(scanned, { jobs: [], next: at(7).toISOString() });
    assert.equal(sagemaker.commandCalls(ListTrainingJobsCommand).length, 5);
  });

  it('shows the best training job of a tuning job, with its model and metrics', async () => {
    sagemaker
      .on(ListHyperParameterTuningJobsCommand)
      .resolves({
        HyperParameterTuningJobSummaries: [
          {
            HyperParameterTuningJobName: 'own-name',
            HyperParameterTuningJobArn: 'arn:tuner',
            HyperParameterTuningJobStatus: 'Completed',
            CreationTime: at(1),
          } as never,
        ],
      })
      .on(ListTagsCommand)
      .resolves(own)
      .on(DescribeHyperParameterTuningJobCommand)
      .resolves({
        BestTrainingJob: {
          TrainingJobName: 'own-name-007',
          FinalHyperParameterTuningJobObjectiveMetric: { MetricName: 'validation:auc', Value: 0.9 },
        } as never,
        TrainingJobStatusCounters: { Completed: 7, InProgress: 0 },
      })
      .on(DescribeTrainingJobCommand, { TrainingJobName: 'own-name-007' })
      .resolves({ ModelArtifacts: { S3ModelArtifacts: 's3://assets/best.tar.gz' } });
    const { jobs } = await ask({ kind: 'tuning', names: ['own-name', 'own-name-*'] });
    const [job] = jobs;
    assert.deepEqual(
      [job?.best, job?.artifact, job?.metrics, job?.trainingJobs],
      [
        'own-name-007',
        's3://assets/best.tar.gz',
        [{ name: 'validation:auc', value: 0.9 }],
        { Completed: 7, InProgress: 0 },
      ],
    );
  });

  it('shows the best candidate of an Autopilot job, the results of a transform job, and why a baseline failed', async () => {
    const Created = { CreationTime: at(1) };
    sagemaker
      .on(ListTagsCommand)
      .resolves(own)
      .on(ListAutoMLJobsCommand)
      .resolves({ AutoMLJobSummaries: [{ AutoMLJobName: 'churn-1', AutoMLJobArn: 'a', ...Created } as never] })
      .on(DescribeAutoMLJobV2Command)
      .resolves({
        BestCandidate: {
          CandidateName: 'best',
          FinalAutoMLJobObjectiveMetric: { MetricName: 'AUC', Value: 0.8 },
          InferenceContainers: [{ ModelDataUrl: 's3://assets/candidate.tar.gz' }],
        } as never,
      })
      .on(ListTransformJobsCommand)
      .resolves({ TransformJobSummaries: [{ TransformJobName: 'churn-1', TransformJobArn: 't', ...Created } as never] })
      .on(DescribeTransformJobCommand)
      .resolves({ TransformOutput: { S3OutputPath: 's3://results/' } })
      .on(ListProcessingJobsCommand)
      .resolves({
        ProcessingJobSummaries: [
          { ProcessingJobName: 'churn-1', ProcessingJobArn: 'p', ProcessingJobStatus: 'Failed', ...Created } as never,
        ],
      })
      .on(DescribeProcessingJobCommand)
      .resolves({ ProcessingJobStatus: 'Failed', ExitMessage: 'The data has no header.' });
    const [autopilot] = (await ask({ kind: 'autopilot', names: ['churn-*'] })).jobs;
    assert.deepEqual(
      [autopilot?.best, autopilot?.artifact, autopilot?.metrics],
      ['best', 's3://assets/candidate.tar.gz', [{ name: 'AUC', value: 0.8 }]],
    );
    assert.equal((await ask({ kind: 'transform', names: ['churn-*'] })).jobs[0]?.output, 's3://results/');
    assert.equal(
      (await ask({ kind: 'baseline', names: ['churn-*'] })).jobs[0]?.failureReason,
      'The data has no header.',
    );
  });

  it('shows the runs of a monitor with what they found, without the report where it may not be read', async () => {
    sagemaker
      .on(ListMonitoringExecutionsCommand, { MonitoringScheduleName: 'churn-dataquality-1' })
      .resolves({
        MonitoringExecutionSummaries: [
          {
            MonitoringScheduleName: 'churn-dataquality-1',
            MonitoringExecutionStatus: 'CompletedWithViolations',
            ProcessingJobArn: 'arn:aws:sagemaker:us-east-1:1:processing-job/model-monitoring-1',
            ScheduledTime: at(0),
            CreationTime: at(2),
            LastModifiedTime: at(9),
          },
          {
            MonitoringScheduleName: 'churn-dataquality-1',
            MonitoringExecutionStatus: 'Pending',
            ScheduledTime: at(0),
            CreationTime: at(1),
            LastModifiedTime: at(1),
          },
        ],
      })
      .on(DescribeProcessingJobCommand, { ProcessingJobName: 'model-monitoring-1' })
      .resolves({
        ExitMessage: 'CompletedWithViolations: Job completed successfully with 50 violations.',
        ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: 's3://data/out' } } as never] },
      });
    const report = '{"violations": [{"feature_name": "age", "constraint_check_type": "data_type_check"}]}';
    s3.on(GetObjectCommand, { Bucket: 'data', Key: 'out/constraint_violations.json' }).resolves({
      Body: { transformToString: async () => report } as never,
    });
    const query = { kind: 'monitoring', names: ['churn-dataquality-1'] } as const;
    const { jobs } = await ask(query);
    const arn = 'arn:aws:sagemaker:us-east-1:1:processing-job/model-monitoring-1';
    const violations = { count: 50, report: 's3://data/out/constraint_violations.json' };
    const found = {
      kind: 'monitoring',
      name: 'model-monitoring-1',
      arn,
      status: 'CompletedWithViolations',
      created: at(2).toISOString(),
      ended: at(9).toISOString(),
      scheduled: at(0).toISOString(),
      metrics: [],
      output: 's3://data/out',
    };
    assert.deepEqual(jobs, [
      { ...found, violations: { ...violations, entries: [{ feature: 'age', check: 'data_type_check' }] } },
      {
        kind: 'monitoring',
        name: 'churn-dataquality-1',
        status: 'Pending',
        created: at(1).toISOString(),
        scheduled: at(0).toISOString(),
        metrics: [],
      },
    ]);
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied' });
    s3.on(GetObjectCommand).rejects(denied);
    assert.deepEqual((await ask(query)).jobs[0], { ...found, violations });

    // Of a run whose job was deleted, there is no report to ask for: the SDK refuses a request without a bucket.
    const gone = Object.assign(new Error('Could not find requested job'), { name: 'ResourceNotFound' });
    sagemaker.on(DescribeProcessingJobCommand).rejects(gone);
    sagemaker.on(DescribeProcessingJobCommand, { ProcessingJobName: 'model-monitoring-1' }).rejects(gone);
    s3.on(GetObjectCommand).rejects(new Error('No value provided for input HTTP label: Bucket.'));
    const { output, ...withoutOutput } = found;
    assert.ok(output);
    assert.deepEqual((await ask(query)).jobs[0], { ...withoutOutput, violations: {} });
  });

  it('has no runs of a schedule that does not exist, and passes any other error on', async () => {
    const gone = Object.assign(new Error('Requested resource not found.'), { name: 'ResourceNotFound' });
    sagemaker.on(ListMonitoringExecutionsCommand).rejects(gone);
    assert.deepEqual(await ask({ kind: 'monitoring', names: ['gone'] }), { jobs: [] });
    sagemaker.on(ListTransformJobsCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await assert.rejects(ask({ kind: 'transform', names: ['churn-*'] }), { name: 'AccessDeniedException' });
  });
});

describe('the report of a monitor', () => {
  it('is read in the keys of SageMaker and of Clarify, as far as it is shown', () => {
    const clarify = { facet: 'age', metric_name: 'DPPL', constraint_check_type: 'bias_drift_check', description: 'd' };
    assert.deepEqual(readViolations(JSON.stringify({ violations: [clarify, null] })), [
      { feature: 'age', check: 'bias_drift_check', description: 'd' },
      {},
    ]);
    assert.equal(readViolations(JSON.stringify({ violations: Array(99).fill(clarify) }))?.length, 20);
    assert.equal(readViolations('no JSON'), undefined);
    assert.equal(readViolations('{}'), undefined);
  });
});
