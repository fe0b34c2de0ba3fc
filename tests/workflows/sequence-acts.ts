/** Does what a step says, one function each: asks, and checks that the answer is the right one. */
import assert from 'node:assert/strict';
import { isEqual } from 'es-toolkit/predicate/isEqual';
import type { Execution, ExecutionAnswer } from '../../automation/model.ts';
import { realtime } from '../support/realtime.ts';
import type { Answer } from './callers.ts';
import { callAs } from './callers.ts';
import type { Step } from './sequence-steps.ts';
import { INSTANCES } from './sequence-steps.ts';
import type { Act } from './sequence-story.ts';
import { APPROVERS, ENVIRONMENTS, REQUESTER, Story, nameOf } from './sequence-story.ts';
import { APPROVAL_SECONDS } from './simulated-settings.ts';

export async function perform(story: Story, one: Step): Promise<void> {
  switch (one.do) {
    case 'provision':
      return await provision(story, await bodyOf(story, one.variant));
    case 'again':
      return story.latestBody && (await provision(story, story.latestBody));
    case 'approve':
      return await approve(story, one.everybody ? 2 : 1);
    case 'approveStale':
      return await approveStale(story);
    case 'approveOwn':
      return await approveOwn(story);
    case 'reject':
      return await reject(story);
    case 'cancel':
      return await cancel(story, one.which);
    case 'retry':
      return await retry(story, one.which);
    case 'rollback':
      return await rollback(story, one.revision);
    case 'destroy':
      return await destroy(story);
    case 'expire':
      return await story.service.advance(APPROVAL_SECONDS + 1);
    case 'crash':
      return await crash(story, one.during);
    case 'fault':
      for (let i = 0; i < one.times; i++) {
        story.service.stacks.arm(story.stackOf(ENVIRONMENTS[one.environment] ?? 'dev'), one.action, one.mode);
      }
      return;
    case 'drift':
      story.service.stacks.drift(story.stackOf(ENVIRONMENTS[one.environment] ?? 'dev'));
      return;
    case 'settle':
      await story.settle();
  }
}

async function bodyOf(story: Story, variant: number): Promise<Record<string, unknown>> {
  return await realtime(story.modelName, { inference_instance: INSTANCES[variant] });
}

interface Accepted {
  execution_id?: string;
}

/** The same request again, deployed or on its way, makes no execution; every other one does. */
async function provision(story: Story, body: Record<string, unknown>): Promise<void> {
  const before = await story.observe();
  const { status, body: answer } = await story.call<Accepted>(REQUESTER, 'POST', '/provisionpipeline', body);
  // The same request again is answered with the execution in progress.
  const isNew = answer.execution_id !== undefined && !before.some((one) => one.executionId === answer.execution_id);
  assert.ok(status === 200 || status === 202, JSON.stringify(answer));
  const [latest] = before;
  const known = await requestOf(story, latest);
  // All bodies of a story differ in this alone.
  const isKnown = latest?.kind !== 'destroy' && isEqual(known?.inference_instance, body.inference_instance);
  if (latest && isKnown && latest.status !== 'Failed' && latest.status !== 'InProgress' && latest.status !== 'Queued') {
    const isThere = latest.status === 'Succeeded' || latest.status === 'AwaitingApproval';
    // What waits may have expired by now.
    const mayBeGone = latest.status === 'AwaitingApproval' && isExpired(story, latest);
    if (!mayBeGone) assert.equal(isNew, !isThere, `the same request after ${nameOf(latest)}`);
  } else if (!isKnown) {
    assert.ok(isNew, `another request than that of ${latest ? nameOf(latest) : 'nothing'} made no execution`);
  }
  story.latestBody = body;
  if (isNew) did(story, { principal: REQUESTER, action: 'provision', executionId: answer.execution_id });
}

async function requestOf(story: Story, execution: Execution | undefined): Promise<Record<string, unknown> | undefined> {
  const { rows } = await story.service.database.query<{ request: Record<string, unknown> }>(
    'SELECT request FROM mlops.revisions WHERE pipeline_id = $1 AND number = $2',
    [story.pipelineId, execution?.revision ?? 0],
  );
  return rows[0]?.request;
}

/** Decides as the given number of people, and checks the response to each of them. */
async function approve(story: Story, people: number): Promise<void> {
  for (let i = 0; i < people; i++) {
    const execution = waitingOf(await story.observe());
    if (!execution?.approval) return;
    const { approval } = execution;
    const by = APPROVERS.find((one) => !approval.approvedBy.includes(one)) ?? 'bob';
    const { status, body } = await decide(story, by, execution, 'Approved', 200);
    if (status === 410) return;
    did(story, {
      principal: by,
      action: 'approve',
      executionId: execution.executionId,
      environment: approval.environment,
    });
    const isEnough = approval.approvedBy.length + 1 >= approval.minimumApprovers;
    assert.equal(body.status === 'AwaitingApproval' && body.approval?.environment === approval.environment, !isEnough);
    if (isEnough) return;
  }
}

