import assert from 'node:assert/strict';
import type { PipelineType } from '../../../blueprints/blueprint.ts';
import { MODEL_NAME_LIMIT } from '../../../blueprints/shared/schema/joi-pieces.ts';
import { MULTI, SINGLE, accepted, body, onlyFault } from './requests.ts';

const KEY = 'arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012';
const letters = (count: number) => 'a'.repeat(count);

/** Type, key, values that are taken: as sent, or sent → kept. */
const TAKEN: [PipelineType, string, (unknown | { sent: unknown; kept: unknown })[]][] = [
  ['byom_realtime_builtin', 'pipeline_type', [{ sent: ' byom_realtime_builtin ', kept: 'byom_realtime_builtin' }]],
  [
    'byom_realtime_builtin',
    'model_name',
    ['my-model-name', 'M', '1', letters(MODEL_NAME_LIMIT), { sent: ' padded ', kept: 'padded' }],
  ],
  [
    'byom_realtime_builtin',
    'inference_instance',
    [
      'ml.m5.large',
      'ml.t2.medium',
      'ml.m5d.24xlarge',
      'ml.g4dn.xlarge',
      'ml.inf1.6xlarge',
      'ml.c99z-new.large',
      'ml.t3.2xlarge',
    ],
  ],
  [
    'byom_realtime_builtin',
    'data_capture_location',
    [
      'my-bucket/prefix',
      'my.bucket.1/a/b/c',
      'abc',
      { sent: 'my-bucket/prefix/', kept: 'my-bucket/prefix' },
      { sent: 'my-bucket/prefix//', kept: 'my-bucket/prefix/' },
      { sent: 's3://my-bucket/prefix/', kept: 'my-bucket/prefix' },
      `my-bucket/${letters(512 - 's3://my-bucket/'.length)}`,
    ],
  ],
  [
    'byom_realtime_builtin',
    'endpoint_name',
    [{ sent: 'My-Endpoint', kept: 'my-endpoint' }, { sent: '', kept: undefined }, letters(63)],
  ],
  [
    'byom_realtime_builtin',
    'kms_key_arn',
    [
      KEY,
      KEY.replace('us-east-1', 'me-central-1'),
      KEY.replace('us-east-1', 'ap-southeast-4'),
      KEY.replace('arn:aws:', 'arn:aws-us-gov:'),
      KEY.replace('arn:aws:', 'arn:aws-cn:'),
      KEY.replace('arn:aws:', 'arn:aws-iso-b:'),
      KEY.replace(/key.*/, 'key/mrk-1234abcd12ab34cd56ef1234567890ab'),
      KEY.replace(/key.*/, 'alias/my-key'),
      'alias/my-key',
      'alias/awsome/key',
      '12345678-1234-1234-1234-123456789012',
      'mrk-1234abcd12ab34cd56ef1234567890ab',
      { sent: '', kept: undefined },
      { sent: null, kept: undefined },
    ],
  ],
  ['byom_realtime_builtin', 'model_framework_version', ['1', { sent: 1, kept: '1' }, 'latest', '1.7-1', '3.0-5']],
  [
    'byom_realtime_custom',
    'custom_image_uri',
    [
      '111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:1',
      '111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/team/my_algorithm:v1.2',
      '111111111111.dkr.ecr-fips.us-gov-west-1.amazonaws.com/ab',
      `111111111111.dkr.ecr.us-east-1.amazonaws.com/ab@sha256:${'0'.repeat(64)}`,
      '111111111111.dkr.ecr.us-iso-east-1.c2s.ic.gov/ab:1',
      '111111111111.dkr.ecr.us-isob-east-1.sc2s.sgov.gov/ab:1',
      '111111111111.dkr.ecr.eusc-de-east-1.amazonaws.eu/ab:1',
      '111111111111.dkr-ecr.us-east-1.on.aws/ab:1',
    ],
  ],
  ['byom_realtime_custom', 'model_artifact_location', ['model.tar.gz', 'a/b c/ü.tar.gz', `${letters(1017)}.tar.gz`]],
  [
    'byom_batch_builtin',
    'batch_inference_data',
    ['my-bucket/data.csv', 'my-bucket/prefix/', { sent: 's3://my-bucket/data.csv', kept: 'my-bucket/data.csv' }],
  ],
  [
    'model_training_builtin',
    'algo_hyperparamaters',
    [
      { a: 1, b: 'x', c: true, d: '', e: [1, 2], f: { g: 1 } },
      { sent: '{"a":1}', kept: { a: 1 } },
    ],
  ],
  [
    'model_training_builtin',
    'attribute_names',
    [['a'], { sent: '["a","b"]', kept: ['a', 'b'] }, { sent: '', kept: undefined }],
  ],
  [
    'model_training_builtin',
    'use_spot_instances',
    [...flags(true), { sent: '', kept: true }, { sent: null, kept: true }],
  ],
  ['model_training_builtin', 'encrypt_inner_traffic', flags(false)],
  [
    'model_training_builtin',
    'instance_count',
    [1, { sent: '2', kept: 2 }, 100, { sent: '', kept: 1 }, { sent: null, kept: 1 }],
  ],
  ['model_training_builtin', 'max_runtime_per_job', [1, { sent: '172800', kept: 172_800 }, 2_419_200]],
  ['model_training_builtin', 'job_name', ['My-Job-1', letters(63), { sent: '', kept: undefined }]],
  ['model_training_builtin', 'training_data', [letters(1024), { sent: 'prefix/', kept: 'prefix' }]],
  ['model_training_builtin', 'compression_type', [{ sent: '', kept: undefined }]],
  ['model_training_builtin', 'data_record_wrapping', [{ sent: '', kept: undefined }]],
  ['model_training_builtin', 'content_type', ['text/csv', { sent: '', kept: 'csv' }]],
  ['model_training_builtin', 's3_data_type', ['ManifestFile', { sent: '', kept: 'S3Prefix' }]],
  ['model_tuner_builtin', 'job_name', [letters(32)]],
  [
    'model_tuner_builtin',
    'hyperparamaters_ranges',
    [
      { x: ['continuous', [0.1, 2]] },
      { x: ['integer', [-5, 5]] },
      { x: ['continuous', [0.1, 2], 'Logarithmic'] },
      { x: ['integer', [1, 20], 'Linear'], y: ['categorical', ['a', 1, true]] },
      { sent: { x: ['integer', ['1', '15']] }, kept: { x: ['integer', [1, 15]] } },
      { sent: '{"x": ["integer", [1, 20]]}', kept: { x: ['integer', [1, 20]] } },
    ],
  ],
  ['model_autopilot_training', 'training_data', ['path/with/slash/', letters(1024)]],
  ['model_autopilot_training', 'job_name', [letters(32)]],
  ['model_autopilot_training', 'generate_definition_only', flags(true)],
  ['model_autopilot_training', 'total_max_runtime', [1, { sent: '2592000', kept: 2_592_000 }]],
  [
    'byom_data_quality_monitor',
    'schedule_expression',
    [
      'cron(0 * ? * * *)',
      'cron(0 0 ? * * *)',
      'cron(0 05 ? * * *)',
      'cron(0 23 ? * * *)',
      'cron(0 0/6 ? * * *)',
      'cron(0 17/12 ? * * *)',
      'cron(0 00/01 ? * * *)',
    ],
  ],
  ['byom_data_quality_monitor', 'endpoint_name', [letters(63), { sent: ' Up ', kept: 'up' }]],
  ['byom_model_quality_monitor', 'endpoint_name', [letters(63)]],
  ['byom_model_bias_monitor', 'endpoint_name', [letters(63)]],
  ['byom_model_explainability_monitor', 'endpoint_name', [letters(63)]],
  ['byom_data_quality_monitor', 'baseline_max_runtime_seconds', [{ sent: '', kept: undefined }, 1, 777_600]],
  ['byom_data_quality_monitor', 'instance_volume_size', [{ sent: '20', kept: 20 }, 512]],
  ['byom_model_quality_monitor', 'instance_volume_size', [16_384]],
  ['byom_model_quality_monitor', 'monitor_probability_attribute', ['0', { sent: 0, kept: '0' }, 'a.b[0]']],
  ['byom_model_quality_monitor', 'baseline_inference_attribute', [{ sent: ' prediction ', kept: 'prediction' }]],
  ['byom_model_quality_monitor', 'probability_threshold_attribute', [{ sent: '0.5', kept: 0.5 }, 0, 1]],
  ['byom_model_quality_monitor', 'problem_type', [{ sent: ' BinaryClassification', kept: 'BinaryClassification' }]],
  [
    'byom_model_bias_monitor',
    'bias_config',
    [
      { label_values_or_threshold: [1], facet_name: ['age', 'sex'], facet_values_or_threshold: [[40], [0]] },
      { label_values_or_threshold: 1, facet_name: ['age', 'sex'], facet_values_or_threshold: [40, null] },
      { label_values_or_threshold: 0.5, facet_name: 3, facet_values_or_threshold: null, group_name: 'region' },
      {
        sent: '{"label_values_or_threshold": 1, "facet_name": "age"}',
        kept: { label_values_or_threshold: 1, facet_name: 'age' },
      },
    ],
  ],
  [
    'byom_model_bias_monitor',
    'model_predicted_label_config',
    [{ label: 'l', probability: 1, probability_threshold: 0.5, label_headers: ['a'] }, { label: null }],
  ],
  ['byom_model_explainability_monitor', 'model_scores', [0, 'scores', { sent: '', kept: undefined }]],
  ['byom_model_explainability_monitor', 'features_attribute', ['features', { sent: '', kept: undefined }]],
  [
    'byom_model_explainability_monitor',
    'shap_config',
    [
      {
        sent: { baseline: [[1, 'a', null]], use_logit: 'True' },
        kept: { baseline: [[1, 'a', null]], use_logit: true, save_local_shap_values: true },
      },
      {
        sent: { num_clusters: '3', seed: 0, features_to_explain: ['a', 1], save_local_shap_values: false },
        kept: {
          num_clusters: 3,
          seed: 0,
          features_to_explain: ['a', 1],
          save_local_shap_values: false,
          use_logit: false,
        },
      },
    ],
  ],
  ['byom_image_builder', 'ecr_repo_name', ['ab', 'team/my.repo_1-x', 'a--b', 'a__b', 'a---b']],
  ['byom_image_builder', 'image_tag', ['v1', 'Latest', '1.0.0', 'v1.2.3-rc1', 'latest_dev', '_', letters(128)]],
  ['byom_image_builder', 'custom_algorithm_docker', ['a.zip', 'path/to/A.ZIP']],
];

