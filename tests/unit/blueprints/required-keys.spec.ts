import assert from 'node:assert/strict';
import type { PipelineType } from '../../../blueprints/blueprint.ts';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import { MULTI, REGISTRY, SINGLE, accepted, body, places, refused } from './requests.ts';

const MONITOR = [
  'model_name',
  'endpoint_name',
  'baseline_data',
  'baseline_job_output_location',
  'data_capture_location',
  'monitoring_output_location',
  'schedule_expression',
  'monitor_max_runtime_seconds',
  'instance_type',
  'instance_volume_size',
];
const TRAINING = [
  'model_name',
  'model_framework',
  'model_framework_version',
  'training_data',
  'job_output_location',
  'algo_hyperparamaters',
];
const BUILTIN = ['model_framework', 'model_framework_version', 'model_artifact_location'];
const CUSTOM = ['custom_image_uri', 'model_artifact_location'];
const REALTIME = ['model_name', 'inference_instance', 'data_capture_location'];
const BATCH = ['model_name', 'inference_instance', 'batch_inference_data', 'batch_job_output_location'];

/** Keys that a type's example cannot do without, in an installation without the model registry. */
const REQUIRED: Record<PipelineType, string[]> = {
  byom_realtime_builtin: [...REALTIME, ...BUILTIN],
  byom_realtime_custom: [...REALTIME, ...CUSTOM],
  byom_batch_builtin: [...BATCH, ...BUILTIN],
  byom_batch_custom: [...BATCH, ...CUSTOM],
  model_training_builtin: TRAINING,
  model_tuner_builtin: [...TRAINING, 'tuner_configs', 'hyperparamaters_ranges'],
  model_autopilot_training: ['model_name', 'training_data', 'job_output_location', 'target_attribute'],
  byom_data_quality_monitor: MONITOR,
  byom_model_quality_monitor: [
    ...MONITOR,
    'problem_type',
    'baseline_ground_truth_attribute',
    'baseline_probability_attribute',
    'monitor_ground_truth_input',
  ],
  byom_model_bias_monitor: [
    ...MONITOR,
    'problem_type',
    'bias_config',
    'model_predicted_label_config',
    'monitor_ground_truth_input',
  ],
  byom_model_explainability_monitor: [...MONITOR, 'problem_type', 'shap_config'],
  byom_image_builder: ['custom_algorithm_docker', 'ecr_repo_name', 'image_tag'],
};

const REGISTRY_REQUIRED: Partial<Record<PipelineType, string[]>> = {
  byom_realtime_builtin: [...REALTIME, 'model_package_name'],
  byom_realtime_custom: [...REALTIME, 'model_package_name'],
  byom_batch_builtin: [...BATCH, 'model_package_name'],
  byom_batch_custom: [...BATCH, 'model_package_name'],
};

/** The example's keys of which leaving one out is refused. */
function cannotLeaveOut(type: PipelineType, settings: typeof SINGLE): string[] {
  return Object.keys(body(type, {}, settings))
    .filter((key) => key !== 'pipeline_type')
    .filter((key) => {
      try {
        accepted(body(type, { [key]: undefined }, settings), settings);
        return false;
      } catch {
        return true;
      }
    })
    .sort();
}