/** A decision about a change other than the current one has no effect. */
async function approveStale(story: Story): Promise<void> {
  const [latest, ...older] = await story.observe();
  if (!latest) return;
  for (const execution of [latest, older[0]].filter((one) => one !== undefined)) {
    const environment = execution.approval?.environment ?? 'staging';
    // The same change may be asked about again, but not in another environment.
    const hashes = [...story.asked].filter(([, asked]) => asked.environment !== environment).map(([hash]) => hash);
    const answer = await story.call('carol', 'POST', `/executions/${execution.executionId}/approvals/${environment}`, {
      decision: 'Approved',
      changeHash: hashes.at(-1) ?? '0'.repeat(64),
    });
    // 404 without approval stages (a removal), 410 if the request has expired.
    const allowed = execution.kind === 'destroy' && environment === 'dev' ? [404] : [409, 410];
    assert.ok(allowed.includes(answer.status), `${nameOf(execution)}: ${JSON.stringify(answer)}`);
  }
}

async function approveOwn(story: Story): Promise<void> {
  const execution = waitingOf(await story.observe());
  if (!execution) return;
  await decide(story, execution.requestedBy, execution, 'Approved', 403);
}

async function reject(story: Story): Promise<void> {
  const execution = waitingOf(await story.observe());
  if (!execution) return;
  const { status, body } = await decide(story, 'carol', execution, 'Rejected', 200);
  if (status === 410) return;
  assert.equal(body.status, 'Rejected');
  const { environment } = execution.approval ?? {};
  did(story, { principal: 'carol', action: 'reject', executionId: execution.executionId, environment });
}

async function cancel(story: Story, which: number): Promise<void> {
  const before = await story.observe();
  const execution = before[which];
  if (!execution) return;
  const { status, body } = await story.call<Execution>('dave', 'POST', `/executions/${execution.executionId}/cancel`);
  const hadEnded = !['Queued', 'InProgress', 'AwaitingApproval'].includes(execution.status);
  const mayHaveEnded =
    !Story.isSettled(before) || (execution.status === 'AwaitingApproval' && isExpired(story, execution));
  assert.ok(status === 202 || (status === 409 && (hadEnded || mayHaveEnded)), JSON.stringify(body));
  if (hadEnded) assert.equal(status, 409, `cancelled ${nameOf(execution)}`);
  if (status !== 202) return;
  if (!execution.cancelledBy) did(story, { principal: 'dave', action: 'cancel', executionId: execution.executionId });
}

/** Only what has failed or was cancelled is retried, and only where nothing later has begun. */
async function retry(story: Story, which: number): Promise<void> {
  const before = await story.observe();
  const execution = before[which];
  if (!execution) return;
  const undo = story.revive(execution.executionId);
  const { status, body } = await story.call('erin', 'POST', `/executions/${execution.executionId}/retry`);
  const isOver = execution.status === 'Failed' || execution.status === 'Cancelled';
  const later = before.slice(0, which).filter((one) => one.status !== 'Cancelled' || hasBegun(one));
  assert.ok(status === 202 || status === 409, JSON.stringify(body));
  if (status === 409) undo();
  else did(story, { principal: 'erin', action: 'retry', executionId: execution.executionId });
  if (!Story.isSettled(before) || before.some((one) => isExpired(story, one))) return;
  assert.equal(status, isOver && later.length === 0 ? 202 : 409, `${nameOf(execution)}: ${JSON.stringify(body)}`);
}

async function rollback(story: Story, revision: number): Promise<void> {
  const before = await story.observe();
  const { rows } = await story.service.database.query<{ deleted: boolean; revisions: number }>(
    `SELECT deleted, (SELECT count(*)::int FROM mlops.revisions WHERE pipeline_id = $1) AS revisions
       FROM mlops.pipelines WHERE id = $1`,
    [story.pipelineId],
  );
  const path = `/pipelines/${story.pipelineId}/rollback`;
  const { status, body } = await story.call<ExecutionAnswer>(REQUESTER, 'POST', path, { revision });
  const [row] = rows;
  const isThere = row !== undefined && !row.deleted && revision <= row.revisions;
  assert.ok([200, 202, 404].includes(status), JSON.stringify(body));
  if (Story.isSettled(before)) assert.equal(status !== 404, isThere, JSON.stringify(body));
  const { executionId } = body;
  if (executionId && !before.some((one) => one.executionId === executionId)) {
    did(story, { principal: REQUESTER, action: 'rollback', executionId });
  }
}

