/** What clients of the original find on the resources, and what its containers may touch by a setting. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type * as pulumi from '@pulumi/pulumi';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { Run } from '../../blueprints/testing.ts';
import type { JobDefinition } from '../../blueprints/shared/lambda/job-run.ts';
import { run } from '../../blueprints/testing.ts';
import { accepted, body } from '../unit/blueprints/requests.ts';

const TRAINING = new URL('../../blueprints/training/README.md', import.meta.url);
const CONTAINERS = { readLocations: ['shared/features', 'all-of-it'], metricNamespaces: ['Churn', 'team/models'] };

async function made(type: PipelineType, context: object = {}): Promise<Run> {
  const program = (await BLUEPRINTS[type].loadProgram?.()) ?? assert.fail(type);
  return await run(program, accepted(body(type, { model_name: 'Churn' })).request, context);
}

const statementsOf = ({ resources }: Run) =>
  resources
    .filter(({ type }) => type === 'aws:iam/rolePolicy:RolePolicy')
    .flatMap(({ inputs }) => (JSON.parse(String(inputs.policy)) as { Statement: { Sid?: string }[] }).Statement)
    .filter(({ Sid = '' }) => /More/.test(Sid));

describe('clients of the original', () => {
  for (const type of ['byom_realtime_custom', 'byom_batch_custom', 'model_training_builtin'] as const) {
    it(`have containers that read and report what the settings add: ${type}`, async () => {
      assert.deepEqual(statementsOf(await made(type)), []);
      assert.deepEqual(statementsOf(await made(type, { containers: CONTAINERS })), [
        {
          Sid: 'ReadMoreData',
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: ['arn:aws:s3:::shared/features*', 'arn:aws:s3:::all-of-it/*'],
        },
        {
          Sid: 'ListMoreData1',
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::shared',
          Condition: { StringLike: { 's3:prefix': 'features*' } },
        },
        {
          Sid: 'ListMoreData2',
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::all-of-it',
          Condition: { StringLike: { 's3:prefix': '*' } },
        },
        {
          Sid: 'WriteMoreMetrics',
          Effect: 'Allow',
          Action: 'cloudwatch:PutMetricData',
          Resource: '*',
          Condition: { StringEquals: { 'cloudwatch:namespace': CONTAINERS.metricNamespaces } },
        },
      ]);
    });
  }

  it('find the tags that the original set', async () => {
    const tagsOf = ({ resources }: Run, kind: string) =>
      resources.find(({ type }) => type.endsWith(`:${kind}`))?.inputs.tags;
    const realtime = await made('byom_realtime_builtin');
    assert.deepEqual(tagsOf(realtime, 'Model'), { model_name: 'Churn' });
    assert.deepEqual(tagsOf(realtime, 'EndpointConfiguration'), { 'endpoint-config-name': 'Churn-endpoint-config' });
    assert.deepEqual(tagsOf(realtime, 'Endpoint'), { 'endpoint-name': 'Churn-endpoint' });
    const monitor = await made('byom_data_quality_monitor', { tags: { 'mlops:pipeline-id': 'my-pipeline' } });
    assert.deepEqual(tagsOf(monitor, 'MonitoringSchedule'), { 'stack-name': 'my-pipeline' });
  });

  it('find the outputs that the original had', async () => {
    const { outputs } = await made('byom_model_bias_monitor');
    assert.equal(outputs.MonitoringScheduleType, 'ModelBias');
    for (const name of ['BaselineName', 'MonitoringScheduleJobName', 'BaselineJobOutput', 'MonitoringScheduleOutput']) {
      assert.equal(typeof outputs[name], 'string', name);
    }
    const realtime = (await made('byom_realtime_builtin')).outputs;
    assert.match(String(realtime.EndpointDataCaptureLocation), /^https:\/\/s3\.console\.aws\.amazon\.com\//);
  });

  it('have tuning jobs with the tags of the request, and of the stack, which count', async () => {
    const tags = [
      { Key: 'team', Value: 'churn' },
      { Key: 'mlops:pipeline-id', Value: 'not mine' },
    ];
    const tuner = { objective_metric_name: 'validation:auc', max_jobs: 2, tags };
    const job = await jobOf('model_tuner_builtin', { tuner_configs: tuner }, { tags: { 'mlops:pipeline-id': 'mine' } });
    assert.deepEqual(job.tags, { team: 'churn', 'mlops:pipeline-id': 'mine' });
  });

  it('have training jobs without debugger and profiler, as blueprints/training/README.md says', async () => {
    const { request } = await jobOf('model_training_builtin');
    assert.deepEqual(
      Object.keys(request).filter((key) => /^(Debug|Profiler)/.test(key)),
      [],
    );
    assert.match(await readFile(TRAINING, 'utf8'), /`DebugHookConfig` and `ProfilerConfig` are not sent/);
  });
});

async function jobOf(type: PipelineType, changes: object = {}, context: object = {}): Promise<JobDefinition> {
  const program = (await BLUEPRINTS[type].loadProgram?.()) ?? assert.fail(type);
  const { resources } = await run(program, accepted(body(type, { ...changes })).request, context);
  const { inputs } = resources.find((one) => one.type.endsWith(':Function')) ?? assert.fail('no function');
  const members = (await (inputs.code as pulumi.asset.AssetArchive).assets) as Record<string, pulumi.asset.StringAsset>;
  return JSON.parse((await members['job.json']?.text) ?? '') as JobDefinition;
}
