/** What the roles of job, image and monitor pipelines may do and may not do, with the policies as the components make them. */
import { before, describe } from 'mocha';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { REGISTRY, SINGLE, accepted, body } from '../unit/blueprints/requests.ts';
import type { Call } from './policy-simulator.ts';
import { allows, refuses } from './policy-simulator.ts';
import type { Run } from './support.ts';
import { ACCOUNT, RANDOM, REGION, run } from './support.ts';

const NAME = 'mlops-pipeline-my-model-name-postfix';
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const OTHER_KEY = `arn:aws:kms:${REGION}:222222222222:key/12345678-1234-1234-1234-123456789012`;

const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const sagemaker = (resource: string) => arn('sagemaker', resource);
const object = (path: string) => `arn:aws:s3:::${path}`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}-role-${RANDOM}`;
const list = (bucket: string, prefix: string): Call => ['s3:ListBucket', object(bucket), { 's3:prefix': prefix }];
const pass = (name: string, service = 'sagemaker.amazonaws.com'): Call => [
  'iam:PassRole',
  role(name),
  { 'iam:PassedToService': service },
];

/** Nothing of ours has any business with these. */
const NEVER: readonly Call[] = [
  ['iam:CreateRole', `arn:aws:iam::${ACCOUNT}:role/any`],
  ['iam:PutRolePolicy', role(`${NAME}-training`)],
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/admin`, { 'iam:PassedToService': 'sagemaker.amazonaws.com' }],
  ['sts:AssumeRole', role(`${NAME}-training`)],
  ['sts:AssumeRole', 'arn:aws:iam::222222222222:role/any'],
  ['lambda:InvokeFunction', arn('lambda', `function:${NAME}-job-function-${RANDOM}`)],
  ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-abcdef')],
  ['s3:DeleteObject', object('assets-bucket/path/to/training_data.csv')],
  ['s3:GetObject', object('another-bucket/path/to/training_data.csv')],
  ['s3:PutObject', object('assets-bucket/path/to/training_data.csv')],
  ['s3:PutBucketPolicy', object('assets-bucket')],
  ['sagemaker:DeleteEndpoint', sagemaker('endpoint/my-endpoint')],
  ['sagemaker:CreateTrainingJob', sagemaker('training-job/another')],
  ['kms:Decrypt', OTHER_KEY],
  ['kms:ScheduleKeyDeletion', KEY],
];

function made(type: PipelineType, changes: Record<string, unknown> = {}, settings = SINGLE): () => Run {
  let result: Run | undefined;
  before(async () => {
    const { request } = accepted(body(type, changes, settings), settings);
    const program = await BLUEPRINTS[type].loadProgram?.();
    if (!program) throw new Error(`${type} has no program`);
    result = await run(program, request);
  });
  return () => {
    if (!result) throw new Error('not made yet');
    return result;
  };
}

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

describe('policies of monitors', () => {
  for (const type of [
    'byom_data_quality_monitor',
    'byom_model_quality_monitor',
    'byom_model_bias_monitor',
    'byom_model_explainability_monitor',
  ] as const) {
    const clarify = type === 'byom_model_bias_monitor' || type === 'byom_model_explainability_monitor';
    const truth = type === 'byom_model_quality_monitor' || type === 'byom_model_bias_monitor';
    const shadow: Call[] = [
      ['sagemaker:CreateEndpoint', sagemaker('endpoint/sm-clarify-abc')],
      ['sagemaker:DeleteEndpointConfig', sagemaker('endpoint-config/sm-clarify-config-abc')],
      ['sagemaker:InvokeEndpoint', sagemaker('endpoint/sm-clarify-abc')],
    ];
    const places = {
      baseline_job_output_location: 'bucket-b/base',
      data_capture_location: 'bucket-c/capture',
      monitoring_output_location: 'bucket-m/reports',
      ...(truth ? { monitor_ground_truth_input: 'bucket-t/truth' } : {}),
      kms_key_arn: KEY,
    };
    const data =
      type === 'byom_model_quality_monitor' ? 'path/to/baseline_dataset.csv' : 'path/to/training_data_with_header.csv';

    describe(`${type}: the baseline job`, () => {
      const stack = made(type, places);
      allows(stack, `${NAME}-baseline`, [
        ['s3:GetObject', object(`assets-bucket/${data}`)],
        ['s3:PutObject', object('bucket-b/base/any/constraints.json')],
        ['kms:Decrypt', KEY],
        ...(clarify ? shadow : []),
      ]);
      refuses(stack, `${NAME}-baseline`, [
        ...NEVER,
        ['s3:PutObject', object('bucket-m/reports/x')],
        ['s3:GetObject', object('bucket-c/capture/x')],
        ['sagemaker:CreateProcessingJob', sagemaker('processing-job/any')],
        ...(clarify ? [] : shadow),
        ['sagemaker:InvokeEndpoint', sagemaker('endpoint/xgb-churn-prediction-endpoint')],
      ]);
    });

    describe(`${type}: the monitoring jobs`, () => {
      const stack = made(type, places);
      allows(stack, `${NAME}-monitor`, [
        ['s3:GetObject', object('bucket-c/capture/endpoint/AllTraffic/2026/11/24/00/x.jsonl')],
        ['s3:GetObject', object('bucket-b/base/any/constraints.json')],
        ['s3:PutObject', object('bucket-m/reports/endpoint/x')],
        ['sagemaker:DescribeEndpoint', sagemaker('endpoint/xgb-churn-prediction-endpoint')],
        ...(truth ? ([['s3:GetObject', object('bucket-t/truth/x')]] as Call[]) : []),
        ...(clarify ? shadow : []),
      ]);
      refuses(stack, `${NAME}-monitor`, [
        ...NEVER,
        ['s3:PutObject', object('bucket-b/base/any/constraints.json')],
        ['s3:PutObject', object('bucket-c/capture/x')],
        ['sagemaker:DescribeEndpoint', sagemaker('endpoint/another')],
        ...(truth ? [] : ([['s3:GetObject', object('bucket-t/truth/x')]] as Call[])),
        ...(clarify ? [] : shadow),
      ]);
    });

    describe(`${type}: the function`, () => {
      const stack = made(type, places);
      const reads: Call[] = [
        ['s3:GetObject', object(`assets-bucket/${data}`)],
        ['s3:PutObject', object('bucket-b/base/any/analysis_config.json')],
        ['kms:GenerateDataKey', KEY],
        ['sagemaker:DescribeEndpoint', sagemaker('endpoint/xgb-churn-prediction-endpoint')],
      ];
      allows(stack, `${NAME}-job`, [pass(`${NAME}-baseline`), ...(clarify ? reads : [])]);
      refuses(stack, `${NAME}-job`, [
        ...NEVER,
        pass(`${NAME}-monitor`),
        ['sagemaker:CreateProcessingJob', sagemaker('processing-job/another')],
        ...(clarify ? [] : reads),
      ]);
    });
  }
});
