import assert from 'node:assert/strict';
import type { StoredExecution, Transition } from '../../../automation/executions/transitions/transition.ts';
import { executionSuperseded } from '../../../automation/executions/transitions/executions.ts';
import type { ExecutionStage, ResourceChange } from '../../../automation/model.ts';
import type { OperationResult } from '../../../automation/stacks/operation.ts';
import { CANCELLED, CHANGE_NOT_APPROVED, SUPERSEDED, notRun } from '../../../automation/stacks/operation.ts';
import { deployStages, destroyStages, sourceStage } from '../../../automation/pipelines/stages.ts';
import { stageFinished } from '../../../automation/executions/transitions/stages.ts';

const NOW = new Date('2026-01-02T03:04:05.000Z');
const CHANGE: ResourceChange = { operation: 'create', urn: 'urn:a', type: 'x', name: 'a' };
const DONE: OperationResult = {
  ok: true,
  outputs: { endpoint: 'e' },
  summary: { create: 1 },
  changes: [CHANGE],
  history: [],
  drift: [],
};
const LATER = { executionId: 'later', kind: 'provision', revision: 2 } as const;

const policy = { minimumApprovers: 1, requesterMayApprove: true, approveDestroy: false };
const SETTINGS = {
  now: NOW,
  policies: { main: policy, dev: policy, staging: policy, prod: { ...policy, minimumApprovers: 2 } },
  expirySeconds: 60,
  blueprintVersion: '1.0.0',
  soakSeconds: 0,
};

/** An execution that has come to a stage: what is before it has succeeded. */
function at(name: string, more: Partial<StoredExecution> = {}): { execution: StoredExecution; stage: ExecutionStage } {
  const planned = more.stages ?? [sourceStage(NOW.toISOString()), ...deployStages(['dev', 'staging', 'prod'])];
  const index = planned.findIndex((one) => one.name === name);
  const stages = planned.map((one, i): ExecutionStage => ({
    ...one,
    status: i < index ? 'Succeeded' : i === index ? 'InProgress' : 'Pending',
    ...(i <= index ? { started: NOW.toISOString() } : {}),
  }));
  const execution: StoredExecution = {
    executionId: 'mine',
    pipelineId: 'p',
    pipelineType: 't',
    kind: 'provision',
    revision: 1,
    status: 'InProgress',
    requestedBy: 'alice',
    created: NOW.toISOString(),
    updated: NOW.toISOString(),
    ordinal: 1,
    attempt: 1,
    approved: {},
    ...more,
    stages,
  };
  const stage = stages[index];
  assert.ok(stage);
  return { execution, stage };
}

function finish(
  name: string,
  result: OperationResult,
  more: Partial<StoredExecution> = {},
  settings = SETTINGS,
): Transition {
  const { execution, stage } = at(name, more);
  return stageFinished(execution, stage, result, settings);
}

const statuses = ({ stages = {} }: Transition) =>
  Object.fromEntries(Object.entries(stages).map(([name, { status }]) => [name, status]));
const types = ({ events = [] }: Transition) => events.map(({ type }) => type);

