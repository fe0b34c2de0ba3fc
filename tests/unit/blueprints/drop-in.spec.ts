/** What clients of the original send, and get accepted as they did. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { batchBuiltin } from '../../../blueprints/batch-transform/index.ts';
import { tuningJob } from '../../../blueprints/hyperparameter-tuning/job.ts';
import type { TuningRequest } from '../../../blueprints/hyperparameter-tuning/job.ts';
import { transformJob } from '../../../blueprints/batch-transform/job.ts';
import type { BatchRequest } from '../../../blueprints/batch-transform/request.ts';
import { monitorName } from '../../../blueprints/model-monitor/monitor-request.ts';
import type { Body } from './requests.ts';
import { accepted, body, places } from './requests.ts';

describe('clients of the original', () => {
  for (const [type, key] of [
    ['model_training_builtin', 'validation_data'],
    ['model_training_builtin', 'max_runtime_per_job'],
    ['model_training_builtin', 'attribute_names'],
    ['byom_realtime_builtin', 'endpoint_name'],
    ['byom_realtime_builtin', 'kms_key_arn'],
    ['byom_realtime_builtin', 'endpoint'],
    ['model_autopilot_training', 'generate_definition_only'],
    ['byom_model_explainability_monitor', 'model_scores'],
    ['byom_data_quality_monitor', 'baseline_max_runtime_seconds'],
  ] as const) {
    it(`send ${key} as null or an empty text where they do not give it (${type})`, () => {
      const without = accepted(body(type, { [key]: undefined })).request;
      for (const empty of [null, '', ' ']) {
        assert.deepEqual(accepted(body(type, { [key]: empty })).request, without);
      }
    });
  }

  it('send an empty configuration of Clarify for regression, but must give one for classification', () => {
    const regression = { problem_type: 'Regression', monitor_inference_attribute: '0' };
    for (const empty of [null, '']) {
      accepted(body('byom_model_bias_monitor', { ...regression, model_predicted_label_config: empty }));
      assert.deepEqual(places(body('byom_model_bias_monitor', { model_predicted_label_config: empty })), [
        '/model_predicted_label_config required',
      ]);
    }
  });

  it('must still give what is required', () => {
    assert.deepEqual(places(body('byom_realtime_builtin', { inference_instance: null })), ['/inference_instance type']);
    assert.deepEqual(places(body('byom_realtime_builtin', { model_name: '' })), ['/model_name range']);
  });

  it('may send any version of an algorithm that has only one, with a warning', () => {
    for (const version of ['latest', '2', 1.5]) {
      const sent = { model_framework: 'kmeans', model_framework_version: version };
      const { request, warnings } = accepted(body('byom_realtime_builtin', sent));
      assert.equal(request.model_framework_version, '1');
      assert.deepEqual(warnings, [
        `"model_framework_version" ${version} was accepted as 1: SageMaker has no other version of kmeans.`,
      ]);
    }
    const plain = { model_framework: 'kmeans', model_framework_version: 1 };
    assert.deepEqual(accepted(body('byom_realtime_builtin', plain)).warnings, []);
  });

  it('name other frameworks that the SDK resolves', () => {
    for (const [framework, version] of [
      ['sklearn', '1.2-1'],
      ['sparkml-serving', '3.3'],
      ['djl-lmi', '0.29.0'],
      ['xgboost-neo', 'latest'],
    ]) {
      accepted(body('byom_batch_builtin', { model_framework: framework, model_framework_version: version }));
    }
    assert.deepEqual(places(body('byom_batch_builtin', { model_framework: 'sklearn', model_framework_version: '9' })), [
      '/model_framework_version allowed',
    ]);
  });

  const tuning = (changes: Body) => {
    const { request } = accepted(body('model_tuner_builtin', changes));
    return tuningJob(request as unknown as TuningRequest, 'image', 'assets');
  };
  const TUNER = { objective_metric_name: 'validation:auc', max_jobs: 2 };

  it('write the scaling type of a range as third item', () => {
    const ranges = { eta: ['continuous', [0.1, 1], 'Logarithmic'], depth: ['integer', [1, 9]] };
    const { HyperParameterTuningJobConfig: config } = tuning({ hyperparamaters_ranges: ranges });
    assert.equal(config?.ParameterRanges?.ContinuousParameterRanges?.[0]?.ScalingType, 'Logarithmic');
    assert.equal(config?.ParameterRanges?.IntegerParameterRanges?.[0]?.ScalingType, 'Auto');
  });

  it('leave ranges to autotune', () => {
    const made = tuning({ tuner_configs: { ...TUNER, autotune: true }, hyperparamaters_ranges: undefined });
    assert.deepEqual(made.Autotune, { Mode: 'Enabled' });
    assert.equal(tuning({}).Autotune, undefined);
  });

  it('write what they do not set in tuner_configs as null, as the SDK does', () => {
    const unset = {
      metric_definitions: null,
      tags: null,
      base_tuning_job_name: null,
      random_seed: null,
      autotune: null,
    };
    assert.deepEqual(tuning({ tuner_configs: { ...TUNER, ...unset } }), tuning({ tuner_configs: TUNER }));
  });

  it('tag the tuning job, but not with tags of AWS', () => {
    for (const Key of ['aws:team', 'AWS:team']) {
      const sent = body('model_tuner_builtin', { tuner_configs: { ...TUNER, tags: [{ Key, Value: 'churn' }] } });
      assert.deepEqual(places(sent), ['/tuner_configs/tags/0/Key pattern']);
    }
    accepted(body('model_tuner_builtin', { tuner_configs: { ...TUNER, tags: [{ Key: 'awsome', Value: '' }] } }));
  });

  it('leave the number of jobs of a grid to SageMaker', () => {
    const grid = tuning({
      tuner_configs: { objective_metric_name: 'validation:auc', strategy: 'Grid' },
      hyperparamaters_ranges: { booster: ['categorical', ['gbtree', 'dart']] },
    });
    assert.deepEqual(grid.HyperParameterTuningJobConfig?.ResourceLimits, { MaxParallelTrainingJobs: 1 });
  });

  it('are warned about what has no effect in tuner_configs', () => {
    const { warnings } = accepted(
      body('model_tuner_builtin', { tuner_configs: { ...TUNER, base_tuning_job_name: 'x' }, validation_data: '' }),
    );
    assert.equal(warnings.length, 2, warnings.join());
    assert.match(warnings.join(), /validation_data.*base_tuning_job_name.*no effect/s);
  });

  it('give files for batch inference of the formats that their names say', () => {
    const job = (location: string) => {
      const sent = body('byom_batch_custom', { batch_inference_data: location });
      return transformJob(accepted(sent).request as unknown as BatchRequest);
    };
    const formats = ['a-b/x.csv', 'a-b/prefix', 'a-b/x.csv.gz', 'a-b/x.JSONL', 'a-b/x.png'].map((location) => {
      const { TransformInput: input, TransformOutput: output } = job(location);
      return [
        input?.ContentType,
        input?.SplitType,
        input?.CompressionType,
        output?.Accept,
        output?.AssembleWith,
      ].join();
    });
    assert.deepEqual(formats, [
      'text/csv,Line,None,text/csv,Line',
      'text/csv,Line,None,text/csv,Line',
      'text/csv,Line,Gzip,text/csv,Line',
      'application/jsonlines,Line,None,application/jsonlines,Line',
      'application/x-image,None,None,application/json,None',
    ]);
    assert.equal(batchBuiltin.placement, 'environments');
  });

  it('may ask for a new run of what has not changed', () => {
    const plain = accepted(body('model_training_builtin'));
    for (const rerun of [true, 'true', 'True']) {
      const asked = accepted(body('model_training_builtin', { rerun }));
      assert.deepEqual([asked.rerun, asked.request, asked.warnings], [true, plain.request, []]);
    }
    for (const rerun of [false, 'False', null, '', undefined]) {
      assert.equal(accepted(body('model_training_builtin', { rerun })).rerun, false);
    }
    assert.deepEqual(places(body('model_training_builtin', { rerun: 'yes' })), ['/rerun type']);
    const endpoint = accepted(body('byom_realtime_builtin', { rerun: true }));
    assert.equal(endpoint.rerun, false);
    assert.match(endpoint.warnings.join(), /^"rerun" has no effect/);
  });

  it('name images by tags and models by names that are longer than a pipeline id holds, or have other characters', () => {
    const id = (image_tag: string) => accepted(body('byom_image_builder', { image_tag })).pipelineId;
    assert.equal(id('v1'), 'mlops-pipeline-v1-byompipelineimagebuilder');
    const ids = ['1.0.0', '1-0-0', '1_0_0', 'latest_dev', 'a'.repeat(128), 'a'.repeat(127)].map(id);
    assert.equal(new Set(ids).size, ids.length);
    for (const one of ids) assert.match(one, /^mlops-pipeline-[a-z0-9-]{1,40}-byompipelineimagebuilder$/);
    const long = accepted(body('byom_realtime_builtin', { model_name: 'a'.repeat(63) }));
    assert.equal(long.modelName.length, 63);
    assert.ok(long.pipelineId.length < 100);
  });

  it('monitor endpoints whose names are as long as SageMaker allows', () => {
    const longest = 'e'.repeat(63);
    const kinds = ['data_quality', 'model_quality', 'model_bias', 'model_explainability'] as const;
    const names = kinds.flatMap((kind) =>
      [longest, `${longest.slice(0, 62)}f`, 'short'].flatMap((name) => [
        monitorName(name, kind, 'a'),
        monitorName(name, kind, 'b'),
      ]),
    );
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z0-9](-*[a-z0-9]){0,62}$/);
    assert.match(monitorName('my-endpoint', 'data_quality', 'a'), /^my-endpoint-dataquality-[0-9a-f]{12}$/);
  });
});
