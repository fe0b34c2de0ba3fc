/** All pipeline types through HTTP: handlers run, jobs are made, nothing is done twice. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Execution, PipelineOutputs, PreviewAnswer } from '../../automation/orchestrator.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { Sandbox } from '../../sandbox/start.ts';
import { startSandbox } from '../../sandbox/start.ts';
import { demoRequests } from '../../scripts/demo-requests.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { createdTwice } from '../support/journal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

type Body = Record<string, unknown>;

const KEY = 'arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012';
const NEW_JOB = 'job-function update, job-run replace';
const NEW_DATA = `training-policy replace, ${NEW_JOB}`;
const NEW_BATCH = `execution-policy replace, ${NEW_JOB}`;
const NEW_MODEL = `execution-policy replace, model replace, ${NEW_JOB}`;
const NEW_BASELINE = `baseline-change update, job-policy replace, ${NEW_JOB}, definition replace, schedule update`;

/** Request key, its new value, and every resource that is changed, with how. What is not named stays as it is. */
const CHANGES: Record<string, [key: string, value: unknown, expected: string][]> = {
  byom_realtime_builtin: [
    ['inference_instance', 'ml.m5.xlarge', 'endpoint-config replace, endpoint update'],
    [
      'model_artifact_location',
      'other/model.tar.gz',
      'execution-policy replace, model replace, endpoint-config replace, endpoint update',
    ],
    ['data_capture_location', 'other/place', 'execution-policy replace, endpoint-config replace, endpoint update'],
    ['kms_key_arn', KEY, 'execution-policy replace, endpoint-config replace, endpoint update'],
    [
      'endpoint_name',
      'other',
      'execution-policy replace, endpoint replace, inference-policy replace, inference update',
    ],
  ],
  byom_batch_builtin: [
    ['inference_instance', 'ml.m5.xlarge', NEW_JOB],
    ['model_framework', 'kmeans', NEW_MODEL],
    ['model_artifact_location', 'other/model.tar.gz', NEW_MODEL],
    ['batch_inference_data', 'other/data.csv', NEW_BATCH],
    ['batch_job_output_location', 'other/place', NEW_BATCH],
    ['kms_key_arn', KEY, NEW_BATCH],
  ],
  model_training_builtin: [
    ['model_framework_version', 'latest', NEW_JOB],
    ['training_data', 'other.csv', NEW_DATA],
    ['validation_data', 'other.csv', NEW_DATA],
    ['job_output_location', 'other', NEW_DATA],
    ['algo_hyperparamaters', { num_round: 1 }, NEW_JOB],
    ['instance_type', 'ml.m5.large', NEW_JOB],
    ['use_spot_instances', false, NEW_JOB],
    ['kms_key_arn', KEY, NEW_DATA],
    ['job_name', 'fixed', `training-change update, training-policy replace, job-policy replace, ${NEW_JOB}`],
  ],
  model_tuner_builtin: [
    ['tuner_configs', { objective_metric_name: 'x' }, NEW_JOB],
    ['hyperparamaters_ranges', { eta: ['continuous', [0, 1]] }, NEW_JOB],
    ['training_data', 'other.csv', NEW_DATA],
  ],
  model_autopilot_training: [
    ['target_attribute', 'other', NEW_JOB],
    ['training_data', 'other.csv', NEW_DATA],
    ['job_max_candidates', 3, NEW_JOB],
  ],
  byom_data_quality_monitor: [
    ['schedule_expression', 'cron(0 3 ? * * *)', 'schedule update'],
    ['monitor_max_runtime_seconds', 900, 'definition replace, schedule update'],
    ['monitoring_output_location', 'other/place', 'monitor-policy replace, definition replace, schedule update'],
    ['data_capture_location', 'other/place', 'monitor-policy replace'],
    ['baseline_data', 'other.csv', `baseline-policy replace, ${NEW_BASELINE}`],
    ['instance_type', 'ml.m5.xlarge', NEW_BASELINE],
    ['kms_key_arn', KEY, `baseline-policy replace, monitor-policy replace, ${NEW_BASELINE}`],
  ],
  byom_model_quality_monitor: [
    ['schedule_expression', 'cron(0 3 ? * * *)', 'schedule update'],
    ['monitor_probability_attribute', '1', 'definition replace, schedule update'],
    ['baseline_ground_truth_attribute', 'x', NEW_BASELINE],
    ['monitor_ground_truth_input', 'other/place', 'monitor-policy replace, definition replace, schedule update'],
  ],
  byom_model_bias_monitor: [
    ['schedule_expression', 'cron(0 3 ? * * *)', 'schedule update'],
    ['features_attribute', 'features', 'definition replace, schedule update'],
    ['bias_config', { label_values_or_threshold: '0', facet_name: 'age' }, NEW_BASELINE],
  ],
  byom_model_explainability_monitor: [
    ['features_attribute', 'features', 'definition replace, schedule update'],
    ['shap_config', { num_clusters: 2 }, `baseline-policy replace, monitor-policy replace, ${NEW_BASELINE}`],
  ],
  byom_image_builder: [
    [
      'custom_algorithm_docker',
      'other.zip',
      'source update, pipeline-policy replace, pipeline replace, pipeline-change update, start-policy replace, source-start update',
    ],
    [
      'ecr_repo_name',
      'other',
      'build-policy replace, build update, pipeline replace, pipeline-change update, start-policy replace, source-start update',
    ],
  ],
};

