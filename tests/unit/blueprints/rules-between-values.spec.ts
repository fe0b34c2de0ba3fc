/** Rules between the values of a request: what AWS would refuse is refused with both keys and a remedy; near misses are not. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MULTI, accepted, body, onlyFault, places } from './requests.ts';
import type { RuleCase } from './tuning-rules.ts';
import { TUNING_CASES } from './tuning-rules.ts';

const RECORDS = { data_record_wrapping: 'RecordIO' };
const KMEANS = { model_framework: 'kmeans', model_framework_version: '1' };
const VISION = { model_framework: 'object-detection', model_framework_version: '1', instance_type: 'ml.g4dn.xlarge' };

const CASES: readonly RuleCase[] = [
  ...TUNING_CASES,
  {
    what: 'a spot job of an algorithm without checkpoints that waits for more than an hour',
    type: 'model_training_builtin',
    sent: KMEANS,
    refused: ['/max_wait_time_spot_instances', /kmeans.*max_runtime_per_job.*3600.*use_spot_instances to false/],
    nearMisses: [
      { use_spot_instances: false },
      { max_wait_time_spot_instances: 3_600, max_runtime_per_job: 3_600 },
      { model_framework: 'xgboost', model_framework_version: '1.7-1' },
      { model_framework: 'image-classification', instance_type: 'ml.p3.2xlarge' },
    ],
  },
  {
    what: 'an augmented manifest without attributes',
    type: 'model_training_builtin',
    sent: { ...VISION, ...RECORDS, s3_data_type: 'AugmentedManifestFile', data_input_mode: 'Pipe' },
    refused: ['/attribute_names', /s3_data_type.*source-ref/],
    nearMisses: [{ attribute_names: ['source-ref', 'label'] }, { s3_data_type: 'ManifestFile' }],
  },
  {
    what: 'an augmented manifest of images without records to tell them apart',
    type: 'model_training_builtin',
    sent: { ...VISION, s3_data_type: 'AugmentedManifestFile', attribute_names: ['a'], data_input_mode: 'Pipe' },
    refused: ['/data_record_wrapping', /AugmentedManifestFile.*object-detection.*RecordIO/],
    nearMisses: [
      RECORDS,
      { s3_data_type: 'ManifestFile' },
      { model_framework: 'linear-learner', use_spot_instances: false, instance_type: 'ml.m5.large' },
    ],
  },
  {
    what: 'training data of a content type that the algorithm does not read',
    type: 'model_training_builtin',
    sent: { ...VISION, content_type: 'text/csv' },
    refused: ['/content_type', /text\/csv.*model_framework object-detection.*application\/x-recordio/],
    nearMisses: [
      { content_type: 'image/PNG' },
      { content_type: 'application/x-recordio; charset=binary' },
      { content_type: undefined },
      { model_framework: 'xgboost', model_framework_version: '1.7-1' },
    ],
  },
  {
    what: 'a volume larger than the local storage of the instance',
    type: 'model_training_builtin',
    sent: { instance_type: 'ml.g4dn.xlarge', instance_volume_size: 126 },
    refused: ['/instance_volume_size', /126.*ml\.g4dn\.xlarge.*at most 125/],
    nearMisses: [{ instance_volume_size: 125 }, { instance_type: 'ml.g4dn.2xlarge' }, { instance_type: 'ml.m5.large' }],
  },
  {
    what: 'a volume of a monitor larger than the local storage of its instance',
    type: 'byom_data_quality_monitor',
    sent: { instance_type: 'ml.r5d.large', instance_volume_size: '80' },
    refused: ['/instance_volume_size', /80.*ml\.r5d\.large.*at most 75/],
    nearMisses: [{ instance_volume_size: 75 }, { instance_type: 'ml.r5.large' }],
  },
  {
    what: 'an instance type that SageMaker has for something else only',
    type: 'byom_realtime_builtin',
    sent: { inference_instance: 'ml.t3.medium' },
    refused: ['/inference_instance', /does not have for endpoints, only for training jobs and processing jobs/],
    nearMisses: [
      { inference_instance: 'ml.t2.medium' },
      // Newer than the table, and the guide's own example.
      { inference_instance: 'ml.z9.large' },
      { inference_instance: 'ml.t3.2xlarge' },
    ],
  },
  {
    what: 'a size that a family does not have',
    type: 'model_training_builtin',
    sent: { instance_type: 'ml.c5.large' },
    refused: ['/instance_type', /does not have for training jobs, only for endpoints: use one of ml\.c5\.xlarge/],
    nearMisses: [{ instance_type: 'ml.c5.xlarge' }],
  },
  {
    what: 'automatic scaling of burstable instances',
    type: 'byom_realtime_custom',
    sent: {
      inference_instance: 'ml.t2.medium',
      endpoint: { autoscaling: { min_capacity: 1, max_capacity: 2, target_invocations_per_instance: 70 } },
    },
    refused: ['/endpoint/autoscaling', /burstable.*inference_instance ml\.t2\.medium.*remove autoscaling/],
    nearMisses: [{ inference_instance: 'ml.m5.large' }, { endpoint: { instance_count: 2 } }],
  },
  {
    what: 'an augmented manifest that is not streamed',
    type: 'model_training_builtin',
    sent: { ...VISION, s3_data_type: 'AugmentedManifestFile', attribute_names: ['a'], data_input_mode: 'FastFile' },
    refused: ['/data_input_mode', /AugmentedManifestFile.*Pipe/],
    nearMisses: [{ ...RECORDS, data_input_mode: 'Pipe' }, { s3_data_type: 'S3Prefix' }],
  },
  {
    what: 'compressed data that is read as files',
    type: 'model_tuner_builtin',
    sent: { compression_type: 'Gzip' },
    refused: ['/compression_type', /data_input_mode.*Pipe.*remove compression_type/],
    nearMisses: [{ data_input_mode: 'Pipe' }, { compression_type: '' }],
  },
  {
    what: 'wrapped records in fast file mode',
    type: 'model_training_builtin',
    sent: { data_record_wrapping: 'RecordIO', data_input_mode: 'FastFile' },
    refused: ['/data_record_wrapping', /data_input_mode.*Pipe/],
    nearMisses: [{ data_input_mode: 'Pipe' }],
  },
  {
    what: 'a stream for an algorithm that reads files',
    type: 'model_training_builtin',
    sent: { model_framework: 'forecasting-deepar', use_spot_instances: false, data_input_mode: 'Pipe' },
    refused: ['/data_input_mode', /model_framework forecasting-deepar.*File/],
    nearMisses: [{ data_input_mode: 'File' }, { model_framework: 'linear-learner' }],
  },
  {
    what: 'several instances for an algorithm that trains on one',
    type: 'model_training_builtin',
    sent: { model_framework: 'lda', use_spot_instances: false, instance_count: 2 },
    refused: ['/instance_count', /model_framework lda.*instance_count to 1/],
    nearMisses: [{ instance_count: 1 }, { model_framework: 'pca' }],
  },
  {
    what: 'an instance without GPUs for an algorithm that needs one',
    type: 'model_training_builtin',
    sent: { ...VISION, instance_type: 'ml.m5.large' },
    refused: ['/instance_type', /model_framework object-detection.*GPU.*ml\.g4dn\.xlarge/],
    nearMisses: [{ instance_type: 'ml.p3.2xlarge' }, { instance_type: 'ml.g5.xlarge' }],
  },
  {
    what: 'a hyperparameter that is too long as text',
    type: 'model_training_builtin',
    sent: { algo_hyperparamaters: { list: Array(1_000).fill(10) } },
    refused: ['/algo_hyperparamaters/list', /3001 characters as text.*2500/],
    nearMisses: [{ algo_hyperparamaters: { list: Array(800).fill(10) } }],
  },
  {
    what: 'a metric of Autopilot that its problem type does not have',
    type: 'model_autopilot_training',
    sent: { problem_type: 'Regression', job_objective: 'F1' },
    refused: ['/job_objective', /F1.*problem_type Regression.*MSE/],
    nearMisses: [
      { job_objective: 'RMSE' },
      { problem_type: 'BinaryClassification' },
      { problem_type: 'MulticlassClassification', job_objective: 'F1macro' },
    ],
  },
  {
    what: 'a monitoring job that is longer than from one run to the next',
    type: 'byom_data_quality_monitor',
    sent: { schedule_expression: 'cron(0 0/6 ? * * *)', monitor_max_runtime_seconds: 21_601 },
    refused: ['/monitor_max_runtime_seconds', /is 21601.*schedule_expression cron\(0 0\/6.*21600/],
    nearMisses: [
      { monitor_max_runtime_seconds: 21_600 },
      { schedule_expression: 'cron(0 0 ? * * *)' },
      { schedule_expression: 'cron(0 3/12 ? * * *)' },
    ],
  },
  {
    what: 'a file for batch inference that the algorithm does not read',
    type: 'byom_batch_builtin',
    sent: { model_framework: 'blazingtext', batch_inference_data: 'my-bucket/data.csv' },
    refused: ['/batch_inference_data', /text\/csv.*model_framework blazingtext.*\.jsonl/],
    nearMisses: [
      { batch_inference_data: 'my-bucket/data.jsonl' },
      { batch_inference_data: 'my-bucket/data.json.gz' },
      { model_framework: 'kmeans' },
    ],
  },
  {
    what: 'no instances of an endpoint that answers at once',
    type: 'byom_realtime_custom',
    sent: { endpoint: { autoscaling: { min_capacity: 0, max_capacity: 2, target_invocations_per_instance: 5 } } },
    refused: ['/endpoint/autoscaling/min_capacity', /is 0.*asynchronous.*at least 1/],
    nearMisses: [
      { endpoint: { autoscaling: { min_capacity: 1, max_capacity: 2, target_invocations_per_instance: 5 } } },
      {
        endpoint: {
          asynchronous: { input_location: 'b-in/p', output_location: 'b-out/p' },
          autoscaling: { min_capacity: 0, max_capacity: 2, target_invocations_per_instance: 5 },
        },
      },
    ],
  },
];

describe('rules between values', () => {
  for (const { what, type, sent, refused, nearMisses } of CASES) {
    it(`refuse ${what}, with both keys and a remedy`, () => {
      const fault = onlyFault(body(type, sent));
      assert.equal(fault.pointer, refused[0]);
      assert.match(fault.message, refused[1]);
    });

    nearMisses.forEach((nearMiss, index) => {
      it(`accept what is next to ${what} (${index + 1})`, () => {
        accepted(body(type, { ...sent, ...nearMiss }));
      });
    });
  }

  it('are applied stage by stage, and say what goes with all stages once', () => {
    const changes = {
      schedule_expression: { dev: 'cron(0 * ? * * *)', staging: 'cron(0 0 ? * * *)', prod: 'cron(0 0/2 ? * * *)' },
      monitor_max_runtime_seconds: { dev: 3_600, staging: 86_400, prod: 7_201 },
    };
    assert.deepEqual(places(body('byom_data_quality_monitor', changes), MULTI), [
      '/monitor_max_runtime_seconds/prod conflict',
    ]);
    const json = { model_framework: 'blazingtext', batch_inference_data: 'my-bucket/data.csv' };
    assert.deepEqual(places(body('byom_batch_builtin', json), MULTI), ['/batch_inference_data conflict']);
  });

  it('are all reported at once', () => {
    const sent = { ...KMEANS, instance_type: 'ml.m5.large', s3_data_type: 'AugmentedManifestFile' };
    assert.deepEqual(places(body('model_training_builtin', sent)), [
      '/attribute_names conflict',
      '/data_input_mode conflict',
      '/max_wait_time_spot_instances range',
    ]);
  });

  it('are not checked before every single value is valid', () => {
    assert.deepEqual(places(body('model_training_builtin', { ...KMEANS, instance_count: 'two' })), [
      '/instance_count type',
    ]);
  });
});
