/** What has to hold after a deployment before the next environment is asked for. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Execution } from '../../automation/model.ts';
import type { CardExport, PipelineCard } from '../../automation/model-cards/pipeline-cards.ts';
import { readObject } from '../../sandbox/aws/local-endpoint/objects.ts';
import { until } from '../support/until.ts';
import type { Promotion } from './support.ts';
import { ACCOUNTS, provisioned, stagedRealtime, stageStatuses, startPromotion } from './support.ts';

describe('after a deployment', () => {
  let promotion: Promotion;
  let ahead = 0;

  before(async () => {
    promotion = await startPromotion({ MODEL_CARDS: 'Yes' }, { clock: () => new Date(Date.now() + ahead) });
  });

  after(async () => await promotion.stop());

  async function soaking(model: string, verification: Record<string, unknown>): Promise<Execution> {
    const { client } = promotion;
    const { execution_id: id = '' } = await client.provision(await stagedRealtime(model, { verification }));
    let execution = await client.execution(id);
    await until(
      async () => {
        execution = await client.execution(id);
        assert.ok(!['Failed', 'AwaitingApproval'].includes(execution.status), JSON.stringify(execution));
        return execution.stages.some(({ soakUntil }) => soakUntil !== undefined);
      },
      'a stage soaks',
      60_000,
    );
    return execution;
  }

  it('no approval for the next environment is requested until the soak time is over', async () => {
    const execution = await soaking('soaked', { soak_seconds: 3600 });
    assert.equal(execution.status, 'InProgress');
    assert.equal(stageStatuses(execution).DeployDev, 'InProgress');
    assert.equal(stageStatuses(execution).ApproveStaging, 'Pending');
    ahead += 3_600_000;
    const waiting = await promotion.client.settled(execution.executionId);
    assert.equal(waiting.status, 'AwaitingApproval', JSON.stringify(waiting.stages));
    assert.equal(waiting.stages[1]?.soakUntil, undefined);
    assert.equal(waiting.approval?.environment, 'staging');
  });

  it('the model card is saved before the next approver is asked, who is shown where it is', async () => {
    const { client } = promotion;
    const waiting = await provisioned(client, await stagedRealtime('documented'));
    const { modelCard = '' } = waiting.approval ?? {};
    const card = await client.call<PipelineCard>('GET', modelCard);
    assert.deepEqual(
      [card.pipelineId, card.state, card.status, card.version],
      [waiting.pipelineId, 'Saved', 'Draft', 1],
    );
    const { custom_details: details } = card.content.additional_information as {
      custom_details: Record<string, string>;
    };
    assert.match(details.mlops_deployed_dev ?? '', /^revision 1, /);
    await client.approve(waiting, 'Tested in dev.');
    const again = await client.settled(waiting.executionId);
    assert.equal(again.approval?.environment, 'prod');
    const next = await client.call<PipelineCard>('GET', modelCard);
    assert.equal(next.state, 'Saved', JSON.stringify(next));
    assert.match(JSON.stringify(next.content), /"mlops_decisions_staging":"Approved by [^"]*: Tested in dev\."/);
    const exported = await client.call<CardExport>('POST', `${modelCard}/export?format=json`);
    const [, key = ''] = /^s3:\/\/[^/]+\/(.*)$/.exec(exported.location ?? '') ?? [];
    const bucket = exported.location?.split('/')[2] ?? '';
    const file = await readObject(join(promotion.home, 'aws'), bucket, key);
    assert.deepEqual(JSON.parse(String(file)), next.content);
    const audit = await client.call<{ entries: { principal: string }[] }>('GET', '/audit?action=model-card');
    assert.deepEqual(
      new Set(audit.entries.map(({ principal }) => principal)),
      new Set(['MODEL_CARDS', 'sandbox-user']),
    );
  });

  it('an alarm that fires within the soak time fails the stage', async () => {
    const execution = await soaking('alarmed', { soak_seconds: 3600, alarms: ['errors'] });
    const alarm = `arn:aws:cloudwatch:us-east-1:${ACCOUNTS.dev}:alarm:errors`;
    await writeFile(join(promotion.home, 'aws', 'alarms.json'), JSON.stringify([alarm]));
    ahead += 3_600_000;
    const failed = await promotion.client.finished(execution.executionId);
    assert.equal(failed.status, 'Failed');
    assert.equal(failed.stages[1]?.error?.code, 'ALARM_AFTER_DEPLOYMENT');
    assert.match(failed.stages[1]?.error?.message ?? '', /errors/);
    assert.equal(stageStatuses(failed).ApproveStaging, 'Skipped');
  });

  it('a smoke request with another answer than expected fails the stage', async () => {
    const smoke = { body: '1,2,3', expected: '^never$' };
    const failed = await provisioned(
      promotion.client,
      await stagedRealtime('smoked', { verification: { smoke_request: smoke } }),
    );
    assert.equal(failed.status, 'Failed');
    assert.equal(failed.stages[1]?.error?.code, 'SMOKE_REQUEST_FAILED');
  });
});
