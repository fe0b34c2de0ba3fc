/** The bundled handlers against moto: what they send is taken, and can be described back field by field. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeAutoMLJobV2Command,
  DescribeHyperParameterTuningJobCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { after, before, describe, it } from 'mocha';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import type { AutopilotRequest } from '../../blueprints/autopilot/job.ts';
import { autopilotJob } from '../../blueprints/autopilot/job.ts';
import type { BatchRequest } from '../../blueprints/batch-transform/request.ts';
import { transformJob } from '../../blueprints/batch-transform/job.ts';
import type { TuningRequest } from '../../blueprints/hyperparameter-tuning/job.ts';
import { tuningJob } from '../../blueprints/hyperparameter-tuning/job.ts';
import { analysisConfigs } from '../../blueprints/model-monitor/analysis-config.ts';
import { baselineJob } from '../../blueprints/model-monitor/baseline-job.ts';
import type { BaselineDefinition } from '../../blueprints/model-monitor/handler.ts';
import type { MonitorRequest } from '../../blueprints/model-monitor/monitor-request.ts';
import { trainingJob } from '../../blueprints/model-training/job.ts';
import type { JobDefinition } from '../../blueprints/shared/lambda/job-run.ts';
import { RUN_TAG } from '../../blueprints/shared/lambda/job-run.ts';
import { bundleText } from '../../blueprints/shared/lambda/lambda-bundle.ts';
import type { TrainingRequest } from '../../blueprints/training/training-definition.ts';
import { runFunction } from '../../sandbox/aws/lambda-runtime.ts';
import type { Moto } from '../support/moto.ts';
import { startMoto } from '../support/moto.ts';
import { NoPythonPackage } from '../support/python-package.ts';
import { accepted, body } from '../unit/blueprints/requests.ts';

const ROLE = 'arn:aws:iam::123456789012:role/job-role';
const IMAGE = '811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1';
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012';
const REGION = 'us-east-1';

describe('handlers against moto', () => {
  let moto: Moto | undefined;
  let folder: string;
  let sagemaker: SageMakerClient;
  let s3: S3Client;

  before(async function () {
    this.timeout(300_000);
    try {
      moto = await startMoto();
    } catch (error) {
      if (!(error instanceof NoPythonPackage) || process.env.CI) throw error;
      process.stderr.write(`\nSKIPPED: the handlers against moto. ${error.message}\n\n`);
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'handlers-'));
    const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
    sagemaker = new SageMakerClient({ endpoint: moto.url, region: REGION, credentials });
    s3 = new S3Client({ endpoint: moto.url, region: REGION, credentials, forcePathStyle: true });
    await sagemaker.send(
      new CreateModelCommand({ ModelName: 'model', ExecutionRoleArn: ROLE, PrimaryContainer: { Image: IMAGE } }),
    );
  });

  after(async () => {
    await moto?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Runs a bundle as Lambda would, with its job next to it. */
  async function call(handler: string, definition: JobDefinition, event: unknown): Promise<{ jobName: string }> {
    const codeDirectory = join(folder, `${handler.replaceAll('/', '-')}-${definition.baseName}`);
    await mkdir(codeDirectory, { recursive: true });
    const url = new URL(`../../blueprints/${handler}.ts`, import.meta.url);
    await writeFile(join(codeDirectory, 'index.mjs'), bundleText(url));
    await writeFile(join(codeDirectory, 'job.json'), JSON.stringify(definition));
    const result = await runFunction({
      codeDirectory,
      handler: 'index.handler',
      payload: event,
      functionName: 'job',
      variables: { JOB_ROLE_ARN: ROLE, MODEL_NAME: 'model' },
      region: REGION,
      endpoint: moto?.url ?? '',
      timeoutSeconds: 60,
      logDirectory: folder,
      signal: new AbortController().signal,
    });
    return result as { jobName: string };
  }

  const define = (baseName: string, nameLimit: number, request: object): JobDefinition => ({
    baseName,
    nameLimit,
    tags: { 'mlops:pipeline-id': 'my-pipeline' },
    request: { ...request },
  });

  const request = <T>(type: PipelineType, changes = {}): T => accepted(body(type, changes)).request as unknown as T;

  /** Everything that was asked for is in what is described. */
  function contains(described: object, asked: object, but: readonly string[] = []): void {
    const found = described as Record<string, unknown>;
    for (const [key, value] of Object.entries(asked)) {
      if (!but.includes(key)) assert.deepEqual(found[key], value, key);
    }
  }

  async function tagsOf(arn: string | undefined): Promise<Record<string, string | undefined>> {
    const { Tags: tags = [] } = await sagemaker.send(new ListTagsCommand({ ResourceArn: arn }));
    return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  }

  for (const [what, changes] of [
    ['with spot instances', {}],
    ['without spot instances, with a key', { use_spot_instances: false, kms_key_arn: KEY }],
    ['without validation data', { validation_data: undefined }],
  ] as const) {
    it(`makes a training job ${what}`, async () => {
      const asked = trainingJob(request<TrainingRequest>('model_training_builtin', changes), IMAGE, 'assets');
      const definition = define(`train-${what.length}`, 63, asked);
      const { jobName } = await call('model-training/handler', definition, { run: '1-abcdef' });
      assert.equal(jobName, `${definition.baseName}-1-abcdef`);
      const found = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: jobName }));
      // Where the checkpoint goes has the job's name in it; moto adds metric definitions to what it was given.
      contains(found, asked, ['CheckpointConfig', 'AlgorithmSpecification']);
      contains(found.AlgorithmSpecification ?? {}, asked.AlgorithmSpecification ?? {});
      assert.equal(found.RoleArn, ROLE);
      if (asked.CheckpointConfig) {
        assert.equal(found.CheckpointConfig?.S3Uri, `s3://assets/my-training-output/${jobName}/checkpoint`);
      }
      assert.deepEqual(await tagsOf(found.TrainingJobArn), {
        'mlops:pipeline-id': 'my-pipeline',
        [RUN_TAG]: '1-abcdef@job',
      });
    });
  }

  it('makes a tuning job', async () => {
    const asked = tuningJob(request<TuningRequest>('model_tuner_builtin', { kms_key_arn: KEY }), IMAGE, 'assets');
    const { jobName } = await call('hyperparameter-tuning/handler', define('tune', 32, asked), { run: '1-abcdef' });
    const found = await sagemaker.send(
      new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: jobName }),
    );
    contains(found.HyperParameterTuningJobConfig ?? {}, asked.HyperParameterTuningJobConfig ?? {});
    const { CheckpointConfig: _checkpoint, ...training } = { ...asked.TrainingJobDefinition, RoleArn: ROLE };
    contains(found.TrainingJobDefinition ?? {}, training);
    assert.equal(
      found.TrainingJobDefinition?.CheckpointConfig?.S3Uri,
      `s3://assets/my-tuning-output/${jobName}/checkpoint`,
    );
  });

  it('makes an Autopilot job', async () => {
    const goal = { problem_type: 'BinaryClassification', job_objective: 'AUC', kms_key_arn: KEY };
    const asked = autopilotJob(request<AutopilotRequest>('model_autopilot_training', goal), 'assets');
    const { jobName } = await call('autopilot/handler', define('auto', 32, asked), { run: '1-abcdef' });
    const found = await sagemaker.send(new DescribeAutoMLJobV2Command({ AutoMLJobName: jobName }));
    contains(found, asked);
    assert.equal(found.RoleArn, ROLE);
  });

  it('makes a transform job', async () => {
    const asked = transformJob(request<BatchRequest>('byom_batch_builtin', { kms_key_arn: KEY }));
    const { jobName } = await call('batch-transform/handler', define('batch', 63, asked), { run: '1-abcdef' });
    const found = await sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: jobName }));
    contains(found, asked);
    assert.equal(found.ModelName, 'model');
  });

  for (const kind of ['data_quality', 'model_quality'] as const) {
    it(`makes the baseline of a ${kind} monitor, and waits for it`, async () => {
      const given = request<MonitorRequest>(`byom_${kind}_monitor`, { kms_key_arn: KEY });
      const asked = baselineJob(kind, given, IMAGE, 'assets', 's3://bucket/base/name');
      const answer = await call('model-monitor/handler', define(`base-${kind.length}`, 63, asked), {
        run: '1-abcdef',
      });
      const found = await sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: answer.jobName }));
      // moto accepts these, but does not describe them; the component specs check them.
      contains(found, asked, ['Environment', 'ProcessingResources', 'StoppingCondition']);
      assert.deepEqual(answer, { jobName: answer.jobName, status: 'Completed' });
    });
  }

  for (const kind of ['model_bias', 'model_explainability'] as const) {
    it(`makes the baseline of a ${kind} monitor, with Clarify’s configuration for it and for the schedule`, async () => {
      const given = request<MonitorRequest>(`byom_${kind}_monitor`, { kms_key_arn: KEY });
      const output = `s3://results/${kind}`;
      const asked = baselineJob(kind, given, IMAGE, 'assets', output);
      const analysis = { ...given, assetsBucket: 'assets' };
      const definition: BaselineDefinition = {
        ...define(`clarify-${kind.length}`, 63, asked),
        clarify: {
          kind,
          endpointName: await endpointOf('model', `endpoint-${kind.length}`),
          data: given.baseline_data,
          request: analysis,
          output,
          kmsKeyArn: KEY,
        },
      };
      for (const Bucket of ['assets', 'results']) await s3.send(new CreateBucketCommand({ Bucket }));
      const Body = 'label,"age, in years",income\r\n1,40,2\r\n';
      await s3.send(new PutObjectCommand({ Bucket: 'assets', Key: given.baseline_data, Body }));

      const { jobName } = await call('model-monitor/handler', definition, { run: '1-abcdef' });
      const found = await sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: jobName }));
      contains(found, asked, ['ProcessingResources', 'StoppingCondition']);
      const { baseline, monitor } = analysisConfigs(kind, analysis, ['label', 'age, in years', 'income'], 'model');
      for (const [file, expected] of [
        ['analysis_config.json', baseline],
        ['monitor/analysis_config.json', monitor],
      ] as const) {
        const put = await s3.send(new GetObjectCommand({ Bucket: 'results', Key: `${kind}/${file}` }));
        assert.deepEqual(JSON.parse((await put.Body?.transformToString()) ?? ''), JSON.parse(JSON.stringify(expected)));
        assert.equal(put.SSEKMSKeyId, KEY);
      }
    });
  }

  /** @returns its name */
  async function endpointOf(ModelName: string, name: string): Promise<string> {
    const variant = {
      VariantName: 'AllTraffic',
      ModelName,
      InitialInstanceCount: 1,
      InstanceType: 'ml.m5.large',
    } as const;
    await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: [variant] }));
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
    return name;
  }

  it('makes one job of one change, a second one of a second change, and one more by hand', async () => {
    const asked = trainingJob(request<TrainingRequest>('model_training_builtin'), IMAGE, 'assets');
    const definition = define('often', 63, asked);
    const names: string[] = [];
    for (const event of [{ run: '1-abcdef' }, { run: '1-abcdef' }, { run: '2-abcdef' }, {}, null]) {
      names.push((await call('model-training/handler', definition, event)).jobName);
    }
    assert.equal(names[0], names[1]);
    assert.equal(new Set(names).size, 4);
  });
});
