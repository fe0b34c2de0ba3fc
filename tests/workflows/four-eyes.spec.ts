/** Who counts as another person, what may not be destroyed, and what an approver sees. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { GuidePreviewAnswer } from '../../api/guide-answers.ts';
import type { Execution, Pipeline } from '../../automation/model.ts';
import { realtime } from '../support/realtime.ts';
import type { Answer } from './callers.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';
import { stageStatuses } from './support.ts';
import type { ProviderStandIn } from '../sources/support/provider.ts';
import { startProvider } from '../sources/support/provider.ts';
import { COMMIT, SECRET, githubPush, hubSignature } from '../sources/support/world.ts';
import { until } from '../support/until.ts';

interface Accepted {
  pipeline_id: string;
  execution_id: string;
  detailedMessage?: string;
}

const session = (role: string, name: string) => `arn:aws:sts::111122223333:assumed-role/${role}/${name}`;

describe('four eyes', () => {
  let service: SimulatedService;
  let provider: ProviderStandIn;

  before(async () => {
    provider = await startProvider();
    service = await startSimulatedService({
      TRUSTED_SESSION_ARNS: 'arn:aws:iam::111122223333:role/AWSReservedSSO_*',
      PROD_MINIMUM_APPROVERS: '1',
      GITHUB_WEBHOOK_SECRET: SECRET,
      GITHUB_API_URL: provider.url,
      CONFIG_REPOSITORIES: 'github:acme/models@main',
    });
  });
  after(async () => {
    const { violations } = service.stacks;
    await service.stop();
    await provider.stop();
    assert.deepEqual(violations, []);
  });

  async function waiting(caller: string, modelName: string, changes = {}): Promise<Execution> {
    const body = await realtime(modelName, changes);
    const { body: answer } = await service.call<Accepted>(caller, 'POST', '/provisionpipeline', body);
    return await service.settled(answer.execution_id);
  }

  async function decide(
    caller: string,
    { executionId, approval }: Execution,
    answer: Record<string, unknown> = {},
  ): Promise<Answer<Accepted>> {
    return await service.call(caller, 'POST', `/executions/${executionId}/approvals/${approval?.environment}`, {
      decision: 'Approved',
      changeHash: approval?.changeHash,
      ...answer,
    });
  }

  /** Has everything approved. @returns how it ended */
  async function promoted(approver: string, execution: Execution): Promise<Execution> {
    let current = execution;
    while (current.status === 'AwaitingApproval') {
      const { status, body } = await decide(approver, current);
      assert.equal(status, 200, JSON.stringify(body));
      current = await service.settled(current.executionId);
    }
    return current;
  }

  const actionsOf = async (pipelineId: string) => {
    const { rows } = await service.database.query<{
      action: string;
      principal: string;
      detail: Record<string, unknown>;
    }>(
      `SELECT a.action, a.principal, a.detail FROM mlops.audit a
        WHERE a.pipeline_id = $1 OR a.execution_id IN (SELECT id FROM mlops.executions WHERE pipeline_id = $1) ORDER BY a.id`,
      [pipelineId],
    );
    return rows;
  };

  describe('people', () => {
    it('are their roles: another session of the same role approves nothing, and the attempt is in the audit', async () => {
      const execution = await waiting(session('DataScientist', 'alice'), 'renamed');
      const refused = await decide(session('DataScientist', 'bob'), execution);
      assert.equal(refused.status, 403);
      assert.match(refused.body.detailedMessage ?? '', /all sessions of arn:aws:iam::111122223333:role\/DataScientist/);
      assert.equal((await decide('arn:aws:iam::111122223333:role/DataScientist', execution)).status, 403);
      const attempts = (await actionsOf(execution.pipelineId)).filter(({ action }) => action === 'refused');
      assert.deepEqual(
        attempts.map(({ principal, detail }) => [principal, detail.attempt, detail.code]),
        [
          [session('DataScientist', 'bob'), 'approve', 'APPROVAL_NOT_ALLOWED'],
          ['arn:aws:iam::111122223333:role/DataScientist', 'approve', 'APPROVAL_NOT_ALLOWED'],
        ],
      );
      assert.equal(
        (await decide(session('Approver', 'alice'), execution)).status,
        200,
        'another role is another person',
      );
    });

    it('are distinguished by session names that are declared trusted', async () => {
      const execution = await waiting(session('AWSReservedSSO_ML_1', 'alice'), 'trusted');
      assert.equal((await decide(session('AWSReservedSSO_ML_1', 'alice'), execution)).status, 403);
      assert.equal((await decide(session('AWSReservedSSO_ML_1', 'bob'), execution)).status, 200);
    });
  });

  it('are those of who pushed and who wrote a commit: neither may approve what came of it', async () => {
    provider.branches.set('acme/models@main', COMMIT);
    provider.files.set(`acme/models@${COMMIT}`, JSON.stringify(await realtime('pushed')));
    const body = JSON.stringify(
      githubPush({
        pusher: { name: 'octocat', email: 'octocat@example.com' },
        sender: { login: 'octocat' },
        head_commit: { id: COMMIT, author: { name: 'Kim Lee', email: 'kim@example.com', username: 'kim' } },
      }),
    );
    const answer = await fetch(`${service.url}/webhooks/github`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-GitHub-Event': 'push',
        'X-Hub-Signature-256': hubSignature(body),
      },
      body,
    });
    assert.equal(answer.status, 202);
    let id = '';
    await until(
      async () => {
        const { rows } = await service.database.query<{ id: string }>(
          `SELECT id FROM mlops.executions WHERE origin->>'repository' = 'github:acme/models'`,
        );
        return (id = rows[0]?.id ?? '') !== '';
      },
      'the push is provisioned',
      30_000,
    );
    const execution = await service.settled(id);
    assert.deepEqual(execution.origin, {
      repository: 'github:acme/models',
      branch: 'main',
      commit: COMMIT,
      pushedBy: ['octocat', 'octocat@example.com'],
      author: ['kim', 'Kim Lee', 'kim@example.com'],
    });
    const [provisioned] = await actionsOf(execution.pipelineId);
    assert.deepEqual(provisioned?.detail.origin, execution.origin);
    for (const same of [
      'octocat',
      'Octocat@example.com',
      'arn:aws:iam::111122223333:user/octocat',
      session('Approver', 'kim@example.com'),
      session('AWSReservedSSO_ML_1', 'kim'),
    ]) {
      const refused = await decide(same, execution);
      assert.equal(refused.status, 403, same);
    }
    assert.equal((await decide('arn:aws:iam::111122223333:user/dana', execution)).status, 200);
  });

  describe('an approver', () => {
    it('sees what is created with its inputs, the request, and how that differs from what is deployed', async () => {
      const first = await waiting('alice', 'seen');
      assert.equal(first.approval?.requested?.revision, 1);
      assert.equal(first.approval?.requested?.deployedRevision, undefined);
      assert.equal(first.approval?.requested?.request?.model_name, 'seen');
      assert.equal((await promoted('bob', first)).status, 'Succeeded');

      const second = await waiting('alice', 'seen', { inference_instance: 'ml.m5.4xlarge' });
      assert.deepEqual(second.approval?.requested?.differences, [
        { property: 'inference_instance', before: 'ml.m5.large', after: 'ml.m5.4xlarge' },
      ]);
      assert.equal(second.approval?.requested?.deployedRevision, 1);
      const listed = second.approval?.changes.length;
      assert.equal(
        Object.values(second.approval?.summary ?? {}).reduce((sum, count) => sum + count, 0),
        listed,
      );
    });

    it('has to say why a change is rejected', async () => {
      const execution = await waiting('alice', 'reasons');
      for (const comment of [undefined, '', '  ']) {
        const silent = await decide('bob', execution, { decision: 'Rejected', comment });
        assert.equal(silent.status, 400, JSON.stringify(silent.body));
        assert.match(JSON.stringify(silent.body), /\/comment/);
      }
      assert.equal((await decide('bob', execution, { decision: 'Rejected', comment: 'Too large.' })).status, 200);
    });

    it('is not asked about a change that changes nothing', async () => {
      const first = await waiting('alice', 'same-elsewhere');
      assert.equal((await promoted('bob', first)).status, 'Succeeded');
      const devOnly = { dev: 'ml.t2.2xlarge', staging: 'ml.m5.large', prod: 'ml.m5.large' };
      const second = await waiting('alice', 'same-elsewhere', { inference_instance: devOnly });
      assert.equal(second.status, 'Succeeded', JSON.stringify(second.approval));
      assert.equal(second.decisions, undefined);
      const { rows } = await service.database.query<{ stage: string }>(
        `SELECT stage FROM mlops.execution_events WHERE execution_id = $1 AND type = 'approval.skipped' ORDER BY sequence`,
        [second.executionId],
      );
      assert.deepEqual(
        rows.map(({ stage }) => stage),
        ['ApproveStaging', 'ApproveProd'],
      );
    });
  });

  describe('destroying', () => {
    const remove = (caller: string, pipelineId: string, query = '') =>
      service.call<Accepted & GuidePreviewAnswer>(caller, 'DELETE', `/pipelines/${pipelineId}${query}`);
    const stackOf = (pipelineId: string, environment: string) => `byom-realtime-builtin/${pipelineId}.${environment}`;

    it('is previewed without anything being done', async () => {
      const { pipelineId } = await promoted('bob', await waiting('alice', 'previewed'));
      const { status, body } = await remove('alice', pipelineId, '?preview=true');
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(
        body.environments.map(({ environment, summary }) => [environment, summary]),
        [
          ['prod', { delete: 4 }],
          ['staging', { delete: 4 }],
          ['dev', { delete: 4 }],
        ],
      );
      assert.notDeepEqual(service.stacks.deployed(stackOf(pipelineId, 'prod')), {});
      assert.equal((await service.call('alice', 'DELETE', `/pipelines/${pipelineId}?preview=maybe`)).status, 400);
    });

    it('waits for somebody else before prod and before staging, and deploys to dev without approval', async () => {
      const { pipelineId } = await promoted('bob', await waiting('alice', 'asked'));
      const accepted = await remove('alice', pipelineId);
      assert.equal(accepted.status, 202);
      const forProd = await service.settled(accepted.body.execution_id);
      assert.equal(forProd.status, 'AwaitingApproval');
      assert.equal(forProd.approval?.environment, 'prod');
      assert.deepEqual(forProd.approval?.summary, { delete: 4 });
      assert.notDeepEqual(service.stacks.deployed(stackOf(pipelineId, 'prod')), {}, 'nothing is destroyed unasked');
      assert.equal((await decide('alice', forProd)).status, 403, 'not who asked');

      assert.equal((await decide('bob', forProd)).status, 200);
      const forStaging = await service.settled(forProd.executionId);
      assert.equal(forStaging.approval?.environment, 'staging');
      assert.deepEqual(service.stacks.deployed(stackOf(pipelineId, 'prod')), {});
      assert.notDeepEqual(service.stacks.deployed(stackOf(pipelineId, 'staging')), {});
      const done = await promoted('bob', forStaging);
      assert.deepEqual(stageStatuses(done), {
        ApproveProd: 'Succeeded',
        DestroyProd: 'Succeeded',
        ApproveStaging: 'Succeeded',
        DestroyStaging: 'Succeeded',
        DestroyDev: 'Succeeded',
      });
      const { body } = await service.call<Pipeline>('alice', 'GET', `/pipelines/${pipelineId}`);
      assert.equal(body.status, 'Deleted');
    });

    it('leaves everything as it is where it is rejected', async () => {
      const { pipelineId } = await promoted('bob', await waiting('alice', 'rejected'));
      const forProd = await service.settled((await remove('alice', pipelineId)).body.execution_id);
      await decide('bob', forProd, { decision: 'Rejected', comment: 'It is in use.' });
      const ended = await service.settled(forProd.executionId);
      assert.equal(ended.status, 'Rejected');
      for (const environment of ['dev', 'staging', 'prod']) {
        assert.notDeepEqual(service.stacks.deployed(stackOf(pipelineId, environment)), {});
      }
      const { body } = await service.call<Pipeline>('alice', 'GET', `/pipelines/${pipelineId}`);
      assert.notEqual(body.status, 'Deleted');
    });

    it('makes way for a request that comes while it waits', async () => {
      const { pipelineId } = await promoted('bob', await waiting('alice', 'wanted-again'));
      const forProd = await service.settled((await remove('alice', pipelineId)).body.execution_id);
      await waiting('alice', 'wanted-again');
      assert.equal((await service.settled(forProd.executionId)).status, 'Superseded');
      assert.equal((await decide('bob', forProd)).status, 409);
      assert.notDeepEqual(service.stacks.deployed(stackOf(pipelineId, 'prod')), {});
    });

    it('is refused while the pipeline is protected, until that is lifted', async () => {
      const { pipelineId } = await promoted('bob', await waiting('alice', 'protected', { protected: true }));
      const { body: shown } = await service.call<Pipeline>('alice', 'GET', `/pipelines/${pipelineId}`);
      assert.equal(shown.protectedBy, 'alice');
      assert.ok(!('protected' in shown.request), 'it is about the pipeline, and no part of a revision');
      assert.equal((await remove('alice', pipelineId)).status, 409);

      const lifting = await service.call<Accepted>(
        'alice',
        'POST',
        '/provisionpipeline',
        await realtime('protected', { protected: false }),
      );
      assert.equal(lifting.status, 409, 'a request never lifts it');
      const wrong = await realtime('protected', { protected: 'perhaps' });
      assert.equal((await service.call('alice', 'POST', '/provisionpipeline', wrong)).status, 400);
      const same = await service.call<Accepted>('alice', 'POST', '/provisionpipeline', await realtime('protected'));
      assert.equal(same.body.execution_id, undefined, 'the same request, protected or not');

      const lifted = await service.call<Pipeline>('admin', 'DELETE', `/pipelines/${pipelineId}/protection`);
      assert.equal(lifted.status, 200);
      assert.equal(lifted.body.protectedBy, undefined);
      assert.equal((await remove('alice', pipelineId)).status, 202);
      const actions = (await actionsOf(pipelineId)).map(({ action, principal }) => `${principal} ${action}`);
      for (const act of ['alice protect', 'alice refused', 'admin unprotect']) assert.ok(actions.includes(act), act);
    });

    it('stops before the next environment where the pipeline is protected meanwhile', async () => {
      const { pipelineId } = await promoted('bob', await waiting('alice', 'late'));
      const forProd = await service.settled((await remove('alice', pipelineId)).body.execution_id);
      const answer = await service.call<Pipeline>('carol', 'POST', `/pipelines/${pipelineId}/protection`);
      assert.equal(answer.body.protectedBy, 'carol');
      await decide('bob', forProd);
      const ended = await service.settled(forProd.executionId);
      assert.equal(ended.status, 'Failed');
      assert.equal(ended.stages.find(({ name }) => name === 'DestroyProd')?.error?.code, 'PIPELINE_PROTECTED');
      assert.notDeepEqual(service.stacks.deployed(stackOf(pipelineId, 'prod')), {});
    });
  });
});
