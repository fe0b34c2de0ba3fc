/** All pipeline types through HTTP: handlers run, jobs are made, nothing is done twice. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { GuidePreviewAnswer } from '../../api/guide-answers.ts';
import type { PipelineJobs } from '../../automation/pipelines/jobs.ts';
import type { Execution, PipelineOutputs, PreviewAnswer } from '../../automation/model.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { readObject } from '../../sandbox/aws/local-endpoint/objects.ts';
import { demoRequests } from '../../scripts/demo-requests.ts';
import type { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { createdTwice } from '../support/journal.ts';
import type { RequestChange } from '../support/request-changes.ts';
import { REQUEST_CHANGES } from '../support/request-changes.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

type Body = Record<string, unknown>;

/** One changed key of each type; tests/components/request-changes.spec.ts goes through all of them. */
function previewed(): [type: string, changes: RequestChange[]][] {
  return Object.entries(REQUEST_CHANGES).map(([type, rows]) => [type, rows.slice(0, 1)]);
}

/** `<resource> <operation>` of every change, sorted; without what all names begin with. */
function operations({ environments }: Pick<PreviewAnswer, 'environments'>): string {
  const changes = environments[0]?.changes ?? [];
  return changes
    .map(({ name, operation }) => `${name.replace(/^mlops-pipeline-.*-[0-9a-f]{6}-/, '')} ${operation}`)
    .sort()
    .join(', ');
}

