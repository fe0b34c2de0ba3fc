/** What the stacks of job pipelines are made of, exactly. */
import assert from 'node:assert/strict';
import type * as pulumi from '@pulumi/pulumi';
import { describe, it } from 'mocha';
import type { BlueprintContext, PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { JobDefinition } from '../../blueprints/shared/lambda/job-run.ts';
import { REGISTRY, SINGLE, accepted, body } from '../unit/blueprints/requests.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, REGION, run } from '../../blueprints/testing.ts';

const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:topic`;

async function made(
  type: PipelineType,
  changes: Record<string, unknown> = {},
  context: Partial<BlueprintContext> = {},
  settings = SINGLE,
): Promise<Run> {
  const program = await BLUEPRINTS[type].loadProgram?.();
  assert.ok(program);
  return await run(program, accepted(body(type, changes, settings), settings).request, context);
}

const kinds = (stack: Run): string[] => stack.resources.map(({ type }) => type.split(':').at(-1) ?? '').sort();

async function definitionOf(stack: Run): Promise<JobDefinition> {
  return JSON.parse(await jobText(stack)) as JobDefinition;
}

/** `job.json` in the function's archive. */
async function jobText(stack: Run): Promise<string> {
  const code = stack.find('Function').inputs.code as pulumi.asset.AssetArchive;
  const members = (await code.assets) as Record<string, pulumi.asset.StringAsset>;
  assert.deepEqual(Object.keys(members).sort(), ['index.mjs', 'job.json']);
  return (await members['job.json']?.text) ?? '';
}

const ROLE_PARTS = ['Role', 'Role', 'RolePolicy', 'RolePolicy'];
const JOB_PARTS = ['Function', 'Invocation', 'LogGroup'];

describe('job pipelines', () => {
  for (const [type, component, own] of [
    ['model_training_builtin', 'ModelTraining', []],
    ['model_tuner_builtin', 'HyperparameterTuning', []],
    ['model_autopilot_training', 'Autopilot', []],
    ['byom_batch_builtin', 'BatchTransform', ['Model']],
    ['byom_batch_custom', 'BatchTransform', ['Model']],
    [
      'byom_data_quality_monitor',
      'ModelMonitor',
      ['DataQualityJobDefinition', 'MonitoringSchedule', 'Role', 'RolePolicy'],
    ],
    ['byom_model_quality_monitor', 'ModelMonitor', ['Resource', 'MonitoringSchedule', 'Role', 'RolePolicy']],
    ['byom_model_bias_monitor', 'ModelMonitor', ['Resource', 'MonitoringSchedule', 'Role', 'RolePolicy']],
    ['byom_model_explainability_monitor', 'ModelMonitor', ['Resource', 'MonitoringSchedule', 'Role', 'RolePolicy']],
  ] as const) {
    describe(type, () => {
      it('is made of a role, a function that makes the job, and its call', async () => {
        const stack = await made(type);
        assert.deepEqual(kinds(stack), ['aws', component, ...ROLE_PARTS, ...JOB_PARTS, ...own].sort());
      });

      it('notifies a topic of its own account and region, and no other', async () => {
        const notifying = await made(type, {}, { notificationsTopicArn: TOPIC });
        const targets = notifying.resources.filter((one) => one.type.endsWith(':EventTarget'));
        assert.ok(targets.length > 0);
        for (const { inputs } of targets) {
          assert.equal(inputs.arn, TOPIC);
          assert.equal(inputs.targetId, 'notifications');
        }
        for (const elsewhere of [TOPIC.replace(REGION, 'eu-west-1'), TOPIC.replace(ACCOUNT, '222222222222')]) {
          const silent = await made(type, {}, { notificationsTopicArn: elsewhere });
          assert.deepEqual(
            silent.resources.filter((one) => /Event/.test(one.type)),
            [],
          );
        }
      });

      it('calls the function when its code and permissions are there, for this change', async () => {
        const stack = await made(type, {}, { run: 7 });
        const call = stack.find('Invocation');
        const fn = stack.find('Function');
        assert.ok(call.dependencies.includes(fn.name));
        assert.ok(call.dependencies.includes(fn.name.replace('-function', '-policy')));
        const { run: key } = JSON.parse(String(call.inputs.input)) as { run: string };
        assert.match(key, /^7-[0-9a-f]{6}$/);
        assert.equal(call.inputs.triggers, undefined);
      });

      it('is called alike for the same request, and otherwise for another one', async () => {
        const input = async (changes = {}, context = {}) =>
          (await made(type, changes, context)).find('Invocation').inputs.input;
        assert.equal(await input(), await input());
        const changed = { kms_key_arn: KEY };
        assert.notEqual(await input(changed), await input());
        assert.notEqual(await input({}, { run: 2 }), await input());
      });

      it('bounds its roles, and stays within every limit on names', async () => {
        const boundary = `arn:aws:iam::${ACCOUNT}:policy/bound`;
        const context = { permissionsBoundaryArn: boundary, notificationsTopicArn: TOPIC };
        const stack = await made(type, { model_name: 'a'.repeat(40) }, context);
        for (const { type: kind, name, inputs } of stack.resources) {
          if (kind.endsWith(':Role')) assert.equal(inputs.permissionsBoundary, boundary);
          // What auto-naming appends has eight characters.
          const limit = /:(Role|EventRule|Function)$/.test(kind) ? 64 : /sagemaker/.test(kind) ? 63 : 255;
          if (kind.startsWith('aws:') && inputs.name === undefined)
            assert.ok(name.length + 8 <= limit, `${kind} ${name}`);
        }
      });

      it('asks for a key where one is given, and for none otherwise', async () => {
        const [without, withKey] = [await made(type), await made(type, { kms_key_arn: KEY })];
        assert.ok(!(await jobText(without)).includes('KmsKeyId'));
        const job = await jobText(withKey);
        assert.ok(job.includes(`"KmsKeyId":"${KEY}"`), 'output');
        assert.ok(job.includes(`"VolumeKmsKeyId":"${KEY}"`), 'volume');
      });
    });
  }

  it('asks for no key on a volume that the hardware encrypts', async () => {
    const stack = await made('model_training_builtin', { kms_key_arn: KEY, instance_type: 'ml.g4dn.xlarge' });
    assert.ok(!(await jobText(stack)).includes('VolumeKmsKeyId'));
  });

  it('runs a package of the model registry in place of image and artifact', async () => {
    const stack = await made('byom_batch_builtin', {}, {}, REGISTRY);
    assert.deepEqual(stack.find('Model').inputs.primaryContainer, {
      modelPackageName: accepted(body('byom_batch_builtin', {}, REGISTRY), REGISTRY).request.model_package_name,
    });
  });

  it('runs batch again where the model behind the same job is another one', async () => {
    const input = async (artifact: string) =>
      (await made('byom_batch_builtin', { model_artifact_location: artifact })).find('Invocation').inputs.input;
    assert.notEqual(await input('a/model.tar.gz'), await input('b/model.tar.gz'));
  });

  it('gives the training job every attribute of the request', async () => {
    const { request, baseName, nameLimit } = await definitionOf(
      await made('model_training_builtin', {
        instance_type: 'ml.m5.xlarge',
        instance_count: 2,
        instance_volume_size: '30',
        max_runtime_per_job: 3_600,
        use_spot_instances: 'True',
        max_wait_time_spot_instances: 7_200,
        encrypt_inner_traffic: 'False',
        content_type: 'application/x-recordio',
        s3_data_type: 'AugmentedManifestFile',
        data_distribution: 'ShardedByS3Key',
        compression_type: 'Gzip',
        data_input_mode: 'Pipe',
        data_record_wrapping: 'RecordIO',
        attribute_names: '["source-ref","label"]',
        algo_hyperparamaters: { eval_metric: 'auc', num_round: 400, flag: true, layers: [1, 2] },
      }),
    );
    assert.deepEqual([baseName, nameLimit], ['my-model-name-training', 63]);
    const channel = (name: string, key: string) => ({
      ChannelName: name,
      DataSource: {
        S3DataSource: {
          S3DataType: 'AugmentedManifestFile',
          S3Uri: `s3://assets-bucket/${key}`,
          S3DataDistributionType: 'ShardedByS3Key',
          AttributeNames: ['source-ref', 'label'],
        },
      },
      ContentType: 'application/x-recordio',
      InputMode: 'Pipe',
      CompressionType: 'Gzip',
      RecordWrapperType: 'RecordIO',
    });
    assert.deepEqual(request, {
      AlgorithmSpecification: {
        TrainingImage: '811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1',
        TrainingInputMode: 'File',
      },
      HyperParameters: { eval_metric: 'auc', num_round: '400', flag: 'True', layers: '[1,2]' },
      ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 2, VolumeSizeInGB: 30 },
      InputDataConfig: [
        channel('train', 'path/to/training_data.csv'),
        channel('validation', 'path/to/validation_data.csv'),
      ],
      OutputDataConfig: { S3OutputPath: 's3://assets-bucket/my-training-output' },
      StoppingCondition: { MaxRuntimeInSeconds: 3_600, MaxWaitTimeInSeconds: 7_200 },
      EnableInterContainerTrafficEncryption: false,
      EnableManagedSpotTraining: true,
      CheckpointConfig: { S3Uri: 's3://assets-bucket/my-training-output' },
    });
  });

  it('gives the training job the guide’s defaults, and nothing of spot where it is off', async () => {
    const { request } = await definitionOf(
      await made('model_training_builtin', { use_spot_instances: false, validation_data: undefined }),
    );
    assert.deepEqual(request.ResourceConfig, { InstanceType: 'ml.m4.xlarge', InstanceCount: 1, VolumeSizeInGB: 20 });
    assert.deepEqual(request.StoppingCondition, { MaxRuntimeInSeconds: 86_400 });
    assert.equal(request.EnableInterContainerTrafficEncryption, true);
    assert.equal((request.InputDataConfig as unknown[]).length, 1);
    for (const key of ['EnableManagedSpotTraining', 'CheckpointConfig']) assert.ok(!(key in request), key);
  });

  it('find the key of an alias and of an id, for the job and for its role', async () => {
    for (const [given, arn] of [
      ['alias/data', `arn:aws:kms:${REGION}:${ACCOUNT}:key/of-data`],
      [`arn:aws:kms:${REGION}:222222222222:alias/data`, `arn:aws:kms:${REGION}:${ACCOUNT}:key/of-data`],
      ['12345678-1234-1234-1234-123456789012', KEY],
      [KEY, KEY],
    ]) {
      const stack = await made('model_training_builtin', { kms_key_arn: given });
      const { request } = await definitionOf(stack);
      assert.equal((request.OutputDataConfig as { KmsKeyId: string }).KmsKeyId, arn);
      const policies = stack.resources.filter(({ type }) => type.endsWith(':RolePolicy'));
      const resources = policies.flatMap(
        ({ inputs }) =>
          (JSON.parse(String(inputs.policy)) as { Statement: { Sid: string; Resource: string }[] }).Statement,
      );
      assert.equal(resources.find(({ Sid }) => Sid === 'UseKey')?.Resource, arn);
    }
  });

  it('may read whatever a manifest lists in the assets bucket, and prefixes alone without one', async () => {
    const read = async (changes: Record<string, unknown>) => {
      const stack = await made('model_training_builtin', changes);
      const texts = stack.resources
        .filter(({ type }) => type.endsWith(':RolePolicy'))
        .map(({ inputs }) => inputs.policy);
      const statements = texts.flatMap(
        (text) => (JSON.parse(String(text)) as { Statement: { Sid: string; Resource: string[] }[] }).Statement,
      );
      return statements.find(({ Sid }) => Sid === 'ReadData')?.Resource;
    };
    const checkpoints = 'arn:aws:s3:::assets-bucket/my-training-output/*';
    assert.deepEqual(await read({ s3_data_type: 'ManifestFile' }), ['arn:aws:s3:::assets-bucket/*', checkpoints]);
    assert.deepEqual(await read({ training_data: 'a', validation_data: 'b' }), [
      'arn:aws:s3:::assets-bucket/a*',
      'arn:aws:s3:::assets-bucket/b*',
      checkpoints,
    ]);
  });

  it('searches what has a range, and fixes the rest', async () => {
    const { request, tags } = await definitionOf(
      await made('model_tuner_builtin', {
        algo_hyperparamaters: { objective: 'binary:logistic', max_depth: 5 },
        tuner_configs: {
          objective_metric_name: 'validation:logloss',
          objective_type: 'Minimize',
          strategy: 'Random',
          max_jobs: 4,
          max_parallel_jobs: 2,
          random_seed: 7,
          max_runtime_in_seconds: 600,
          tags: [{ Key: 'team', Value: 'churn' }],
        },
        hyperparamaters_ranges: {
          eta: ['continuous', [0.1, 0.5]],
          max_depth: ['integer', [1, 15]],
          booster: ['categorical', ['gbtree', true]],
        },
      }),
    );
    assert.deepEqual(request.HyperParameterTuningJobConfig, {
      Strategy: 'Random',
      HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'validation:logloss' },
      ResourceLimits: { MaxNumberOfTrainingJobs: 4, MaxParallelTrainingJobs: 2, MaxRuntimeInSeconds: 600 },
      TrainingJobEarlyStoppingType: 'Off',
      ParameterRanges: {
        ContinuousParameterRanges: [{ Name: 'eta', MinValue: '0.1', MaxValue: '0.5', ScalingType: 'Auto' }],
        IntegerParameterRanges: [{ Name: 'max_depth', MinValue: '1', MaxValue: '15', ScalingType: 'Auto' }],
        CategoricalParameterRanges: [{ Name: 'booster', Values: ['gbtree', 'True'] }],
      },
      RandomSeed: 7,
    });
    const training = request.TrainingJobDefinition as Record<string, unknown>;
    assert.deepEqual(training.StaticHyperParameters, { objective: 'binary:logistic' });
    assert.ok(!('MetricDefinitions' in (training.AlgorithmSpecification as object)));
    assert.equal(tags.team, 'churn');
  });

  it('gives the Autopilot job every attribute of the request', async () => {
    const { request, nameLimit } = await definitionOf(
      await made('model_autopilot_training', {
        problem_type: 'Regression',
        job_objective: 'MSE',
        compression_type: 'Gzip',
        job_max_candidates: 5,
        max_runtime_per_job: 700,
        total_max_runtime: 4_000,
        generate_definition_only: 'True',
        encrypt_inner_traffic: 'False',
        kms_key_arn: KEY,
      }),
    );
    assert.equal(nameLimit, 32);
    assert.deepEqual(request, {
      AutoMLJobInputDataConfig: [
        {
          ChannelType: 'training',
          ContentType: 'text/csv;header=present',
          CompressionType: 'Gzip',
          DataSource: {
            S3DataSource: {
              S3DataType: 'S3Prefix',
              S3Uri: 's3://assets-bucket/path/to/training_data_with_header.csv',
            },
          },
        },
      ],
      OutputDataConfig: { S3OutputPath: 's3://assets-bucket/my-autopilot-output', KmsKeyId: KEY },
      AutoMLProblemTypeConfig: {
        TabularJobConfig: {
          TargetAttributeName: 'churn',
          ProblemType: 'Regression',
          GenerateCandidateDefinitionsOnly: true,
          CompletionCriteria: {
            MaxCandidates: 5,
            MaxRuntimePerTrainingJobInSeconds: 700,
            MaxAutoMLJobRuntimeInSeconds: 4_000,
          },
        },
      },
      AutoMLJobObjective: { MetricName: 'MSE' },
      SecurityConfig: { EnableInterContainerTrafficEncryption: false, VolumeKmsKeyId: KEY },
    });
  });
});
