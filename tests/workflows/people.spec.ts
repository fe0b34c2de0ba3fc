import assert from 'node:assert/strict';
import type { AuditEntry } from '../../automation/audit/audit-log.ts';
import type { Page } from '../../automation/platform/paging.ts';
import type { StoredNotification } from '../../automation/notifications/notification-log.ts';
import { until } from '../support/until.ts';
import type { Promotion } from './support.ts';
import { promoted, provisioned, stagedRealtime, startPromotion } from './support.ts';

const ROLES = {
  VIEWER_ARNS: 'vera',
  PROVISIONER_ARNS: 'arn:aws:iam::111111111111:role/DataScientist',
  APPROVER_ARNS: 'arn:aws:iam::111111111111:user/lee',
  ADMIN_ARNS: 'root',
};
const KIM = 'arn:aws:sts::111111111111:assumed-role/DataScientist/kim';
const LEE = 'arn:aws:iam::111111111111:user/lee';

describe('people around a promotion', function () {
  this.timeout(180_000);
  let promotion: Promotion;

  before(async () => {
    promotion = await startPromotion({ ...ROLES, PUBLIC_URL: 'https://mlops.example.com' });
  });

  after(async () => {
    await promotion.stop();
  });

  it('do what their roles allow; their actions and notifications are stored and delivered', async () => {
    const { sandbox, as } = promotion;
    const [kim, lee, vera, root] = [as(KIM), as(LEE), as('vera'), as('root')];
    const body = await stagedRealtime('people');
    await assert.rejects(vera.provision(body), /answered 403/);
    await assert.rejects(lee.provision(body), /answered 403/);
    const waiting = await provisioned(kim, body);
    assert.equal(waiting.status, 'AwaitingApproval', JSON.stringify(waiting.stages));
    await assert.rejects(kim.approve(waiting), /answered 403/);
    const execution = await promoted(lee, waiting);
    assert.equal(execution.status, 'Succeeded', JSON.stringify(execution.stages));

    await assert.rejects(kim.call('GET', '/audit'), /answered 403/);
    const { entries } = await root.call<Page<AuditEntry>>('GET', '/audit');
    assert.deepEqual(
      entries.toReversed().map(({ principal, action, environment }) => [principal, action, environment]),
      [
        ['vera', 'denied', undefined],
        [LEE, 'denied', undefined],
        [KIM, 'provision', undefined],
        [KIM, 'denied', undefined],
        [LEE, 'approve', 'staging'],
        [LEE, 'approve', 'prod'],
        [KIM, 'denied', undefined],
      ],
    );

    const { executionId } = execution;
    const list = async () =>
      (await vera.call<Page<StoredNotification>>('GET', `/notifications?executionId=${executionId}`)).entries;
    await until(async () => (await list()).every(({ delivery }) => delivery === 'delivered'), 'all were delivered');
    const notifications = (await list()).toReversed();
    assert.deepEqual(
      notifications.map(({ kind, environment }) => [kind, environment]),
      [
        ['started', 'dev'],
        ['approval-needed', 'staging'],
        ['approval-needed', 'prod'],
        ['succeeded', 'prod'],
      ],
    );
    const approve = `POST https://mlops.example.com/executions/${executionId}/approvals/staging\n{"decision":"Approved","changeHash":"${waiting.approval?.changeHash}"}`;
    assert.ok(notifications[1]?.message.includes(approve), notifications[1]?.message);
    const onTopic = (await sandbox.notifications()).filter(({ rule }) => rule === undefined);
    assert.deepEqual(
      onTopic.map(({ subject, message, attributes }) => [subject, message, attributes?.kind]),
      notifications.map(({ subject, message, kind }) => [subject, message, kind]),
    );
    assert.match(onTopic[0]?.topicArn ?? '', /:111111111111:mlops-notifications$/);
  });
});
