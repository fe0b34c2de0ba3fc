/** Permissions of the deployment role: the jobs of pipelines looked at, for `GET /pipelines/{id}/jobs`. Reads only. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, ofPipeline } from '../scope.ts';

/** Kind in ARNs → operation. Jobs have names of the caller's choice: they are known by the tag of their pipeline. */
const TRAINING = {
  'automl-job': 'AutoMLJobV2',
  'hyper-parameter-tuning-job': 'HyperParameterTuningJob',
} as const;

/** Those of training, tuning and Autopilot. What model cards look up, any training job, is with them. */
export function readTrainingJobs(scope: Scope): Statement[] {
  return [
    look('Training', scope, TRAINING),
    tags('Training', scope, [...Object.keys(TRAINING), 'training-job']),
    list('Training', ['ListAutoMLJobs', 'ListHyperParameterTuningJobs', 'ListTrainingJobs']),
  ];
}

/** Transform jobs, baselines, and what the schedules of monitors ran, with the violations that it found. */
export function readServingJobs(scope: Scope): Statement[] {
  return [
    look('Transform', scope, { 'transform-job': 'TransformJob' }),
    {
      // Runs of a monitor have the names, and the tags, that SageMaker gives them.
      Sid: 'LookAtMonitorJobs',
      Effect: 'Allow',
      Action: 'sagemaker:DescribeProcessingJob',
      Resource: arn(scope, 'sagemaker', 'processing-job/*'),
    },
    tags('Serving', scope, ['processing-job', 'transform-job']),
    list('Serving', ['ListMonitoringExecutions', 'ListProcessingJobs', 'ListTransformJobs']),
    {
      // Nothing of the data but the report.
      Sid: 'ReadViolations',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: scope.dataBucketArns.map((bucket) => `${bucket}/*/constraint_violations.json`),
    },
  ];
}

function look(what: string, scope: Scope, kinds: Readonly<Record<string, string>>): Statement {
  return {
    Sid: `LookAt${what}Jobs`,
    Effect: 'Allow',
    Action: Object.values(kinds).map((operation) => `sagemaker:Describe${operation}`),
    Resource: Object.keys(kinds).map((kind) => arn(scope, 'sagemaker', `${kind}/*`)),
    Condition: ofPipeline(scope),
  };
}

/** Whose a job is, is what its tags are read for. */
function tags(what: string, scope: Scope, kinds: readonly string[]): Statement {
  return {
    Sid: `ReadTagsOf${what}Jobs`,
    Effect: 'Allow',
    Action: 'sagemaker:ListTags',
    Resource: kinds.map((kind) => arn(scope, 'sagemaker', `${kind}/*`)),
  };
}

/** These list, and have no way to name one. */
function list(what: string, actions: readonly string[]): Statement {
  return {
    Sid: `List${what}Jobs`,
    Effect: 'Allow',
    Action: actions.map((action) => `sagemaker:${action}`),
    Resource: '*',
  };
}
