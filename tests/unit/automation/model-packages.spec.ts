import assert from 'node:assert/strict';
import type { Follower, ModelPackageParts } from '../../../automation/pipelines/model-package-events.ts';
import type { Submitted } from '../../../automation/pipelines/provisioning.ts';
import { onModelPackageEvent } from '../../../automation/pipelines/model-package-events.ts';
import { assertPackageUsable } from '../../../automation/pipelines/model-package-approval.ts';
import { RequestInvalid } from '../../../blueprints/faults.ts';
import type { PipelineRequest } from '../../../blueprints/blueprint.ts';
import { MAIN } from '../../support/operations.ts';

const GROUP = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/';

/** As EventBridge delivers it. */
function eventOf(version: number | string, detail: Record<string, unknown> = {}, event: Record<string, unknown> = {}) {
  const arn = `${GROUP}${version}`;
  return {
    version: '0',
    id: '844e2571-85d4-695f-b930-0153b71dcb42',
    'detail-type': 'SageMaker Model Package State Change',
    source: 'aws.sagemaker',
    account: '111111111111',
    time: '2026-02-24T17:00:14Z',
    region: 'us-east-1',
    resources: [arn],
    detail: {
      ModelPackageGroupName: 'churn',
      ModelPackageVersion: version,
      ModelPackageArn: arn,
      ModelPackageStatus: 'Completed',
      ModelApprovalStatus: 'Approved',
      ...detail,
    },
    ...event,
  };
}

function follower(pipelineId: string, version: number | string): Follower {
  const request = {
    pipeline_type: 'byom_realtime_custom',
    model_package_name: `${GROUP}${version}`,
  } as PipelineRequest;
  return { pipelineId, request: { ...request, model_name: pipelineId, follow_model_package_group: true } };
}

const started = (pipelineId: string): Submitted => ({
  outcome: 'updated',
  answer: { message: '', pipelineId, executionId: 'e' },
});

/** Counts what is provisioned. */
function parts(followers: Follower[], provision?: ModelPackageParts['provision']) {
  const calls: [body: unknown, caller: string][] = [];
  const asked: string[] = [];
  return {
    calls,
    asked,
    findFollowers: async (group: string) => {
      asked.push(group);
      return followers;
    },
    provision: async (body: unknown, caller: string) => {
      calls.push([body, caller]);
      return provision ? await provision(body, caller) : started('p');
    },
  };
}