describe('required keys', () => {
  for (const type of PIPELINE_TYPES) {
    it(`of ${type} are as in the guide`, () => {
      assert.deepEqual(cannotLeaveOut(type, SINGLE), REQUIRED[type].toSorted());
      assert.deepEqual(cannotLeaveOut(type, MULTI), REQUIRED[type].toSorted());
    });

    it(`of ${type} are as in the guide with the model registry`, () => {
      assert.deepEqual(cannotLeaveOut(type, REGISTRY), (REGISTRY_REQUIRED[type] ?? REQUIRED[type]).toSorted());
    });

    it(`of ${type} are all reported at once, the first one with the original's message`, () => {
      const sent = { pipeline_type: type };
      const always = REQUIRED[type].filter(
        // Only known to be needed once there is a problem type.
        (key) => !['baseline_probability_attribute', 'model_predicted_label_config'].includes(key),
      );
      const error = refused(sent);
      const missing = error.faults.filter(({ rule }) => rule === 'required').map(({ pointer }) => pointer.slice(1));
      assert.equal(missing.length, error.faults.length);
      for (const key of always) assert.ok(missing.includes(key), key);
      if (missing.includes('problem_type')) {
        assert.equal(
          error.message,
          'Bad request format. Unsupported problem_type in byom_model_quality_monitor pipeline',
        );
      } else {
        assert.equal(error.message, `Bad request. API body does not have the necessary parameter: ${missing[0]}`);
      }
    });
  }

  it('are missing too where they are an empty text or null', () => {
    for (const value of ['', null]) {
      const sent = body('byom_realtime_builtin', { model_name: value, inference_instance: value });
      assert.deepEqual(
        refused(sent).faults.map(({ pointer }) => pointer),
        ['/model_name', '/inference_instance'],
      );
    }
  });

  describe('that hang on the problem type', () => {
    const QUALITY = 'byom_model_quality_monitor';
    const cases: [string, Parameters<typeof body>[0], Record<string, unknown>, string[]][] = [
      [
        'regression needs the inference attribute',
        QUALITY,
        { problem_type: 'Regression' },
        ['monitor_inference_attribute'],
      ],
      [
        'classification into many needs the inference attribute',
        'byom_model_explainability_monitor',
        { problem_type: 'MulticlassClassification' },
        ['monitor_inference_attribute'],
      ],
      [
        'classification into many needs to know how predictions are read',
        'byom_model_bias_monitor',
        {
          problem_type: 'MulticlassClassification',
          monitor_inference_attribute: 0,
          model_predicted_label_config: undefined,
        },
        ['model_predicted_label_config'],
      ],
      [
        'regression needs the inference attribute of the baseline, whatever else is given',
        QUALITY,
        { problem_type: 'Regression', monitor_inference_attribute: 0, baseline_inference_attribute: undefined },
        ['baseline_inference_attribute'],
      ],
      [
        'a probability without its threshold needs the inference attribute of the baseline',
        QUALITY,
        { baseline_inference_attribute: undefined, probability_threshold_attribute: undefined },
        ['baseline_inference_attribute'],
      ],
      [
        'an empty probability needs the inference attribute of the baseline',
        QUALITY,
        { baseline_inference_attribute: undefined, baseline_probability_attribute: '' },
        ['baseline_inference_attribute'],
      ],
    ];
    for (const [promise, type, changes, missing] of cases) {
      it(promise, () => {
        assert.deepEqual(
          places(body(type, changes)),
          missing.map((key) => `/${key} required`),
        );
      });
    }

    it('a probability with its threshold does without the inference attribute of the baseline', () => {
      accepted(body(QUALITY, { baseline_inference_attribute: undefined }));
    });

    it('an empty probability is enough with the inference attribute of the baseline', () => {
      accepted(body(QUALITY, { baseline_probability_attribute: '', probability_threshold_attribute: '' }));
    });

    it('regression does without a way to read labels', () => {
      accepted(
        body('byom_model_bias_monitor', {
          problem_type: 'Regression',
          monitor_inference_attribute: '0',
          model_predicted_label_config: undefined,
        }),
      );
    });

    it('an unknown problem type is reported with the original message, before missing keys', () => {
      const error = refused(body(QUALITY, { problem_type: 'regression', model_name: undefined }));
      assert.equal(
        error.message,
        'Bad request format. Unsupported problem_type in byom_model_quality_monitor pipeline',
      );
      assert.deepEqual(
        error.faults.map(({ pointer, rule }) => `${pointer} ${rule}`),
        ['/model_name required', '/problem_type allowed'],
      );
      assert.match(error.faults[1]!.message, /did you mean "Regression"\?$/);
    });
  });

  it('for training stay the same with the model registry: the image is needed to train', () => {
    const sent = body('model_training_builtin', { model_framework: undefined });
    assert.deepEqual(places(sent, REGISTRY), ['/model_framework required']);
  });
});