describe('all pipeline types through HTTP', () => {
  let sandbox: TestSandbox;
  let client: OrchestratorClient;
  let bodies: Body[];
  const executions = new Map<string, Execution>();

  before(async function () {
    this.timeout(180_000);
    sandbox = await startTestSandbox({
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
        {
          type: 'aws:sagemaker/job:TransformJob',
          operation: 'read',
          times: 1,
          code: 'AccessDenied',
          message: 'not authorized to perform: sagemaker:ListTransformJobs',
        },
      ]),
    });
    client = sandbox.client;
    const { builtin, custom, others } = await demoRequests(client);
    await Promise.all([builtin, custom].map(provision));
    await Promise.all(others.map(provision));
    bodies = [builtin, custom, ...others];
  });

  after(async () => await sandbox?.stop());

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
        previewed().map(async ([type, changes]) => {
          for (const { key, to } of changes) {
            const changed = { ...bodyOf(type), ...to };
            const preview = await client.call<GuidePreviewAnswer>('POST', '/provisionpipeline?preview=true', changed);
            seen.set(`${type} ${key}`, operations(preview));
          }
        }),
      );
    });

    for (const [type, changes] of previewed()) {
      for (const { key, expected } of changes) {
        it(`${type}: ${key}`, () => assert.equal(seen.get(`${type} ${key}`), expected));
      }
    }
  });

  it('previews the same pipeline twice at once', async () => {
    const { pipelineId } = executions.get('model_training_builtin') ?? assert.fail();
    const preview = () => client.call<PreviewAnswer>('POST', `/pipelines/${pipelineId}/preview`, { instance_count: 3 });
    for (const one of await Promise.all([preview(), preview()])) {
      assert.equal(operations(one), 'job-function update, job-run replace');
    }
  });

  it('makes every resource once', async () => {
    assert.deepEqual(await createdTwice(sandbox.home), []);
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

  it('fails the stage with SageMaker’s reason if a baseline fails, and creates it again on the next try', async () => {
    const endpoint = { ...bodyOf('byom_realtime_builtin'), model_name: 'watched', endpoint_name: 'another-endpoint' };
    assert.equal((await provision(endpoint)).status, 'Succeeded');
    const body = { ...bodyOf('byom_data_quality_monitor'), model_name: 'watched', endpoint_name: 'another-endpoint' };
    const failed = await provision(body);
    assert.equal(failed.status, 'Failed');
    assert.match(failed.stages.at(-1)?.error?.message ?? '', /is Failed: AlgorithmError: The data has no header\./);
    assert.equal((await provision(body)).status, 'Succeeded');
  });

  const jobsOf = async (pipelineId: string, query = '') =>
    (await client.call<PipelineJobs>('GET', `/pipelines/${pipelineId}/jobs${query}`)).environments;

  it('shows the jobs of every type that runs some, and an environment that AWS does not let us see', async () => {
    const { pipelineId: batch } = executions.get('byom_batch_builtin') ?? assert.fail();
    assert.deepEqual(await jobsOf(batch), [
      {
        environment: 'main',
        jobs: [],
        error: {
          code: 'AccessDenied',
          message: 'not authorized to perform: sagemaker:ListTransformJobs',
        },
      },
    ]);
    for (const [type, { pipelineId, stages }] of executions) {
      const { jobName, baselineJobName } = stages.at(-1)?.outputs ?? {};
      const [{ jobs = [] } = {}] = await jobsOf(pipelineId, '?limit=50');
      const made = jobName ?? baselineJobName;
      if (made === undefined) assert.deepEqual(await jobsOf(pipelineId), [], type);
      else
        assert.ok(
          jobs.some(({ name, status }) => name === made && status === 'Completed'),
          type,
        );
    }
  });

  it('shows why a job failed, and older jobs page by page', async () => {
    const monitor = 'mlops-pipeline-watched-byomdataqualitymonitor';
    const [{ jobs: baselines = [] } = {}] = await jobsOf(monitor, '?kind=baseline');
    assert.deepEqual(
      baselines.map(({ status, failureReason }) => [status, failureReason]),
      [
        ['Completed', undefined],
        ['Failed', 'AlgorithmError: The data has no header.'],
      ],
    );
    const training = 'mlops-pipeline-there-and-back-modeltraining';
    const names: string[] = [];
    let after = '';
    do {
      const [page] = await jobsOf(training, `?environment=main&limit=2${after && `&after=${after}`}`);
      names.push(...(page?.jobs ?? []).map(({ name }) => name));
      after = page?.next ?? '';
    } while (after !== '');
    assert.deepEqual(
      names.map((name) => /-training-(\d)-/.exec(name)?.[1]),
      ['3', '2', '1'],
    );
    // Nothing takes time here, so the runs of a day have been made.
    const [{ jobs: runs = [] } = {}] = await jobsOf(monitor, '?kind=monitoring&limit=50');
    assert.equal(runs.length, 24);
    const violated = runs.filter(({ status }) => status === 'CompletedWithViolations');
    for (const { violations } of violated)
      assert.match(violations?.report ?? '', /^s3:.*\/constraint_violations\.json$/);
  });

  it('puts Clarify’s configuration where the baseline and the schedule look for it', async () => {
    for (const type of ['byom_model_bias_monitor', 'byom_model_explainability_monitor']) {
      const { baselineJobOutput } = executions.get(type)?.stages.at(-1)?.outputs ?? {};
      const [bucket = '', ...prefix] = String(baselineJobOutput).replace('s3://', '').split('/');
      for (const file of ['analysis_config.json', 'monitor/analysis_config.json']) {
        const found = await readObject(join(sandbox.home, 'aws'), bucket, [...prefix, file].join('/'));
        const { headers } = JSON.parse(found?.toString() ?? '{}') as { headers?: string[] };
        assert.ok(headers?.includes('age'), `${type} ${file}`);
      }
    }
  });

  it('tells the notifications topic how jobs ended, each once', async () => {
    const { jobName } = executions.get('model_training_builtin')?.stages.at(-1)?.outputs ?? {};
    const published = async () =>
      (await sandbox.notifications()).filter(({ rule, message }) => rule && message.includes(String(jobName)));
    await until(async () => (await published()).length > 0, 'a notification of the training job');
    assert.deepEqual(
      (await published()).map(({ message }) => message),
      [`Training job ${String(jobName)} is now: Completed.`],
    );
  });
});