/** `<resource> <operation>` of every change, sorted; without what all names begin with. */
function operations({ environments }: PreviewAnswer): string {
  const changes = environments[0]?.changes ?? [];
  return changes
    .map(({ name, operation }) => `${name.replace(/^mlops-pipeline-.*-[0-9a-f]{6}-/, '')} ${operation}`)
    .sort()
    .join(', ');
}

describe('all pipeline types through HTTP', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: Sandbox;
  let client: OrchestratorClient;
  let bodies: Body[];
  const executions = new Map<string, Execution>();

  before(async function () {
    this.timeout(180_000);
    folder = await temporaryFolder();
    sandbox = await startSandbox({
      ...process.env,
      SANDBOX_HOME: folder.path,
      PORT: '0',
      SANDBOX_SPEED: '0',
      SANDBOX_FAULTS: JSON.stringify([
        {
          type: 'aws:sagemaker/job:TrainingJob',
          operation: 'create',
          match: 'refused-training',
          times: 1,
          code: 'ResourceLimitExceeded',
          message: 'The account-level service limit is 0 Instances.',
        },
        {
          type: 'aws:sagemaker/job:ProcessingJob',
          operation: 'create',
          match: 'another-endpoint-dataquality',
          times: 1,
          action: 'partial',
          code: 'AlgorithmError',
          message: 'The data has no header.',
        },
      ]),
    });
    client = new OrchestratorClient(sandbox.url);
    const { builtin, custom, others } = await demoRequests(client);
    await Promise.all([builtin, custom].map(provision));
    await Promise.all(others.map(provision));
    bodies = [builtin, custom, ...others];
  });

  after(async () => {
    await sandbox?.stop();
    await folder?.remove();
  });

  async function provision(body: Body): Promise<Execution> {
    const { execution_id: id } = await client.provision(body);
    assert.ok(id, 'an execution was started');
    const execution = await client.finished(id);
    // The first one of a type is the demo's.
    if (!executions.has(String(body.pipeline_type))) executions.set(String(body.pipeline_type), execution);
    return execution;
  }

  function bodyOf(type: string): Body {
    return bodies.find((body) => body.pipeline_type === type) ?? assert.fail(type);
  }

  const deployed = async (pipelineId: string): Promise<Record<string, unknown>> => {
    const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${pipelineId}/outputs`);
    return environments[0]?.outputs ?? {};
  };

  for (const [type, blueprint] of Object.entries(BLUEPRINTS)) {
    describe(type, () => {
      it('is provisioned, and tells what a caller most wants', () => {
        const execution = executions.get(type);
        assert.equal(execution?.status, 'Succeeded', JSON.stringify(execution?.stages));
        const outputs = execution.stages.at(-1)?.outputs ?? {};
        assert.ok(blueprint.keyOutputs && blueprint.keyOutputs.length > 0);
        for (const key of blueprint.keyOutputs) assert.ok(outputs[key], key);
      });

      it('changes nothing for an unchanged request', async () => {
        const id = executions.get(type)?.pipelineId ?? '';
        const { environments } = await client.call<PreviewAnswer>('POST', `/pipelines/${id}/preview`, {});
        assert.deepEqual(environments[0]?.changes, []);
      });
    });
  }

  describe('a changed request changes only what it must', () => {
    const seen = new Map<string, string>();
    before(async function () {
      this.timeout(180_000);
      await Promise.all(
        Object.entries(CHANGES).map(async ([type, rows]) => {
          for (const [key, value] of rows) {
            const changed = { ...bodyOf(type), [key]: value };
            const preview = await client.call<PreviewAnswer>('POST', '/provisionpipeline?preview=true', changed);
            seen.set(`${type} ${key}`, operations(preview));
          }
        }),
      );
    });

    for (const [type, rows] of Object.entries(CHANGES)) {
      for (const [key, , expected] of rows) {
        it(`${type}: ${key}`, () => {
          assert.equal(seen.get(`${type} ${key}`), expected.split(', ').sort().join(', '));
        });
      }
    }
  });

  it('previews the same pipeline twice at once', async () => {
    const { pipelineId } = executions.get('model_training_builtin') ?? assert.fail();
    const preview = () => client.call<PreviewAnswer>('POST', `/pipelines/${pipelineId}/preview`, { instance_count: 3 });
    for (const one of await Promise.all([preview(), preview()])) {
      assert.equal(operations(one), NEW_JOB.split(', ').sort().join(', '));
    }
  });

  it('makes every resource once', async () => {
    assert.deepEqual(await createdTwice(folder.path), []);
  });

  it('runs a job for every change, also back to what was, and not for the same again', async () => {
    const first = { ...bodyOf('model_training_builtin'), model_name: 'there-and-back' };
    const second = { ...first, instance_count: 2 };
    const names: unknown[] = [];
    for (const body of [first, second, first]) {
      const execution = await provision(body);
      assert.equal(execution.status, 'Succeeded');
      names.push((await deployed(execution.pipelineId)).jobName);
    }
    assert.equal(new Set(names).size, 3, names.join(', '));
    assert.match(String(names[0]), /^there-and-back-training-1-[0-9a-f]{6}$/);
    assert.equal((await client.provision(first)).execution_id, undefined);
  });

  it('runs a job again where the pipeline was deleted in between', async () => {
    const body = { ...bodyOf('byom_batch_builtin'), model_name: 'gone-and-back' };
    const { pipelineId } = await provision(body);
    const before = (await deployed(pipelineId)).jobName;
    const { execution_id: removal } = await client.call<{ execution_id: string }>('DELETE', `/pipelines/${pipelineId}`);
    assert.equal((await client.finished(removal)).status, 'Succeeded');
    assert.equal((await provision(body)).status, 'Succeeded');
    assert.notEqual((await deployed(pipelineId)).jobName, before);
  });

  it('fails the stage with SageMaker’s own words where a job is refused, and makes it on the next try', async () => {
    const body = { ...bodyOf('model_training_builtin'), model_name: 'refused', job_name: 'refused-training' };
    const failed = await provision(body);
    assert.equal(failed.status, 'Failed');
    const error = failed.stages.at(-1)?.error;
    assert.equal(error?.providerCode, 'ResourceLimitExceeded');
    assert.match(error.message, /service limit is 0 Instances/);
    assert.equal((await provision(body)).status, 'Succeeded');
  });

  it('fails the stage with SageMaker’s reason where a baseline fails, and makes it anew on the next try', async () => {
    const endpoint = { ...bodyOf('byom_realtime_builtin'), model_name: 'watched', endpoint_name: 'another-endpoint' };
    assert.equal((await provision(endpoint)).status, 'Succeeded');
    const body = { ...bodyOf('byom_data_quality_monitor'), model_name: 'watched', endpoint_name: 'another-endpoint' };
    const failed = await provision(body);
    assert.equal(failed.status, 'Failed');
    assert.match(failed.stages.at(-1)?.error?.message ?? '', /is Failed: AlgorithmError: The data has no header\./);
    assert.equal((await provision(body)).status, 'Succeeded');
  });

  it('tells the notifications topic how jobs ended, each once', async () => {
    const { jobName } = executions.get('model_training_builtin')?.stages.at(-1)?.outputs ?? {};
    const told = async () => (await sandbox.notifications()).filter(({ message }) => message.includes(String(jobName)));
    await until(async () => (await told()).length > 0, 'a notification of the training job');
    assert.deepEqual(
      (await told()).map(({ message }) => message),
      [`Training job ${String(jobName)} is now: Completed.`],
    );
  });
});
