/** The rows of the table of commands for `GET /pipelines/{id}/jobs`. */
import { ACCOUNT } from '../../blueprints/testing.ts';
import type { At, DeploymentCall } from './call-shapes.ts';
import { ASSETS, DATA, NOT_OURS, TAGGED, arn, bucket, elsewhere, ofStranger, onEverything } from './call-shapes.ts';
import type { Call } from './simulator.ts';

const TRAINING = ['orchestrator'] as const;
const SERVING = ['environments'] as const;
const BOTH = ['environments', 'orchestrator'] as const;

const list = (command: string, placements: DeploymentCall['placements']): DeploymentCall => ({
  file: 'automation/aws/aws-job-list.ts',
  command: `client-sagemaker ${command}Command`,
  placements,
  ...onEverything(`sagemaker:${command}`),
});

/** Of one kind of job, by its tag; without one where it bears none, or where model cards look it up anyhow. */
const describe = (command: string, kind: string, placements: DeploymentCall['placements'], byTag = true) => {
  const on = (at: At, tags?: Record<string, string>): Call[] => {
    const job = arn('sagemaker', at, `${kind}/churn-1`);
    return [tags ? [`sagemaker:${command}`, job, tags] : [`sagemaker:${command}`, job]];
  };
  const tags = byTag ? TAGGED : undefined;
  return {
    file: 'automation/aws/aws-job-details.ts',
    command: `client-sagemaker ${command}Command`,
    placements,
    may: (at) => on(at, tags),
    mayNot: (at) => [...on(ofStranger(at), tags), ...on(elsewhere(at), tags), ...(byTag ? on(at) : [])],
  } satisfies DeploymentCall;
};

export const JOB_CALLS: readonly DeploymentCall[] = [
  list('ListTrainingJobs', TRAINING),
  list('ListHyperParameterTuningJobs', TRAINING),
  list('ListAutoMLJobs', TRAINING),
  list('ListTransformJobs', SERVING),
  list('ListProcessingJobs', SERVING),
  list('ListMonitoringExecutions', SERVING),
  {
    // Whose a job is.
    file: 'automation/aws/aws-jobs.ts',
    command: 'client-sagemaker ListTagsCommand',
    placements: BOTH,
    may: (at) => [
      ['sagemaker:ListTags', arn('sagemaker', at, `${at.account === ACCOUNT ? 'training' : 'transform'}-job/churn-1`)],
    ],
    mayNot: (at) => [
      ['sagemaker:ListTags', arn('sagemaker', at, 'notebook-instance/any')],
      ['sagemaker:ListTags', arn('sagemaker', ofStranger(at), 'training-job/churn-1')],
    ],
  },
  describe('DescribeTrainingJob', 'training-job', TRAINING, false),
  describe('DescribeHyperParameterTuningJob', 'hyper-parameter-tuning-job', TRAINING),
  describe('DescribeAutoMLJobV2', 'automl-job', TRAINING),
  describe('DescribeTransformJob', 'transform-job', SERVING),
  describe('DescribeProcessingJob', 'processing-job', SERVING, false),
  {
    // What a run of a monitor found: the report, and nothing else of the data.
    file: 'automation/aws/aws-job-details.ts',
    command: 'client-s3 GetObjectCommand',
    placements: SERVING,
    may: () => [
      ['s3:GetObject', bucket(DATA, 'monitoring/churn/churn-1/2026/01/02/03/constraint_violations.json')],
      ['s3:GetObject', bucket(ASSETS, 'monitoring/churn/churn-1/2026/01/02/03/constraint_violations.json')],
    ],
    mayNot: () => [
      ['s3:GetObject', bucket(DATA, 'monitoring/churn/churn-1/2026/01/02/03/captured.jsonl')],
      ['s3:GetObject', bucket(NOT_OURS, 'monitoring/constraint_violations.json')],
    ],
  },
];
