/** SageMaker's kinds of jobs, as far as the sandbox runs them. Data only. */

export interface JobKind {
  /** Resource type in the store, the journal and in SANDBOX_FAULTS. */
  readonly token: string;
  /** As in the operations: `Create<operation>`, `Describe<operation>`. */
  readonly operation: string;
  /** For people. */
  readonly title: string;
  readonly arnKind: string;
  /** Keys of request and answer. */
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  /** Dotted path of the role in the request, if it has one. */
  readonly role?: string;
  readonly detailType: string;
  /** How long a job takes at speed 1. */
  readonly seconds: number;
}

/** Most names follow from that of the type. @param words as in the events of EventBridge */
function kind(
  type: string,
  words: string,
  more: Pick<JobKind, 'title' | 'arnKind' | 'role' | 'seconds'> & Partial<JobKind>,
): JobKind {
  return {
    token: `aws:sagemaker/job:${type}`,
    operation: type,
    name: `${type}Name`,
    arn: `${type}Arn`,
    status: `${type}Status`,
    detailType: `SageMaker ${words} Job State Change`,
    ...more,
  };
}

export const JOB_KINDS: readonly JobKind[] = [
  kind('TrainingJob', 'Training', { title: 'Training job', arnKind: 'training-job', role: 'RoleArn', seconds: 2 }),
  kind('HyperParameterTuningJob', 'HyperParameter Tuning', {
    title: 'Hyper parameter tuning job',
    arnKind: 'hyper-parameter-tuning-job',
    role: 'TrainingJobDefinition.RoleArn',
    seconds: 2,
  }),
  kind('AutoMLJob', 'AutoML', {
    operation: 'AutoMLJobV2',
    title: 'AutoML job',
    arnKind: 'automl-job',
    role: 'RoleArn',
    seconds: 2,
  }),
  kind('TransformJob', 'Transform', { title: 'Transform job', arnKind: 'transform-job', seconds: 1 }),
  kind('ProcessingJob', 'Processing', {
    title: 'Processing job',
    arnKind: 'processing-job',
    role: 'RoleArn',
    seconds: 1,
  }),
];
