import assert from 'node:assert/strict';
import { stageValues } from '../../../blueprints/request/stage-values.ts';
import { MULTI_ACCOUNT, MULTI_ACCOUNT_MONITORS, SINGLE_ACCOUNT } from './guide-bodies.ts';
import { MULTI, REGISTRY, SINGLE, accepted, body, onlyFault, places, refused } from './requests.ts';

describe('examples of the guide', () => {
  for (const [name, sent] of Object.entries(SINGLE_ACCOUNT)) {
    it(`takes the ${name} without a warning`, () => {
      assert.deepEqual(accepted(sent, SINGLE).warnings, []);
    });

    it(`takes the ${name} in an installation with several accounts: a plain value serves all stages`, () => {
      const { request, blueprint } = accepted(sent, MULTI);
      assert.deepEqual(request, accepted(sent, SINGLE).request);
      assert.deepEqual(stageValues(blueprint, request, 'prod'), request);
    });
  }

  for (const [name, sent] of Object.entries(MULTI_ACCOUNT)) {
    it(`takes the ${name} with a value per stage, and warns of an instance type that SageMaker does not have for it`, () => {
      const { request, blueprint, warnings } = accepted(sent, MULTI);
      assert.deepEqual(
        warnings.filter(
          (one) => !/^"inference_instance" is ml\.t3\.2xlarge, which SageMaker does not have for/.test(one),
        ),
        [],
      );
      assert.equal(warnings.length, 1);
      assert.equal(stageValues(blueprint, request, 'dev').inference_instance, 'ml.t3.2xlarge');
      assert.equal(stageValues(blueprint, request, 'prod').inference_instance, 'ml.m5.4xlarge');
    });
  }

  for (const [name, { sent, faults, warnings }] of Object.entries(MULTI_ACCOUNT_MONITORS)) {
    it(`tells everything that the ${name} with a value per stage lacks as printed`, () => {
      assert.deepEqual(places(sent, MULTI), faults);
    });

    it(`takes the ${name} once repaired; too long for an hourly schedule is a warning`, () => {
      const repaired = { ...sent, model_name: 'my-model-name', baseline_data: 'path/to/baseline.csv' };
      const foreign = 'training_data' in sent ? 1 : 0;
      const given = accepted(repaired, MULTI).warnings;
      assert.equal(given.length, warnings + foreign, given.join());
      assert.equal(given.filter((one) => one.includes('1800')).length, warnings);
    });
  }

  it('says that training_data stands in place of baseline_data', () => {
    const { sent } = MULTI_ACCOUNT_MONITORS['data quality monitor']!;
    const fault = onlyFault({ ...sent, model_name: 'm' }, MULTI);
    assert.equal(fault.message, 'is required; "training_data" was given, which this type does not use; rename it');
  });

  it('refuses the underscores of the printed endpoint names and says how to fix them', () => {
    const sent = {
      ...MULTI_ACCOUNT['real-time, built-in'],
      endpoint_name: { dev: 'dev_endpoint_name', staging: 'staging_endpoint_name', prod: 'prod-endpoint-name' },
    };
    const { faults } = refused(sent, MULTI);
    assert.deepEqual(
      faults.map(({ pointer }) => pointer),
      ['/endpoint_name/dev', '/endpoint_name/staging'],
    );
    for (const { message } of faults) assert.match(message, /use hyphens instead of underscores/);
  });

  it('names the choices where the guide prints "mean_abs|mean_sq|median"', () => {
    const sent = body('byom_model_explainability_monitor', { shap_config: { agg_method: 'mean_abs|mean_sq|median' } });
    const { pointer, allowed } = onlyFault(sent);
    assert.equal(pointer, '/shap_config/agg_method');
    assert.deepEqual(allowed, ['mean_abs', 'median', 'mean_sq']);
  });

  it('refuses placeholders that were not filled in', () => {
    const sent = body('byom_realtime_builtin', {
      model_name: '<my-model-name>',
      data_capture_location: '<bucket-name>/<prefix>',
      endpoint_name: '<custom-endpoint-name>',
    });
    assert.deepEqual(places(sent), ['/data_capture_location pattern', '/endpoint_name pattern', '/model_name pattern']);
  });

  it('refuses the placeholder texts of JSON objects', () => {
    const sent = body('model_tuner_builtin', {
      algo_hyperparamaters: '<algo-hyperparameters-json-object>',
      tuner_configs: '<tuner-configs-json-object>',
      hyperparamaters_ranges: '<hyperparameters-ranges-json-object>',
    });
    const { faults } = refused(sent);
    assert.equal(faults.length, 3);
    for (const { message } of faults) assert.match(message, /^must be an object, or the JSON text of one$/);
  });

  describe('with the model registry, changed as the guide says', () => {
    const model_package_name = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group/3';
    const sources = ['custom_image_uri', 'model_framework', 'model_framework_version', 'model_artifact_location'];
    for (const name of ['real-time, custom', 'real-time, built-in', 'batch, custom', 'batch, built-in']) {
      const printed = Object.entries(SINGLE_ACCOUNT[name]!);
      const type = String(SINGLE_ACCOUNT[name]!.pipeline_type);
      const sent = { ...Object.fromEntries(printed.filter(([key]) => !sources.includes(key))), model_package_name };

      it(`takes ${name}`, () => {
        const { request, warnings } = accepted(sent, REGISTRY);
        assert.equal(request.model_package_name, model_package_name);
        assert.deepEqual(warnings, []);
      });

      it(`takes ${name} with the keys that it says to remove, but leaves them out`, () => {
        const { request, warnings } = accepted({ ...SINGLE_ACCOUNT[name], model_package_name }, REGISTRY);
        assert.deepEqual(request, accepted(sent, REGISTRY).request);
        const removed = sources.filter((key) => key in SINGLE_ACCOUNT[name]!);
        assert.deepEqual(
          warnings,
          removed.sort().map((key) => `"${key}" is not used by ${type} with USE_MODEL_REGISTRY=Yes and was ignored.`),
        );
      });
    }
  });
});
