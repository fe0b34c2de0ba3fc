/** What the roles of job and image pipelines may do and may not do, with the policies as the components make them. */
import { describe } from 'mocha';
import { REGISTRY } from '../unit/blueprints/requests.ts';
import { KEY, NAME, NEVER, arn, list, made, object, pass, sagemaker } from './policy-calls.ts';
import type { Call } from './policy-simulator.ts';
import { allows, refuses } from './policy-simulator.ts';
import { RANDOM } from '../../blueprints/testing.ts';

describe('policies of job pipelines', () => {
  for (const [type, base, kind, operation] of [
    ['model_training_builtin', 'my-model-name-training', 'training-job', 'TrainingJob'],
    ['model_tuner_builtin', 'my-model-name-tuner', 'hyper-parameter-tuning-job', 'HyperParameterTuningJob'],
    ['model_autopilot_training', 'my-model-nam-', 'automl-job', 'AutoMLJobV2'],
  ] as const) {
    const autopilot = type === 'model_autopilot_training';
    const data = autopilot ? 'training_data_with_header.csv' : 'training_data.csv';
    const output = {
      model_training_builtin: 'my-training-output',
      model_tuner_builtin: 'my-tuning-output',
      model_autopilot_training: 'my-autopilot-output',
    }[type];
    const name = autopilot ? `${base}4888d5-1-abcdef` : `${base}-1-abcdef`;

    describe(`${type}: the function`, () => {
      const stack = made(type, { kms_key_arn: KEY });
      allows(stack, `${NAME}-job`, [
        [`sagemaker:Create${operation}`, sagemaker(`${kind}/${name}`)],
        [`sagemaker:Describe${operation}`, sagemaker(`${kind}/${name}`)],
        ['sagemaker:AddTags', sagemaker(`${kind}/${name}`)],
        ['sagemaker:ListTags', sagemaker(`${kind}/${name}`)],
        pass(`${NAME}-training`),
        ['logs:PutLogEvents', arn('logs', `log-group:${NAME}-job-log-${RANDOM}:log-stream:a`)],
      ]);
      refuses(stack, `${NAME}-job`, [
        ...NEVER,
        pass(`${NAME}-training`, 'lambda.amazonaws.com'),
        [`sagemaker:Create${operation}`, sagemaker(`${kind}/another-1`)],
        ['s3:GetObject', object(`assets-bucket/path/to/${data}`)],
        ['kms:Decrypt', KEY],
      ]);
    });

    describe(`${type}: the job`, () => {
      const stack = made(type, { kms_key_arn: KEY });
      allows(stack, `${NAME}-training`, [
        ['s3:GetObject', object(`assets-bucket/path/to/${data}`)],
        list('assets-bucket', `path/to/${data}`),
        ['s3:PutObject', object(`assets-bucket/${output}/job/model.tar.gz`)],
        ['kms:Decrypt', KEY],
        ['kms:GenerateDataKey', KEY],
        ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'true' }],
        ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': '/aws/sagemaker/TrainingJobs' }],
        ['logs:PutLogEvents', arn('logs', `log-group:/aws/sagemaker/TrainingJobs:log-stream:${name}/a`)],
        ...(autopilot
          ? ([['sagemaker:DescribeModel', sagemaker(`model/${name}-x`)]] as Call[])
          : ([['ecr:BatchGetImage', arn('ecr', 'repository/xgboost', '811284229777')]] as Call[])),
      ]);
      refuses(stack, `${NAME}-training`, [
        ...NEVER,
        list('assets-bucket', 'another/path'),
        ['s3:GetObject', object('assets-bucket/another/path.csv')],
        ['s3:PutObject', object('assets-bucket/another-output/model.tar.gz')],
        ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'false' }],
        ['ecr:BatchGetImage', arn('ecr', 'repository/another', '811284229777')],
        ['ecr:PutImage', arn('ecr', 'repository/xgboost', '811284229777')],
        ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Mine' }],
        [`sagemaker:Create${operation}`, sagemaker(`${kind}/${name}`)],
        ['sagemaker:DescribeModel', sagemaker('model/another')],
      ]);
    });

    describe(`${type}: the job without a key`, () => {
      refuses(made(type), `${NAME}-training`, [
        ['kms:Decrypt', KEY],
        ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'true' }],
      ]);
    });
  }
});

describe('policies of a pipeline whose caller names the job', () => {
  const job = (name: string) => sagemaker(`hyper-parameter-tuning-job/${name}`);
  const stream = (name: string) => arn('logs', `log-group:/aws/sagemaker/TrainingJobs:log-stream:${name}`);
  const stack = made('model_tuner_builtin', { job_name: 'Churn' });
  describe('the function', () => {
    allows(stack, `${NAME}-job`, [
      ['sagemaker:CreateHyperParameterTuningJob', job('Churn')],
      ['sagemaker:CreateHyperParameterTuningJob', job('churn')],
      ['sagemaker:CreateHyperParameterTuningJob', job('Churn-0123abcd')],
    ]);
    refuses(stack, `${NAME}-job`, [
      ...NEVER,
      ['sagemaker:CreateHyperParameterTuningJob', job('Churners')],
      ['sagemaker:CreateHyperParameterTuningJob', job('my-model-name-tuner-1-abcdef')],
    ]);
  });
  describe('the job', () => {
    allows(stack, `${NAME}-training`, [
      ['logs:PutLogEvents', stream('Churn/algo-1')],
      ['logs:PutLogEvents', stream('Churn-001-abcdef/algo-1')],
    ]);
    refuses(stack, `${NAME}-training`, [['logs:PutLogEvents', stream('Churners/algo-1')]]);
  });
});

