/** What clients of the original find on the resources, and what its containers may touch by a setting. */
import assert from 'node:assert/strict';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { Run } from '../../blueprints/testing.ts';
import { run } from '../../blueprints/testing.ts';
import { accepted, body } from '../unit/blueprints/requests.ts';

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
});
