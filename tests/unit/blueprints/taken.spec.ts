import assert from 'node:assert/strict';
import { BLUEPRINTS } from '../../../blueprints/registry.ts';
import { stageValues } from '../../../blueprints/request/stage-values.ts';
import { requestDigest } from '../../../blueprints/request/digest.ts';
import { SINGLE_ACCOUNT } from './guide-bodies.ts';
import { MULTI, REGISTRY, SINGLE, accepted, body, onlyFault, places, refused } from './requests.ts';

const PLACES = { dev: 'dev-bucket/p', staging: 'staging-bucket/p', prod: 'prod-bucket/p' };

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, reversed(inner)])
      .reverse(),
  );
}

describe('a request that is taken', () => {
  it('gives the pipeline its id in lower case', () => {
    const { pipelineId, modelName } = accepted(body('byom_realtime_builtin', { model_name: ' My-Model ' }), {
      ...SINGLE,
      pipelinePrefix: 'Team-A',
    });
    assert.equal(pipelineId, 'team-a-my-model-byompipelinerealtimebuiltin');
    assert.equal(modelName, 'My-Model');
  });

  it('has the defaults of the guide filled in', () => {
    const training = accepted(body('model_training_builtin', { validation_data: undefined })).request;
    assert.deepEqual(training, {
      pipeline_type: 'model_training_builtin',
      model_name: 'my-model-name',
      model_framework: 'xgboost',
      model_framework_version: '1',
      training_data: 'path/to/training_data.csv',
      job_output_location: 'my-training-output',
      algo_hyperparamaters: { eval_metric: 'auc', objective: 'binary:logistic', num_round: 400, rate_drop: 0.3 },
      instance_type: 'ml.m4.xlarge',
      instance_count: 1,
      instance_volume_size: 20,
      max_runtime_per_job: 86_400,
      use_spot_instances: true,
      max_wait_time_spot_instances: 172_800,
      encrypt_inner_traffic: true,
      content_type: 'csv',
      s3_data_type: 'S3Prefix',
      data_distribution: 'FullyReplicated',
      data_input_mode: 'File',
    });
    const autopilot = accepted(body('model_autopilot_training')).request;
    assert.equal(autopilot.job_max_candidates, 10);
    assert.equal(autopilot.max_runtime_per_job, 86_400);
    assert.equal(autopilot.total_max_runtime, 2_592_000);
    assert.equal(autopilot.generate_definition_only, false);
    assert.equal(autopilot.encrypt_inner_traffic, true);
    assert.deepEqual(accepted(body('model_tuner_builtin')).request.tuner_configs, {
      early_stopping_type: 'Auto',
      objective_metric_name: 'validation:auc',
      max_jobs: 10,
      max_parallel_jobs: 2,
      strategy: 'Bayesian',
      objective_type: 'Maximize',
    });
  });

  for (const [name, sent] of Object.entries(SINGLE_ACCOUNT)) {
    it(`is the same in any order of keys: ${name}`, () => {
      assert.deepEqual(accepted(reversed(sent)), accepted(sent));
      assert.equal(requestDigest(accepted(reversed(sent)).request), requestDigest(accepted(sent).request));
    });

    it(`stays as it is when it is checked again: ${name}`, () => {
      const { request } = accepted(sent);
      assert.deepEqual(accepted(request).request, request);
      assert.deepEqual(accepted(request, MULTI).request, request);
    });
  }

  it('warns in the same order whatever the order of keys', () => {
    const sent = body('byom_realtime_builtin', {
      training_data: 'x',
      image_tag: 'x',
      data_capture_location: 's3://my-bucket/p',
      batch_inference_data: 'x',
    });
    const { warnings } = accepted(sent);
    assert.equal(warnings.length, 4);
    assert.deepEqual(accepted(reversed(sent)).warnings, warnings);
  });

  it('is refused with the same faults in any order of keys', () => {
    const { algo_hyperparamaters: one, hyperparamaters_ranges: other } = body('model_tuner_builtin');
    const spellings = { algo_hyperparameters: one, hyperparameters_ranges: other };
    const sent = body('model_tuner_builtin', {
      nonsense: 1,
      absurdity: 2,
      ...spellings,
      training_data: 1,
      model_name: 2,
    });
    const { faults, message } = refused(sent);
    assert.equal(faults.length, 6);
    assert.deepEqual(refused(reversed(sent)).faults, faults);
    assert.equal(refused(reversed(sent)).message, message);
  });

  it('does not change what was sent', () => {
    const sent = body('model_training_builtin', { use_spot_instances: 'True', training_data: 'prefix/' });
    const before = structuredClone(sent);
    accepted(sent);
    assert.deepEqual(sent, before);
  });

  describe('with a warning', () => {
    it('leaves out keys of other types', () => {
      const { request, warnings } = accepted(body('byom_image_builder', { model_name: 'x', problem_type: 5 }));
      assert.ok(!('model_name' in request) && !('problem_type' in request));
      assert.deepEqual(warnings, [
        '"model_name" is not used by byom_image_builder and was ignored.',
        '"problem_type" is not used by byom_image_builder and was ignored.',
      ]);
    });

    it('blames the registry only for what the registry replaces', () => {
      const { warnings } = accepted(
        body('byom_batch_builtin', { model_framework: 'x', image_tag: 'y' }, REGISTRY),
        REGISTRY,
      );
      assert.deepEqual(warnings, [
        '"image_tag" is not used by byom_batch_builtin and was ignored.',
        '"model_framework" is not used by byom_batch_builtin with USE_MODEL_REGISTRY=Yes and was ignored.',
      ]);
    });

    it('drops s3:// and says so, per key', () => {
      const { warnings, request } = accepted(
        body('byom_realtime_builtin', { data_capture_location: { ...PLACES, prod: 's3://prod-bucket/p/' } }),
        MULTI,
      );
      assert.deepEqual(request.data_capture_location, PLACES);
      assert.deepEqual(warnings, ['"data_capture_location" was accepted without s3://.']);
    });

    it('checks each stage separately for hourly schedules', () => {
      const sent = (seconds: object) =>
        body('byom_data_quality_monitor', {
          schedule_expression: { dev: 'cron(0 * ? * * *)', staging: 'cron(0 0 ? * * *)', prod: 'cron(0 0 ? * * *)' },
          monitor_max_runtime_seconds: seconds,
        });
      assert.deepEqual(accepted(sent({ dev: 3_300, staging: '80000', prod: 80_000 }), MULTI).warnings, []);
      assert.match(accepted(sent({ dev: 3_301, staging: 1, prod: 1 }), MULTI).warnings.join(), /is 3301: /);
      assert.deepEqual(places(sent({ dev: 3_601, staging: 1, prod: 1 }), MULTI), [
        '/monitor_max_runtime_seconds/dev conflict',
      ]);
    });

    it('says what has no effect', () => {
      const names = accepted(body('model_training_builtin', { attribute_names: ['a'] })).warnings;
      assert.match(names.join(), /^"attribute_names" has no effect/);
      const manifest = { attribute_names: ['a'], s3_data_type: 'AugmentedManifestFile', data_input_mode: 'Pipe' };
      assert.deepEqual(accepted(body('model_training_builtin', manifest)).warnings, []);
      const regression = { problem_type: 'Regression', monitor_inference_attribute: 0 };
      const { warnings } = accepted(body('byom_model_quality_monitor', regression));
      assert.equal(warnings.length, 3, warnings.join());
      for (const one of warnings) assert.match(one, /probability.* has no effect without "problem_type"/);
    });
  });

  describe('in either spelling', () => {
    for (const [other, kept, type, warned] of [
      ['algo_hyperparameters', 'algo_hyperparamaters', 'model_training_builtin', false],
      ['hyperparameters_ranges', 'hyperparamaters_ranges', 'model_tuner_builtin', false],
      ['Max_wait_time_spot_instances', 'max_wait_time_spot_instances', 'model_training_builtin', true],
      ['date_capture_location', 'data_capture_location', 'byom_data_quality_monitor', true],
    ] as const) {
      const value = accepted(body(type)).request[kept];

      it(`${other} becomes ${kept}`, () => {
        const { request, warnings } = accepted(body(type, { [kept]: undefined, [other]: value }));
        assert.deepEqual(request, accepted(body(type)).request);
        assert.deepEqual(warnings, warned ? [`"${other}" was accepted as "${kept}".`] : []);
      });

      it(`${other} and ${kept} together are refused`, () => {
        const fault = onlyFault(body(type, { [kept]: value, [other]: value }));
        assert.deepEqual([fault.pointer, fault.rule], [`/${other}`, 'conflict']);
        assert.ok(fault.message.includes(kept));
      });
    }

    it('is reported as it was sent if the type does not use it', () => {
      const { warnings } = accepted(body('byom_image_builder', { algo_hyperparameters: {} }));
      assert.deepEqual(warnings, ['"algo_hyperparameters" is not used by byom_image_builder and was ignored.']);
    });
  });

  it('with a model package without the registry is refused, naming the setting; an empty one is nothing', () => {
    const model_package_name = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group/1';
    const fault = onlyFault(body('byom_batch_custom', { model_package_name }));
    assert.equal(fault.rule, 'conflict');
    assert.match(fault.message, /^requires USE_MODEL_REGISTRY=Yes/);
    const { request } = accepted(body('byom_batch_custom', { model_package_name: '' }));
    assert.ok(!('model_package_name' in request));
  });

  it('with the registry needs a model package by its ARN', () => {
    const sent = (model_package_name: unknown) => body('byom_realtime_custom', { model_package_name }, REGISTRY);
    accepted(sent('arn:aws-cn:sagemaker:cn-north-1:111111111111:model-package/g/12'), REGISTRY);
    for (const wrong of [
      'my-group/1',
      'arn:aws:sagemaker:us-east-1:111111111111:model-package-group/g',
      'arn:aws:sagemaker:us-east-1:1:model-package/g/1',
    ]) {
      assert.equal(onlyFault(sent(wrong), REGISTRY).rule, 'pattern', wrong);
    }
  });
});