describe('policies of batch pipelines', () => {
  const job = sagemaker('transform-job/my-model-name-batch-builtin-1-abcdef');
  describe('the function', () => {
    const stack = made('byom_batch_builtin');
    allows(stack, `${NAME}-job`, [
      ['sagemaker:CreateTransformJob', job],
      ['sagemaker:DescribeTransformJob', job],
    ]);
    refuses(stack, `${NAME}-job`, [
      ...NEVER,
      pass(`${NAME}-execution`),
      ['sagemaker:CreateTransformJob', sagemaker('transform-job/my-model-name-batch-custom-1-abcdef')],
      ['s3:GetObject', object('my-bucket/my-prefix/inference_data.csv')],
    ]);
  });

  describe('the model', () => {
    const stack = made('byom_batch_builtin', { kms_key_arn: KEY });
    allows(stack, `${NAME}-execution`, [
      ['s3:GetObject', object('assets-bucket/path/to/model.tar.gz')],
      ['s3:GetObject', object('my-bucket/my-prefix/inference_data.csv')],
      ['s3:GetObject', object('my-bucket/my-prefix/inference_data.csv.part2')],
      list('my-bucket', 'my-prefix/inference_data.csv'),
      ['s3:PutObject', object('my-bucket/my-prefix/inference_data.csv.out')],
      ['kms:GenerateDataKey', KEY],
      ['ecr:BatchGetImage', arn('ecr', 'repository/xgboost', '811284229777')],
    ]);
    refuses(stack, `${NAME}-execution`, [
      ...NEVER,
      ['s3:GetObject', object('my-bucket/another/inference_data.csv')],
      ['s3:GetObject', object('assets-bucket/path/to/another.tar.gz')],
      ['s3:PutObject', object('my-bucket/another/out.csv')],
      list('my-bucket', 'another'),
    ]);
  });

  describe('the model of a package', () => {
    const stack = made('byom_batch_custom', {}, REGISTRY);
    allows(stack, `${NAME}-execution`, [
      ['sagemaker:DescribeModelPackage', arn('sagemaker', 'model-package/my-group/1')],
      ['s3:GetObject', object('assets-bucket/any/model.tar.gz')],
    ]);
    refuses(stack, `${NAME}-execution`, [
      ['sagemaker:DescribeModelPackage', arn('sagemaker', 'model-package/another/1')],
      ['sagemaker:UpdateModelPackage', arn('sagemaker', 'model-package/my-group/1')],
    ]);
  });
});

describe('policies of image builders', () => {
  const stack = made('byom_image_builder');
  const repository = arn('ecr', 'repository/my-algorithms');
  describe('the build', () => {
    allows(stack, `${NAME}-build`, [
      ['ecr:PutImage', repository],
      ['ecr:UploadLayerPart', repository],
      ['ecr:GetAuthorizationToken', '*'],
      ['logs:PutLogEvents', arn('logs', `log-group:${NAME}-build-log-${RANDOM}:log-stream:a`)],
    ]);
    refuses(stack, `${NAME}-build`, [
      ...NEVER,
      ['ecr:PutImage', arn('ecr', 'repository/another')],
      ['ecr:DeleteRepository', repository],
      ['ecr:BatchDeleteImage', repository],
      ['s3:GetObject', object('assets-bucket/path/to/custom_image.zip')],
      ['codebuild:StartBuild', arn('codebuild', 'project/any')],
    ]);
  });
  describe('the pipeline', () => {
    allows(stack, `${NAME}-pipeline`, [
      ['s3:GetObject', object('assets-bucket/path/to/custom_image.zip')],
      ['s3:GetObjectVersion', object('assets-bucket/path/to/custom_image.zip')],
      ['s3:GetBucketVersioning', object('assets-bucket')],
    ]);
    refuses(stack, `${NAME}-pipeline`, [
      ...NEVER,
      ['s3:GetObject', object('assets-bucket/path/to/another.zip')],
      ['ecr:PutImage', repository],
      ['codebuild:StartBuild', arn('codebuild', 'project/another')],
    ]);
  });
  describe('the rule', () => {
    refuses(stack, `${NAME}-start`, [
      ...NEVER,
      ['codepipeline:StartPipelineExecution', arn('codepipeline', 'another')],
      ['codepipeline:DeletePipeline', arn('codepipeline', `${NAME}-pipeline-${RANDOM}`)],
    ]);
  });
});
