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

export const JOB_KINDS: readonly JobKind[] = [
  {
    token: 'aws:sagemaker/job:TrainingJob',
    operation: 'TrainingJob',
    title: 'Training job',
    arnKind: 'training-job',
    name: 'TrainingJobName',
    arn: 'TrainingJobArn',
    status: 'TrainingJobStatus',
    role: 'RoleArn',
    detailType: 'SageMaker Training Job State Change',
    seconds: 2,
  },
  {
    token: 'aws:sagemaker/job:HyperParameterTuningJob',
    operation: 'HyperParameterTuningJob',
    title: 'Hyper parameter tuning job',
    arnKind: 'hyper-parameter-tuning-job',
    name: 'HyperParameterTuningJobName',
    arn: 'HyperParameterTuningJobArn',
    status: 'HyperParameterTuningJobStatus',
    role: 'TrainingJobDefinition.RoleArn',
    detailType: 'SageMaker HyperParameter Tuning Job State Change',
    seconds: 2,
  },
  {
    token: 'aws:sagemaker/job:AutoMLJob',
    operation: 'AutoMLJobV2',
    title: 'AutoML job',
    arnKind: 'automl-job',
    name: 'AutoMLJobName',
    arn: 'AutoMLJobArn',
    status: 'AutoMLJobStatus',
    role: 'RoleArn',
    detailType: 'SageMaker AutoML Job State Change',
    seconds: 2,
  },
  {
    token: 'aws:sagemaker/job:TransformJob',
    operation: 'TransformJob',
    title: 'Transform job',
    arnKind: 'transform-job',
    name: 'TransformJobName',
    arn: 'TransformJobArn',
    status: 'TransformJobStatus',
    detailType: 'SageMaker Transform Job State Change',
    seconds: 1,
  },
  {
    token: 'aws:sagemaker/job:ProcessingJob',
    operation: 'ProcessingJob',
    title: 'Processing job',
    arnKind: 'processing-job',
    name: 'ProcessingJobName',
    arn: 'ProcessingJobArn',
    status: 'ProcessingJobStatus',
    role: 'RoleArn',
    detailType: 'SageMaker Processing Job State Change',
    seconds: 1,
  },
];