describe('a model package event', () => {
  it('provisions what follows the group with the approved version, in its own name', async () => {
    const given = parts([follower('p', 2)]);
    const answer = await onModelPackageEvent(eventOf(3), given);
    assert.deepEqual(answer.started, [{ pipelineId: 'p', executionId: 'e' }]);
    assert.deepEqual(given.asked, [GROUP]);
    assert.deepEqual(given.calls, [
      [{ ...follower('p', 2).request, model_package_name: `${GROUP}3` }, `model-package:${GROUP}3`],
    ]);
  });

  it('leaves alone what has the version, or a newer one, by number and not by text', async () => {
    const given = parts([follower('same', 9), follower('newer', 10)]);
    const answer = await onModelPackageEvent(eventOf(9), given);
    assert.deepEqual(
      answer.ignored.map(({ pipelineId }) => pipelineId),
      ['same', 'newer'],
    );
    assert.deepEqual(given.calls, []);
    assert.equal((await onModelPackageEvent(eventOf(10), parts([follower('p', 9)]))).started.length, 1);
  });

  it('tells apart what another delivery has provisioned meanwhile', async () => {
    for (const inProgress of [{}, { executionId: 'e' }]) {
      const answer = { message: '', pipelineId: 'p', ...inProgress };
      const given = parts([follower('p', 2)], async () => ({ outcome: 'unchanged', answer }));
      const { started, ignored } = await onModelPackageEvent(eventOf(3), given);
      assert.deepEqual([started, ignored.length], [[], 1]);
    }
  });

  it('does nothing for a version that is not approved, not complete, or of no group', async () => {
    for (const event of [
      eventOf(3, { ModelApprovalStatus: 'PendingManualApproval' }),
      eventOf(3, { ModelApprovalStatus: 'Rejected' }),
      eventOf(3, { ModelPackageStatus: 'InProgress' }),
      eventOf('', { ModelPackageArn: GROUP.slice(0, -1) }),
    ]) {
      const given = parts([follower('p', 2)]);
      const answer = await onModelPackageEvent(event, given);
      assert.match(answer.message, /No action is required/);
      assert.deepEqual([given.asked, given.calls], [[], []]);
    }
  });

  it('goes on with the others where one is refused, and tells why', async () => {
    const refused = Object.assign(new Error('it is being removed'), { status: 409 });
    const given = parts([follower('busy', 1), follower('free', 1)], async (body) => {
      if ((body as { model_name: string }).model_name === 'busy') throw refused;
      return started('free');
    });
    const answer = await onModelPackageEvent(eventOf(2), given);
    assert.deepEqual(answer.failed, [{ pipelineId: 'busy', reason: 'it is being removed' }]);
    assert.deepEqual(
      answer.started.map(({ pipelineId }) => pipelineId),
      ['free'],
    );
  });

  it('fails for a fault of the service, so that it is delivered again, once all were tried', async () => {
    const given = parts([follower('a', 1), follower('b', 1)], () => Promise.reject(new Error('no database')));
    await assert.rejects(onModelPackageEvent(eventOf(2), given), /no database/);
    assert.equal(given.calls.length, 2);
  });

  it('is refused with every fault where it is none', async () => {
    const pointers = async (event: unknown) => {
      const error: unknown = await onModelPackageEvent(event, parts([])).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof RequestInvalid, String(error));
      return error.faults.map(({ pointer }) => pointer);
    };
    const all = ['/source', '/detail-type', '/detail/ModelPackageArn', '/detail/ModelApprovalStatus'];
    for (const nothing of [undefined, null, 'x', [], {}, { detail: 1 }]) assert.deepEqual(await pointers(nothing), all);
    assert.deepEqual(await pointers(eventOf(1, {}, { source: 'aws.s3' })), ['/source']);
    assert.deepEqual(await pointers(eventOf(1, {}, { account: '222222222222' })), ['/account']);
    assert.deepEqual(await pointers(eventOf(1, { ModelPackageArn: 'x'.repeat(10_000) })), ['/detail/ModelPackageArn']);
    assert.deepEqual(await pointers(eventOf(1, { ModelPackageStatus: 5 })), ['/detail/ModelPackageStatus']);
  });
});

describe('a model package in a request', () => {
  const request = { pipeline_type: 'byom_batch_custom', model_package_name: `${GROUP}3` } as PipelineRequest;
  const asked = (
    describeModelPackage: Parameters<typeof assertPackageUsable>[0]['describeModelPackage'],
    allowUnapprovedModelPackages = false,
  ) => assertPackageUsable({ describeModelPackage }, MAIN, request, { allowUnapprovedModelPackages });
  const found = (approvalStatus: string) => async () => ({ status: 'Completed', approvalStatus });

  it('is refused at its key unless it is there and approved', async () => {
    await asked(found('Approved'));
    for (const [answer, message] of [
      [found('PendingManualApproval'), /is PendingManualApproval/],
      [found('Rejected'), /is Rejected.*ALLOW_UNAPPROVED_MODEL_PACKAGES=Yes/],
      [async () => undefined, /model package does not exist/],
    ] as const) {
      await assert.rejects(asked(answer), (error: RequestInvalid) => {
        assert.deepEqual(
          error.faults.map(({ pointer }) => pointer),
          ['/model_package_name'],
        );
        assert.match(error.message, message);
        return true;
      });
    }
  });

  it('may be unapproved where the installation allows it', async () => {
    await asked(found('Rejected'), true);
  });

  it('is taken where the registry cannot be asked, or none is named', async () => {
    await asked(() => Promise.reject(new Error('AccessDenied')));
    const never = { describeModelPackage: () => Promise.reject(new Error('asked')) };
    const without = { pipeline_type: 'byom_batch_custom' } as PipelineRequest;
    await assertPackageUsable(never, MAIN, without, { allowUnapprovedModelPackages: false });
  });
});