async function destroy(story: Story): Promise<void> {
  const before = await story.observe();
  const { rows } = await story.service.database.query<{ deleted: boolean }>(
    'SELECT deleted FROM mlops.pipelines WHERE id = $1',
    [story.pipelineId],
  );
  const { status, body } = await story.call<Accepted>('dave', 'DELETE', `/pipelines/${story.pipelineId}`);
  const isGone = before.length === 0 || rows[0]?.deleted === true;
  assert.ok(status === 202 || status === 404, JSON.stringify(body));
  if (Story.isSettled(before)) assert.equal(status, isGone ? 404 : 202, JSON.stringify(body));
  const id = body.execution_id;
  if (id && !before.some(({ executionId }) => executionId === id)) {
    did(story, { principal: 'dave', action: 'destroy', executionId: id });
  }
}

/** The service is killed; with `during`, between a call and its answer. */
async function crash(story: Story, during: Extract<Step, { do: 'crash' }>['during']): Promise<void> {
  const executions = await story.observe();
  const dying = await dyingCall(story, during, executions);
  if (dying) story.uncertainActs.push(dying.act);
  await story.service.crash(dying?.call);
}

async function dyingCall(
  story: Story,
  during: Extract<Step, { do: 'crash' }>['during'],
  executions: readonly Execution[],
): Promise<{ act: Act; call: (url: string) => Promise<unknown> } | undefined> {
  switch (during) {
    case 'provision': {
      const body = await bodyOf(story, 1);
      story.latestBody = body;
      return {
        act: { principal: REQUESTER, action: 'provision' },
        call: (url) => callAs(url, REQUESTER, 'POST', '/provisionpipeline', body),
      };
    }
    case 'approve': {
      const execution = waitingOf(executions);
      if (!execution?.approval) return undefined;
      const { environment, changeHash, changes } = execution.approval;
      const { executionId } = execution;
      story.asked.set(changeHash, { executionId, environment, changes });
      const path = `/executions/${executionId}/approvals/${environment}`;
      return {
        act: { principal: 'frank', action: 'approve' },
        call: (url) => callAs(url, 'frank', 'POST', path, { decision: 'Approved', changeHash }),
      };
    }
    case 'retry': {
      const [execution] = executions;
      if (!execution || !['Failed', 'Cancelled'].includes(execution.status)) return undefined;
      story.revive(execution.executionId);
      return {
        act: { principal: 'erin', action: 'retry' },
        call: (url) => callAs(url, 'erin', 'POST', `/executions/${execution.executionId}/retry`),
      };
    }
    case 'destroy':
      if (executions.length === 0) return undefined;
      return {
        act: { principal: 'dave', action: 'destroy' },
        call: (url) => callAs(url, 'dave', 'DELETE', `/pipelines/${story.pipelineId}`),
      };
    default:
      return undefined;
  }
}

function waitingOf(executions: readonly Execution[]): Execution | undefined {
  return executions.find(({ status }) => status === 'AwaitingApproval');
}

/** Decides on what an execution waits with. @param wanted the status of the answer, unless the question has expired */
async function decide(
  story: Story,
  by: string,
  execution: Execution,
  decision: 'Approved' | 'Rejected',
  wanted: number,
): Promise<Answer<Execution>> {
  const { environment = '', changeHash = '', changes = [] } = execution.approval ?? {};
  const { executionId } = execution;
  story.asked.set(changeHash, { executionId, environment, changes });
  const wasExpired = isExpired(story, execution);
  const path = `/executions/${executionId}/approvals/${environment}`;
  const answer = await story.call<Execution>(by, 'POST', path, { decision, changeHash, comment: 'As rehearsed.' });
  // Other stories set the same clock forward.
  const allowed = wasExpired ? [410] : isExpired(story, execution) ? [410, wanted] : [wanted];
  assert.ok(allowed.includes(answer.status), `${by} on ${nameOf(execution)}: ${JSON.stringify(answer)}`);
  return answer;
}

function isExpired(story: Story, { approval }: Execution): boolean {
  return approval !== undefined && new Date(approval.expiresAt) <= story.service.now();
}

function hasBegun({ stages }: Execution): boolean {
  return stages.some(({ stack }) => stack !== undefined);
}

function did(story: Story, act: Act): void {
  story.acts.push(act);
  if (act.executionId && ['provision', 'rollback', 'destroy'].includes(act.action)) story.accepted.add(act.executionId);
}