function flags(expected: boolean): { sent: unknown; kept: boolean }[] {
  const texts = expected ? ['True', 'true'] : ['False', 'false'];
  return [expected, ...texts].map((sent) => ({ sent, kept: expected }));
}

/** Type, key, rule that is broken, values that break it. */
const REFUSED: [PipelineType, string, string, unknown[]][] = [
  ['byom_realtime_builtin', 'model_name', 'pattern', ['my_model', 'my.model', 'my model', '-a', 'a-', 'ä', 'a/b']],
  ['byom_realtime_builtin', 'model_name', 'range', [letters(MODEL_NAME_LIMIT + 1)]],
  ['byom_realtime_builtin', 'model_name', 'type', [1, true, ['a'], { dev: 'a' }, null]],
  [
    'byom_realtime_builtin',
    'inference_instance',
    'pattern',
    ['m5.large', 'ml.m5', 'ml.m5.', 'ml.m5.huge', 'ml.m5.4large', 'ML.M5.LARGE', 'ml.m5.large ', 'ml.m5.large.x'],
  ],
  [
    'byom_realtime_builtin',
    'data_capture_location',
    'pattern',
    [
      'ab',
      'My-Bucket/p',
      '/my-bucket/p',
      '-bucket/p',
      'my_bucket/p',
      'my..bucket/p',
      '192.168.1.1/p',
      'xn--bucket/p',
      's3://s3://my-bucket/p',
      'S3://my-bucket/p',
      `${letters(64)}/p`,
      `my-bucket/${letters(1025)}`,
      `my-bucket/${'ü'.repeat(513)}`,
    ],
  ],
  ['byom_realtime_builtin', 'endpoint_name', 'pattern', ['my_endpoint', '-a', 'a.b']],
  ['byom_realtime_builtin', 'endpoint_name', 'range', [letters(64)]],
  [
    'byom_realtime_builtin',
    'kms_key_arn',
    'pattern',
    [
      ...['my-key', 'alias/my key', KEY.replace('1111', ''), '12345678-1234', 'mrk-1234', `${KEY} `],
      `alias/${letters(251)}`,
      // Of a service of AWS.
      ...['alias/aws/s3', KEY.replace(/key.*/, 'alias/aws/sagemaker')],
    ],
  ],
  ['byom_realtime_builtin', 'model_framework', 'allowed', ['xgbost', 'XGBoost', 'tensorflow']],
  ['byom_realtime_builtin', 'model_framework_version', 'allowed', ['2', '9.9-1', 1.7]],
  ['byom_realtime_builtin', 'data_capture_location', 'range', [`my-bucket/${letters(513 - 's3://my-bucket/'.length)}`]],
  [
    'byom_realtime_builtin',
    'model_artifact_location',
    'pattern',
    ['s3://bucket/model.tar.gz', '/model.tar.gz', 'model.pkl', 'model.tgz', 'model.tar.gz/', 'a/'],
  ],
  [
    'byom_realtime_builtin',
    'model_artifact_location',
    'range',
    [`${letters(1018)}.tar.gz`, `${'ü'.repeat(509)}.tar.gz`],
  ],
  [
    'byom_realtime_builtin',
    'model_package_name',
    'conflict',
    ['arn:aws:sagemaker:us-east-1:111111111111:model-package/g/1'],
  ],
  [
    'byom_realtime_custom',
    'custom_image_uri',
    'pattern',
    [
      'my-algorithm:1',
      'docker.io/library/python:3',
      '1111.dkr.ecr.us-east-1.amazonaws.com/ab',
      'https://x/y',
      'public.ecr.aws/x/y:1',
      '111111111111.dkr.ecr.cn-north-1.amazonaws.com/ab:1',
      '111111111111.dkr.ecr.us-east-1.amazonaws.com.cn/ab:1',
      '111111111111.dkr.ecr.us-east-1.amazonaws.com/A:1',
      ...['a', 'a//b', 'a..b', 'ab-'].map((name) => `111111111111.dkr.ecr.us-east-1.amazonaws.com/${name}:1`),
      `111111111111.dkr.ecr.us-east-1.amazonaws.com/ab:1@sha256:${'0'.repeat(64)}`,
    ],
  ],
  ['byom_batch_custom', 'batch_inference_data', 'pattern', ['my-bucket', 'my-bucket/', 's3://my-bucket']],
  ['model_training_builtin', 'algo_hyperparamaters', 'range', [{}, '{}']],
  [
    'model_training_builtin',
    'algo_hyperparamaters',
    'pattern',
    ['{"__proto__": {"a": 1}}', '{"a": [{"__proto__": 1}]}', '{"a": "\\u0000"}'],
  ],
  ['model_training_builtin', 'algo_hyperparamaters', 'type', ['{', '[]', [], 1, 'x']],
  ['model_training_builtin', 'attribute_names', 'type', ['a', '{}', '[1]', '[]', 1]],
  ['model_training_builtin', 'attribute_names', 'range', [[], Array(17).fill('a')]],
  ['model_training_builtin', 'use_spot_instances', 'type', ['yes', 1, 'Tru']],
  ['model_training_builtin', 'instance_count', 'range', [0, 101, '0', -1]],
  ['model_training_builtin', 'instance_count', 'type', ['two', '1.5', 1.5, true]],
  ['model_training_builtin', 'instance_volume_size', 'range', [0, 16_385]],
  ['model_training_builtin', 'max_runtime_per_job', 'range', [0, 2_419_201, '1e99']],
  ['model_training_builtin', 'job_name', 'range', [letters(64)]],
  ['model_training_builtin', 'job_name', 'pattern', ['my_job', 'a-']],
  ['model_training_builtin', 'training_data', 'range', [letters(1025)]],
  ['model_training_builtin', 'training_data', 'pattern', ['s3://bucket/key']],
  ['model_training_builtin', 'content_type', 'range', [letters(257)]],
  ['model_training_builtin', 's3_data_type', 'allowed', ['s3prefix']],
  ['model_training_builtin', 'data_distribution', 'allowed', ['Sharded']],
  ['model_training_builtin', 'data_input_mode', 'allowed', ['FILE']],
  ['model_training_builtin', 'compression_type', 'allowed', ['gzip', 'None']],
  ['model_training_builtin', 'data_record_wrapping', 'allowed', ['recordio']],
  ['model_tuner_builtin', 'job_name', 'range', [letters(33)]],
  ['model_tuner_builtin', 'hyperparamaters_ranges', 'range', [{}]],
  ['model_autopilot_training', 'job_name', 'range', [letters(33)]],
  ['model_autopilot_training', 'job_max_candidates', 'range', [0, 751]],
  ['model_autopilot_training', 'total_max_runtime', 'range', [0, 2_592_001]],
  ['model_autopilot_training', 'target_attribute', 'range', ['']],
  ['byom_data_quality_monitor', 'endpoint_name', 'range', [letters(64)]],
  ['byom_model_quality_monitor', 'endpoint_name', 'range', [letters(64)]],
  ['byom_model_bias_monitor', 'endpoint_name', 'range', [letters(64)]],
  ['byom_model_explainability_monitor', 'endpoint_name', 'range', [letters(64)]],
  [
    'byom_data_quality_monitor',
    'schedule_expression',
    'pattern',
    [
      'hourly',
      'cron(0 24 ? * * *)',
      'cron(0 */6 ? * * *)',
      'cron(0 0/25 ? * * *)',
      'cron(0 0/0 ? * * *)',
      'cron(5 * ? * * *)',
      'cron(0 * * * ? *)',
      'rate(1 hour)',
      'now',
      'NOW',
      'cron(0 * ? * * *) ',
    ],
  ],
  ['byom_data_quality_monitor', 'monitor_max_runtime_seconds', 'range', [0, 86_401]],
  ['byom_data_quality_monitor', 'instance_volume_size', 'range', [0, 513]],
  ['byom_data_quality_monitor', 'instance_type', 'pattern', ['m5.large']],
  ['byom_model_quality_monitor', 'probability_threshold_attribute', 'range', [-0.1, '1.1']],
  ['byom_model_explainability_monitor', 'model_scores', 'type', [true, ['a']]],
  [
    'byom_image_builder',
    'ecr_repo_name',
    'pattern',
    ['Upper', 'a..b', 'a//b', 'a___b', 'a_-b', 'a-/b', '/a', 'a/', 'a b'],
  ],
  ['byom_image_builder', 'image_tag', 'pattern', ['.v1', '-v1', 'v 1', 'v1:2', 'ü']],
  ['byom_image_builder', 'image_tag', 'range', [letters(129)]],
  ['byom_image_builder', 'custom_algorithm_docker', 'pattern', ['image.tar.gz']],
];

function shown(value: unknown): string {
  if (value === undefined) return 'not given';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}… (${text.length})` : text;
}

describe('values', () => {
  for (const [type, key, values] of TAKEN) {
    for (const value of values) {
      const isPair = typeof value === 'object' && value !== null && 'sent' in value && 'kept' in value;
      const { sent, kept } = isPair ? value : { sent: value, kept: value };
      it(`${type} takes ${key} ${shown(sent)}${isPair ? ` as ${shown(kept)}` : ''}`, () => {
        for (const settings of [SINGLE, MULTI]) {
          assert.deepEqual(accepted(body(type, { [key]: sent }), settings).request[key], kept);
        }
      });
    }
  }

  for (const [type, key, rule, values] of REFUSED) {
    for (const value of values) {
      it(`${type} refuses ${key} ${shown(value)} by the rule ${rule}`, () => {
        const fault = onlyFault(body(type, { [key]: value }));
        assert.equal(fault.pointer, `/${key}`);
        assert.equal(fault.rule, rule, fault.message);
      });
    }
  }
});