describe('values per stage', () => {
  const blueprint = BLUEPRINTS.byom_realtime_builtin;
  const type = blueprint.pipelineType;

  it('are picked by environment; all else is the same in each', () => {
    const { request } = accepted(body(type, { data_capture_location: PLACES, endpoint_name: 'e' }), MULTI);
    for (const stage of ['dev', 'staging', 'prod'] as const) {
      assert.deepEqual(stageValues(blueprint, request, stage), {
        ...request,
        data_capture_location: PLACES[stage],
      });
    }
    assert.deepEqual(stageValues(blueprint, request, 'main'), request);
  });

  it('may be left empty for a stage where the key may be left out', () => {
    const endpoint_name = { dev: '', staging: 'My-Endpoint', prod: '' };
    const { request } = accepted(body(type, { endpoint_name }), MULTI);
    assert.deepEqual(request.endpoint_name, { dev: '', staging: 'my-endpoint', prod: '' });
    assert.ok(!('endpoint_name' in stageValues(blueprint, request, 'dev')));
    assert.equal(stageValues(blueprint, request, 'staging').endpoint_name, 'my-endpoint');
    assert.deepEqual(accepted(request, MULTI).request, request);
  });

  it('may not be empty where the key is needed', () => {
    const inference_instance = { dev: '', staging: 'ml.m5.large', prod: 'ml.m5.large' };
    assert.equal(onlyFault(body(type, { inference_instance }), MULTI).pointer, '/inference_instance/dev');
  });

  it('are needed for every stage, and for no other', () => {
    const sent = body(type, { data_capture_location: { dev: 'dev-bucket/p', stagin: 'staging-bucket/p' } });
    assert.deepEqual(places(sent, MULTI), [
      '/data_capture_location/prod required',
      '/data_capture_location/stagin unknown',
      '/data_capture_location/staging required',
    ]);
    const empty = body(type, { data_capture_location: {} });
    assert.equal(places(empty, MULTI).length, 3);
  });

  it('name an unknown stage with the one that was meant', () => {
    const sent = body(type, { data_capture_location: { ...PLACES, produ: 'x-bucket/p' } });
    assert.equal(
      onlyFault(sent, MULTI).message,
      'is not supported here; supported: dev, staging, prod; did you mean "prod"?',
    );
  });

  it('are checked like plain ones', () => {
    const sent = body(type, { data_capture_location: { ...PLACES, dev: 'Bad Bucket' } });
    assert.deepEqual(places(sent, MULTI), ['/data_capture_location/dev pattern']);
  });

  it('become numbers like plain ones', () => {
    const sent = body('byom_data_quality_monitor', { instance_volume_size: { dev: '20', staging: 20, prod: '100' } });
    assert.deepEqual(accepted(sent, MULTI).request.instance_volume_size, { dev: 20, staging: 20, prod: 100 });
  });

  it('are refused in an installation with one account, saying so', () => {
    const fault = onlyFault(body(type, { data_capture_location: PLACES }));
    assert.deepEqual([fault.pointer, fault.rule], ['/data_capture_location', 'conflict']);
    assert.match(fault.message, /deploys to a single account/);
    assert.equal(onlyFault(body(type, { data_capture_location: { a: 1 } })).rule, 'type');
  });

  it('are refused for keys that are the same everywhere', () => {
    assert.deepEqual(places(body(type, { model_name: { dev: 'a', staging: 'b', prod: 'c' } }), MULTI), [
      '/model_name type',
    ]);
    const job = body('model_training_builtin', { instance_type: { dev: 'ml.m5.large' } });
    assert.deepEqual(places(job, MULTI), ['/instance_type type']);
  });
});

describe('digest of a request', () => {
  it('does not hang on the order of keys, at any depth, but on that of lists', () => {
    assert.equal(requestDigest({ a: 1, b: { c: [1, 2], d: 2 } }), requestDigest({ b: { d: 2, c: [1, 2] }, a: 1 }));
    assert.notEqual(requestDigest({ a: [1, 2] }), requestDigest({ a: [2, 1] }));
  });

  it('differs for every difference', () => {
    const all = [{}, { a: 1 }, { a: '1' }, { a: true }, { a: null }, { a: [1] }, { a: { 0: 1 } }, { b: 1 }];
    assert.equal(new Set(all.map(requestDigest)).size, all.length);
  });

  it('is a SHA-256 in hexadecimal, the same in every process', () => {
    assert.equal(requestDigest({}), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});
