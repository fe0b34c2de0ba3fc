/** What the roles of monitors may do and may not do, with the policies as the component makes them. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { KEY, NAME, NEVER, arn, made, object, pass, sagemaker } from './policy-calls.ts';
import type { Call } from './policy-simulator.ts';
import { allows, answer, refuses } from './policy-simulator.ts';

/** Last part of the namespaces that the analyzers report to. */
const METRICS = {
  byom_data_quality_monitor: 'data-metrics',
  byom_model_quality_monitor: 'model-metrics',
  byom_model_bias_monitor: 'bias-metrics',
  byom_model_explainability_monitor: 'explainability-metrics',
} as const;

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

    // AWS' pages differ in these namespaces: all of them are allowed, and those of other kinds and of services are not.
    const put = (namespace: string): Call => ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': namespace }];
    const metrics = ['aws/sagemaker/Endpoint', 'aws/sagemaker/Endpoints']
      .flatMap((one) => [one, `/${one}`])
      .map((one) => put(`${one}/${METRICS[type]}`));

    const withKey: Call[] = [
      ['kms:Decrypt', KEY],
      ['kms:GenerateDataKey', KEY],
      ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'true' }],
    ];
    const repository = clarify ? 'sagemaker-clarify-processing' : 'sagemaker-model-monitor-analyzer';
    const image: Call = ['ecr:BatchGetImage', arn('ecr', `repository/${repository}`, '811284229777')];

    describe(`${type}: the baseline job`, () => {
      const stack = made(type, places);
      allows(stack, `${NAME}-baseline`, [
        ['s3:GetObject', object(`assets-bucket/${data}`)],
        ['s3:PutObject', object('bucket-b/base/any/constraints.json')],
        ...withKey,
        image,
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
        ...withKey,
        ...metrics,
        image,
        ...(clarify ? shadow : []),
      ]);
      refuses(stack, `${NAME}-monitor`, [
        ...NEVER,
        put('aws/sagemaker/Endpoints/other-metrics'),
        put('AWS/EC2'),
        ['s3:PutObject', object('bucket-b/base/any/constraints.json')],
        ['s3:PutObject', object('bucket-c/capture/x')],
        ['sagemaker:DescribeEndpoint', sagemaker('endpoint/another')],
        ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'false' }],
        ['ecr:BatchGetImage', arn('ecr', 'repository/another', '811284229777')],
        ...(truth ? [] : ([['s3:GetObject', object('bucket-t/truth/x')]] as Call[])),
        ...(clarify ? [] : shadow),
      ]);
    });

    describe(`${type}: jobs without a key`, () => {
      for (const name of ['baseline', 'monitor']) {
        refuses(made(type, { ...places, kms_key_arn: undefined }), `${NAME}-${name}`, withKey);
      }
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
      for (const operation of ['CreateProcessingJob', 'DescribeProcessingJob', 'AddTags', 'ListTags']) {
        it(`may sagemaker:${operation} on its own baseline`, async () => {
          const own = String(stack().outputs.baselineJobOutput).split('/').at(-1) ?? '';
          const call: Call = [`sagemaker:${operation}`, sagemaker(`processing-job/${own}`)];
          assert.equal(await answer(stack(), `${NAME}-job`, call), 'Allowed');
        });
      }
      refuses(stack, `${NAME}-job`, [
        ...NEVER,
        pass(`${NAME}-monitor`),
        ['sagemaker:CreateProcessingJob', sagemaker('processing-job/another')],
        ...(clarify ? [] : reads),
      ]);
    });
  }
});