describe('what the end of an operation makes of an execution', () => {
  it('a deployment that is to soak keeps its stage open, and whatever takes its place clears the time', () => {
    const soaking = finish('DeployDev', DONE, {}, { ...SETTINGS, soakSeconds: 60 });
    assert.equal(soaking.status, undefined);
    assert.equal(soaking.stages?.DeployDev?.status, undefined);
    assert.equal(soaking.stages?.DeployDev?.soakUntil, '2026-01-02T03:05:05.000Z');

    const { execution } = at('DeployDev', { supersededBy: LATER });
    const stages = execution.stages.map((stage) => ({ ...stage, ...soaking.stages?.[stage.name] }));
    const skipped = executionSuperseded({ ...execution, stages }).stages?.DeployDev;
    assert.equal(skipped?.status, 'Skipped');
    assert.ok(skipped && 'soakUntil' in skipped && skipped.soakUntil === undefined);
  });

  it('a deployment continues with the next stage, without a notification', () => {
    const transition = finish('DeployDev', DONE);
    assert.equal(transition.status, undefined);
    assert.deepEqual(statuses(transition), { DeployDev: 'Succeeded' });
    assert.deepEqual(transition.stages?.DeployDev?.outputs, { endpoint: 'e' });
    assert.equal(transition.notify, undefined);
  });

  it('the last deployment ends it', () => {
    const transition = finish('DeployProd', DONE);
    assert.equal(transition.status, 'Succeeded');
    assert.deepEqual(types(transition), ['stage.succeeded', 'execution.succeeded']);
    assert.equal(transition.notify?.kind, 'succeeded');
  });

  it('a preview becomes a question to as many people as the environment wants, for as long as the setting says', () => {
    const transition = finish('ApproveProd', DONE);
    assert.equal(transition.status, 'AwaitingApproval');
    assert.equal(transition.approval?.environment, 'prod');
    assert.equal(transition.approval?.minimumApprovers, 2);
    assert.deepEqual(transition.approval?.approvedBy, []);
    assert.deepEqual(transition.approval?.changes, [CHANGE]);
    assert.equal(transition.approval?.expiresAt, '2026-01-02T03:05:05.000Z');
    assert.equal(transition.notify?.kind, 'approval-needed');
  });

  it('no approval is requested after a later execution or a cancellation', () => {
    const superseded = finish('ApproveProd', DONE, { supersededBy: LATER });
    assert.equal(superseded.status, 'Superseded');
    assert.deepEqual(statuses(superseded), { ApproveProd: 'Skipped', DeployProd: 'Skipped' });
    assert.match(superseded.stages?.DeployProd?.error?.message ?? '', /later \(provision of revision 2\)/);
    const cancelled = finish('ApproveProd', DONE, { cancelledBy: 'dave', supersededBy: LATER });
    assert.equal(cancelled.status, 'Cancelled');
    assert.equal(cancelled.notify?.kind, 'cancelled');
  });

  it('a deployment that is superseded is recorded as done; what comes after it is left undone', () => {
    const transition = finish('DeployStaging', DONE, { supersededBy: LATER });
    assert.equal(transition.status, 'Superseded');
    assert.deepEqual(statuses(transition), {
      DeployStaging: 'Succeeded',
      ApproveProd: 'Skipped',
      DeployProd: 'Skipped',
    });
    assert.deepEqual(types(transition), ['stage.succeeded', 'execution.superseded']);
  });

  it('what is superseded or cancelled in its last stage has done all of its work', () => {
    assert.equal(finish('DeployProd', DONE, { supersededBy: LATER }).status, 'Succeeded');
    assert.equal(finish('DeployProd', DONE, { cancelledBy: 'dave' }).status, 'Succeeded');
  });

  it('a removal goes on though something was asked for after it, and stops when it is cancelled', () => {
    const removal = { kind: 'destroy', stages: destroyStages(['dev', 'prod'], () => false) } as const;
    assert.equal(finish('DestroyProd', DONE, { ...removal, supersededBy: LATER }).status, undefined);
    const cancelled = finish('DestroyProd', DONE, { ...removal, cancelledBy: 'dave' });
    assert.equal(cancelled.status, 'Cancelled');
    assert.deepEqual(statuses(cancelled), { DestroyProd: 'Succeeded', DestroyDev: 'Skipped' });
  });

  it('a failure ends it with the error at its stage', () => {
    const transition = finish('DeployStaging', { ...notRun('OPERATION_FAILED', 'no'), summary: { create: 2 } });
    assert.equal(transition.status, 'Failed');
    assert.deepEqual(statuses(transition), { DeployStaging: 'Failed', ApproveProd: 'Skipped', DeployProd: 'Skipped' });
    assert.deepEqual(transition.stages?.DeployStaging?.changes, { create: 2 });
    assert.deepEqual(types(transition), ['stage.failed', 'execution.failed']);
    assert.deepEqual(transition.notify, { kind: 'failed', stage: 'DeployStaging' });
  });

  it('a cancelled operation ends it as cancelled, a superseded one as superseded', () => {
    const cancelled = finish('DeployDev', notRun(CANCELLED, 'by dave'));
    assert.equal(cancelled.status, 'Cancelled');
    assert.equal(statuses(cancelled).DeployDev, 'Failed');
    const superseded = finish('DeployDev', notRun(SUPERSEDED, 'too late'));
    assert.equal(superseded.status, 'Superseded');
    assert.equal(statuses(superseded).DeployDev, 'Skipped');
  });

  it('a change that is not the approved one goes back to the people, as it is now', () => {
    const other: ResourceChange = { ...CHANGE, urn: 'urn:b', operation: 'delete' };
    const refusal = { ...notRun(CHANGE_NOT_APPROVED, 'another'), changes: [CHANGE, other] };
    const transition = finish('DeployStaging', refusal);
    assert.equal(transition.status, 'AwaitingApproval');
    assert.deepEqual(statuses(transition), { ApproveStaging: 'InProgress', DeployStaging: 'Pending' });
    assert.deepEqual(transition.approval?.summary, { create: 1, delete: 1 });
    assert.notEqual(transition.approval?.changeHash, finish('ApproveStaging', DONE).approval?.changeHash);
    assert.equal(transition.events?.[0]?.data.reason, 'another');
    assert.equal(finish('DeployStaging', refusal, { supersededBy: LATER }).status, 'Superseded');
  });

  it('without an approval stage there is none to return to', () => {
    const refusal = { ...notRun(CHANGE_NOT_APPROVED, 'another'), changes: [CHANGE] };
    assert.equal(finish('DeployDev', refusal).status, 'Failed');
    assert.equal(finish('DeployStaging', notRun(CHANGE_NOT_APPROVED, 'not approved')).status, 'Failed');
  });

  it('a soak keeps the stage open, with what was deployed', () => {
    const transition = finish('DeployProd', DONE, {}, { ...SETTINGS, soakSeconds: 30 });
    assert.equal(transition.status, undefined);
    assert.deepEqual(transition.stages?.DeployProd, {
      changes: { create: 1 },
      outputs: { endpoint: 'e' },
      soakUntil: '2026-01-02T03:04:35.000Z',
    });
    assert.deepEqual(types(transition), ['stage.soaking']);
  });
});
