/** Bounds and enumerations of our schemas, held against AWS' own: none may be wider, and a narrower one has a reason. */
import assert from 'node:assert/strict';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { ServiceModel } from '../support/aws-models.ts';
import { loadModels } from '../support/aws-models.ts';
import { NoPythonPackage } from '../support/python-package.ts';
import { SINGLE } from '../unit/blueprints/requests.ts';

interface Description {
  type: string;
  flags?: { only?: boolean };
  allow?: unknown[];
  rules?: { name: string; args?: { limit?: unknown; regex?: string } }[];
  keys?: Record<string, Description>;
  items?: Description[];
}

interface Row {
  type: PipelineType;
  /** Path of keys. */
  key: string;
  /** Shape of SageMaker. */
  shape: string;
  /** Why ours is narrower, where it is: what of AWS' range is left out. */
  narrower?: string;
}

const TUNER = 'model_tuner_builtin';
const MONITOR = 'byom_data_quality_monitor';
const REALTIME = 'byom_realtime_builtin';

const ROWS: readonly Row[] = [
  { type: 'model_training_builtin', key: 'instance_type', shape: 'TrainingInstanceType' },
  { type: REALTIME, key: 'inference_instance', shape: 'ProductionVariantInstanceType' },
  { type: 'byom_batch_builtin', key: 'inference_instance', shape: 'TransformInstanceType' },
  { type: MONITOR, key: 'instance_type', shape: 'ProcessingInstanceType' },
  { type: REALTIME, key: 'model_name', shape: 'ModelName' },
  { type: REALTIME, key: 'endpoint_name', shape: 'EndpointName' },
  { type: MONITOR, key: 'endpoint_name', shape: 'EndpointName' },
  {
    type: MONITOR,
    key: 'instance_volume_size',
    shape: 'ProcessingVolumeSizeInGB',
    narrower: 'the provider takes at most 512 GB',
  },
  { type: MONITOR, key: 'monitor_max_runtime_seconds', shape: 'MonitoringMaxRuntimeInSeconds' },
  { type: TUNER, key: 'tuner_configs.strategy', shape: 'HyperParameterTuningJobStrategyType' },
  { type: TUNER, key: 'tuner_configs.early_stopping_type', shape: 'TrainingJobEarlyStoppingType' },
  { type: TUNER, key: 'tuner_configs.objective_type', shape: 'HyperParameterTuningJobObjectiveType' },
  { type: TUNER, key: 'tuner_configs.objective_metric_name', shape: 'MetricName' },
  {
    type: TUNER,
    key: 'tuner_configs.max_jobs',
    shape: 'MaxNumberOfTrainingJobs',
    narrower: 'quota of 750 jobs a search',
  },
  {
    type: TUNER,
    key: 'tuner_configs.max_parallel_jobs',
    shape: 'MaxParallelTrainingJobs',
    narrower: 'quota of 100 jobs at once',
  },
  { type: TUNER, key: 'tuner_configs.max_runtime_in_seconds', shape: 'HyperParameterTuningMaxRuntimeInSeconds' },
  { type: 'model_autopilot_training', key: 'problem_type', shape: 'ProblemType' },
  {
    type: 'model_autopilot_training',
    key: 'job_objective',
    shape: 'AutoMLMetricEnum',
    narrower: 'the metrics of tabular problems; the others are of time series',
  },
];

describe('schemas, held against AWS’ API model', () => {
  let sagemaker: ServiceModel = { shapes: {}, operations: {} };

  before(async function () {
    this.timeout(300_000);
    try {
      ({ sagemaker = sagemaker } = await loadModels(['sagemaker']));
    } catch (error) {
      if (!(error instanceof NoPythonPackage) || process.env.CI) throw error;
      process.stderr.write(`\nSKIPPED: schemas against AWS' API model. ${error.message}\n\n`);
      this.skip();
    }
  });

  for (const { type, key, shape: name, narrower } of ROWS) {
    it(`${type} ${key}: ${name}${narrower ? ` (narrower: ${narrower})` : ''}`, () => {
      const shape = sagemaker.shapes[name] ?? assert.fail(`no shape ${name}`);
      const ours = at(type, key);
      if (shape.enum) {
        const refused = shape.enum.filter((one) => !takes(ours, one));
        const wider = ours.flags?.only
          ? (ours.allow ?? []).filter((one) => one !== '' && !shape.enum?.includes(String(one)))
          : [];
        assert.deepEqual(wider, [], 'what AWS does not have');
        assert.equal(refused.length > 0, narrower !== undefined, `refused: ${refused.join(', ')}`);
        return;
      }
      const [min, max] =
        shape.type === 'string' ? [undefined, limit(ours, 'max')] : [limit(ours, 'min'), limit(ours, 'max')];
      if (shape.type !== 'string')
        assert.ok(min !== undefined && min >= (shape.min ?? -Infinity), `${min} is below ${shape.min}`);
      assert.ok(max !== undefined && max <= (shape.max ?? Infinity), `${max} is above ${shape.max}`);
      const isNarrower = max < (shape.max ?? Infinity) || (min !== undefined && min > (shape.min ?? -Infinity));
      assert.equal(isNarrower, narrower !== undefined, `ours ${min} to ${max}, theirs ${shape.min} to ${shape.max}`);
    });
  }
});

function at(type: PipelineType, path: string): Description {
  const root = BLUEPRINTS[type].schema(SINGLE).describe() as unknown as Description;
  return path.split('.').reduce((found, key) => found.keys?.[key] ?? assert.fail(`${type} has no ${path}`), root);
}

function limit({ rules = [] }: Description, name: string): number | undefined {
  const found = rules.find((rule) => rule.name === name)?.args?.limit;
  return typeof found === 'number' ? found : undefined;
}

function takes({ flags, allow = [], rules = [] }: Description, value: string): boolean {
  if (flags?.only) return allow.includes(value);
  return rules.every(({ name, args }) => {
    const [, source = '', flag] = /^\/(.*)\/([a-z]*)$/s.exec(args?.regex ?? '') ?? [];
    return name !== 'pattern' || new RegExp(source, flag).test(value);
  });
}
