import assert from 'node:assert/strict';
import type { PipelineType } from '../../../blueprints/blueprint.ts';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import { subjectOf } from '../../../blueprints/needs.ts';
import { BLUEPRINTS } from '../../../blueprints/registry.ts';
import type { RequestSettings } from '../../../blueprints/request/request.ts';
import { stageValues } from '../../../blueprints/request/stage-values.ts';
import type { Body } from './requests.ts';
import { MULTI, REGISTRY, SINGLE, accepted, body } from './requests.ts';

const PLACE = { assetsBucket: 'assets', allowUnapprovedModelPackages: false };
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012';

function needsOf(type: PipelineType, changes: Body = {}, settings: RequestSettings = SINGLE, environment = 'main') {
  const { request } = accepted(body(type, changes, settings), settings);
  const blueprint = BLUEPRINTS[type];
  return blueprint.needs?.(stageValues(blueprint, request, environment), PLACE) ?? [];
}

/** Without the name of an endpoint, which every example has. */
const listed = (...args: Parameters<typeof needsOf>) =>
  needsOf(...args)
    .filter(({ kind }) => kind !== 'endpoint-name')
    .map((need) =>
      [need.pointer, subjectOf(need), ...(need.kind === 'instances' ? [`${need.count} × ${need.usage}`] : [])].join(
        ' ',
      ),
    );

const IMAGE = '111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:1';
const ARTIFACT = '/model_artifact_location s3://assets/path/to/model.tar.gz';

describe('what a deployment needs', () => {
  it('is said by every blueprint, of its own example', () => {
    const training = [
      '/job_output_location s3://assets',
      '/training_data s3://assets/path/to/training_data.csv',
      '/validation_data s3://assets/path/to/validation_data.csv',
    ];
    const realtime = ['/data_capture_location s3://my-bucket', '/inference_instance quota:ml.m5.large 1 × endpoint'];
    const batch = [
      '/batch_inference_data s3://my-bucket/my-prefix/inference_data.csv',
      '/batch_job_output_location s3://my-bucket',
      '/inference_instance quota:ml.m5.large 1 × transform job',
    ];
    const offered = '/pipeline_type model-monitor';
    const baseline = '/baseline_data s3://assets/path/to/training_data_with_header.csv';
    const monitor = [
      '/baseline_job_output_location s3://my-bucket',
      '/data_capture_location s3://my-bucket',
      '/monitoring_output_location s3://my-bucket',
    ];
    const truth = '/monitor_ground_truth_input s3://my-bucket';
    const processing = '/instance_type quota:ml.m5.large 1 × processing job';
    const expected: Record<PipelineType, string[]> = {
      byom_realtime_builtin: [ARTIFACT, ...realtime],
      byom_realtime_custom: [ARTIFACT, `/custom_image_uri ${IMAGE}`, ...realtime],
      byom_batch_builtin: [ARTIFACT, ...batch],
      byom_batch_custom: [ARTIFACT, `/custom_image_uri ${IMAGE}`, ...batch],
      model_training_builtin: [...training, '/instance_type quota:ml.m4.xlarge 1 × spot training job'],
      model_tuner_builtin: [...training, '/instance_type quota:ml.m4.xlarge 2 × spot training job'],
      model_autopilot_training: [
        '/job_output_location s3://assets',
        '/training_data s3://assets/path/to/training_data_with_header.csv',
      ],
      byom_data_quality_monitor: [offered, baseline, ...monitor, processing],
      byom_model_quality_monitor: [
        offered,
        '/baseline_data s3://assets/path/to/baseline_dataset.csv',
        ...monitor,
        truth,
        processing,
      ],
      byom_model_bias_monitor: [offered, baseline, ...monitor, truth, processing],
      byom_model_explainability_monitor: [offered, baseline, ...monitor, processing],
      byom_image_builder: ['/custom_algorithm_docker s3://assets/path/to/custom_image.zip'],
    };
    assert.deepEqual(Object.fromEntries(PIPELINE_TYPES.map((type) => [type, listed(type)])), expected);
  });

  it('is a name for the endpoint that is free, where the request gives one', () => {
    const names = (changes: Record<string, unknown>) =>
      needsOf('byom_realtime_builtin', changes).filter(({ kind }) => kind === 'endpoint-name');
    assert.deepEqual(names({ endpoint_name: 'Mine' }), [
      { kind: 'endpoint-name', pointer: '/endpoint_name', name: 'mine' },
    ]);
    assert.deepEqual(names({ endpoint_name: undefined }), []);
  });

  it('has the key where there is one', () => {
    for (const type of PIPELINE_TYPES.filter((one) => one !== 'byom_image_builder')) {
      assert.ok(listed(type, { kms_key_arn: KEY }).includes(`/kms_key_arn ${KEY}`), type);
    }
  });

  it('is the model package alone in place of artifact and image', () => {
    for (const type of ['byom_realtime_custom', 'byom_batch_builtin'] as const) {
      const [first, ...others] = listed(type, {}, REGISTRY);
      assert.equal(first, '/model_package_name arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group/1');
      assert.ok(!others.some((one) => one.includes('model_artifact') || one.includes('image')));
    }
  });

  it('is that of the stage', () => {
    const inference_instance = { dev: 'ml.t2.medium', staging: 'ml.m5.large', prod: 'ml.m5.4xlarge' };
    const instances = listed('byom_realtime_custom', { inference_instance }, MULTI, 'prod').at(-1);
    assert.equal(instances, '/inference_instance quota:ml.m5.4xlarge 1 × endpoint');
  });

  it('follows how an endpoint is run', () => {
    const endpoint = (value: unknown) => listed('byom_realtime_builtin', { endpoint: value, kms_key_arn: KEY });
    assert.ok(endpoint({ instance_count: 3 }).includes('/inference_instance quota:ml.m5.large 3 × endpoint'));
    const autoscaling = { min_capacity: 2, max_capacity: 9, target_invocations_per_instance: 70 };
    assert.ok(endpoint({ autoscaling }).includes('/inference_instance quota:ml.m5.large 2 × endpoint'));
    assert.deepEqual(endpoint({ serverless: { memory_size_in_mb: 1024, max_concurrency: 1 } }), [ARTIFACT]);
    const asynchronous = { input_location: 'payloads/a', output_location: 'answers/b' };
    assert.deepEqual(
      endpoint({ asynchronous }).filter((one) => one.includes('asynchronous')),
      ['/endpoint/asynchronous/input_location s3://payloads', '/endpoint/asynchronous/output_location s3://answers'],
    );
    const deployment = { strategy: 'canary', alarms: ['errors'] };
    assert.ok(endpoint({ deployment }).includes('/endpoint/deployment/alarms alarm:errors'));
  });

  it('takes a manifest for one file, and training data for all that begins so', () => {
    const prefix = (changes: Body) => needsOf('model_training_builtin', changes).find((need) => need.kind === 'object');
    assert.deepEqual(prefix({}), {
      kind: 'object',
      pointer: '/training_data',
      bucket: 'assets',
      key: 'path/to/training_data.csv',
      isPrefix: true,
    });
    assert.equal(prefix({ s3_data_type: 'ManifestFile' })?.isPrefix, false);
    const onDemand = listed('model_training_builtin', { use_spot_instances: false, instance_count: 2 });
    assert.ok(onDemand.includes('/instance_type quota:ml.m4.xlarge 2 × training job'), onDemand.join());
  });
});
