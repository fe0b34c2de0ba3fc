/** What must hold of a pipeline after a sequence, whatever was asked for and whatever went wrong. */
import assert from 'node:assert/strict';
import type { Execution } from '../../automation/model.ts';
import { wanted } from './stack-simulation.ts';
import type { Recorded } from './stack-simulation.ts';
import type { Story } from './sequence-story.ts';
import { ENVIRONMENTS, REQUESTER, nameOf } from './sequence-story.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import { findBlueprint } from '../../blueprints/registry.ts';

interface Facts {
  story: Story;
  /** Oldest first. */
  executions: Execution[];
  /** What was done for them, in the order in which it was begun. */
  journal: (Recorded & { executionId: string })[];
}

/** @param executions newest first, settled */
export async function mustHold(story: Story, executions: readonly Execution[]): Promise<void> {
  const journal = story.service.stacks.journal.filter(
    (one): one is Facts['journal'][number] => one.pipelineId === story.pipelineId && one.executionId !== undefined,
  );
  const facts: Facts = { story, executions: executions.toReversed(), journal };
  const violations = story.service.stacks.violations.filter((one) => one.includes(story.pipelineId));
  assert.deepEqual(violations, []);
  nothingIsLost(facts);
  nothingUnapprovedIsDone(facts);
  environmentsComeInOrder(facts);
  executionsComeInOrder(facts);
  await whatIsDeployedIsWhatWasAskedFor(facts);
  await everyActIsRecordedOnce(facts);
  await everyTurnIsToldOnce(facts);
  await revisionsHaveNoGaps(facts);
  await noLeaseIsHeld(facts);
}

/** Every execution that a caller got a response about exists. */
function nothingIsLost({ story, executions }: Facts): void {
  const known = new Set(executions.map(({ executionId }) => executionId));
  assert.deepEqual(
    [...story.accepted].filter((id) => !known.has(id)),
    [],
    'accepted and lost',
  );
  assert.ok(
    executions.length <= story.accepted.size + story.uncertainActs.length,
    'an execution that was not requested',
  );
}

/** What was changed in staging and prod was shown to enough people, none of them who asked for it, and they agreed. */
function nothingUnapprovedIsDone({ story, executions, journal }: Facts): void {
  for (const { action, environment, applied, executionId, approved } of journal) {
    if ((action !== 'up' && action !== 'destroy') || environment === 'dev' || applied.length === 0) continue;
    const execution = executions.find((one) => one.executionId === executionId);
    assert.ok(execution);
    const what = `${environment} was changed by ${nameOf(execution)}`;
    const asked = story.asked.get(approved ?? '');
    assert.equal(asked?.environment, environment, `${what} without a question`);
    const people = (execution.decisions ?? []).filter(
      (one) => one.changeHash === approved && one.environment === environment && one.decision === 'Approved',
    );
    const needed = environment === 'prod' ? 2 : 1;
    const different = new Set(people.map(({ by }) => by).filter((by) => by !== REQUESTER));
    assert.ok(different.size >= needed, `${what} with the approval of ${[...different].join(', ') || 'no one'}`);
    for (const change of applied) {
      const isShown = asked?.changes.some(
        (one) => one.urn === change.urn && one.operation === change.operation && afterOf(one) === afterOf(change),
      );
      assert.ok(isShown, `${what}, which was not shown: ${JSON.stringify(change)}`);
    }
  }
}

function afterOf({ differences }: { differences?: { after?: unknown }[] }): unknown {
  return differences?.[0]?.after;
}

/** An execution deploys to an environment after the one before it, and removes in the other direction. */
function environmentsComeInOrder({ executions, journal }: Facts): void {
  for (const execution of executions) {
    const mine = journal.filter(({ executionId }) => executionId === execution.executionId);
    const isRemoval = execution.kind === 'destroy';
    const order = execution.stages.flatMap(({ environment }) => environment ?? []);
    const done = new Set<string>();
    for (const { action, environment, outcome } of mine) {
      if (action === 'preview' || action === 'preview-destroy') continue;
      assert.equal(action, isRemoval ? 'destroy' : 'up', nameOf(execution));
      const before = order.slice(
        0,
        order.findIndex((one) => one === environment),
      );
      const missing = before.filter((one) => !done.has(one));
      assert.deepEqual(missing, [], `${nameOf(execution)} came to ${environment} too early`);
      if (outcome === 'succeeded') done.add(environment);
    }
  }
}

/** What was asked for later is begun later: nothing is deployed over it, and nothing after a removal that came later. */
function executionsComeInOrder({ executions, journal }: Facts): void {
  const order = journal.map(({ executionId }) => executions.findIndex((one) => one.executionId === executionId));
  order.forEach((position, index) => {
    const earlier = Math.max(...order.slice(0, index), -1);
    const [late, before] = [executions[position], executions[earlier]];
    assert.ok(position >= earlier, `${late && nameOf(late)} went on after ${before && nameOf(before)} had begun`);
  });
}

async function whatIsDeployedIsWhatWasAskedFor({ story, executions }: Facts): Promise<void> {
  const { rows } = await story.service.database.query<{ deleted: boolean }>(
    'SELECT deleted FROM mlops.pipelines WHERE id = $1',
    [story.pipelineId],
  );
  const latest = executions.at(-1);
  const { stacks } = story.service;
  const blueprint = findBlueprint(latest?.pipelineType ?? '');
  for (const environment of ENVIRONMENTS) {
    const stack = story.stackOf(environment);
    if (rows[0]?.deleted) {
      assert.deepEqual(stacks.deployed(stack), {}, `${environment} is left although the pipeline is deleted`);
    }
    // Cut off or changed by hand afterwards: the next operation will see to it.
    if (latest?.status !== 'Succeeded' || !stacks.isSound(stack)) continue;
    if (latest.kind === 'destroy') {
      assert.deepEqual(stacks.deployed(stack), {}, `${environment} after ${nameOf(latest)}`);
      assert.ok(rows[0]?.deleted, `the pipeline is there after ${nameOf(latest)}`);
      continue;
    }
    const { rows: revisions } = await story.service.database.query<{ request: Record<string, unknown> }>(
      'SELECT request FROM mlops.revisions WHERE pipeline_id = $1 AND number = $2',
      [story.pipelineId, latest.revision],
    );
    assert.ok(blueprint && revisions[0]);
    const request = stageValues(blueprint, revisions[0].request as never, environment);
    assert.deepEqual(stacks.deployed(stack), wanted(request), `${environment} after ${nameOf(latest)}`);
  }
}

async function everyActIsRecordedOnce({ story }: Facts): Promise<void> {
  const { rows } = await story.service.database.query<
    Record<'principal' | 'action', string> & Record<'execution_id' | 'environment', string | null>
  >('SELECT principal, action, execution_id, environment FROM mlops.audit WHERE pipeline_id = $1 ORDER BY id', [
    story.pipelineId,
  ]);
  const recorded = rows.map((row) => [row.principal, row.action, row.execution_id, row.environment].join(' '));
  for (const { principal, action, executionId, environment } of story.acts) {
    const act = [principal, action, executionId, environment].join(' ');
    const index = recorded.indexOf(act);
    assert.ok(index !== -1, `not in the audit: ${act}`);
    recorded.splice(index, 1);
  }
  const uncertain = story.uncertainActs.map(({ principal, action }) => `${principal} ${action}`);
  for (const act of recorded) {
    const index = uncertain.findIndex((one) => act.startsWith(`${one} `));
    assert.ok(index !== -1, `in the audit once too often: ${act}`);
    uncertain.splice(index, 1);
  }
}

const END = /^execution\.(succeeded|failed|cancelled|superseded|rejected)$/;

/** One event and one notification for each state transition, in an order without gaps, and the last end is the one that it has. */
async function everyTurnIsToldOnce({ story, executions }: Facts): Promise<void> {
  for (const execution of executions) {
    const { executionId, status } = execution;
    const { database } = story.service;
    const { rows: events } = await database.query<{ sequence: string; type: string }>(
      'SELECT sequence, type FROM mlops.execution_events WHERE execution_id = $1 ORDER BY sequence',
      [executionId],
    );
    const { rows: notifications } = await database.query<{ kind: string }>(
      'SELECT kind FROM mlops.notifications WHERE execution_id = $1 ORDER BY id',
      [executionId],
    );
    const types = events.map(({ type }) => type);
    const tale = `${nameOf(execution)}: ${types.join(', ')}`;
    assert.deepEqual(
      events.map(({ sequence }) => Number(sequence)),
      events.map((_, index) => index + 1),
      tale,
    );
    const ends = types.filter((type) => END.test(type));
    const retried = types.filter((type) => type === 'execution.retried').length;
    assert.ok(retried <= (story.retries.get(executionId) ?? 0), tale);
    const hasEnded = status !== 'AwaitingApproval';
    assert.equal(ends.length, retried + (hasEnded ? 1 : 0), tale);
    if (hasEnded) assert.equal(ends.at(-1), `execution.${status.toLowerCase()}`, tale);

    const kinds = notifications.map(({ kind }) => (kind === 'approval-expired' ? 'failed' : kind));
    const asked = types.filter((type) => type === 'approval.requested').map(() => 'approval-needed');
    const wantedKinds = [...ends.map((type) => END.exec(type)?.[1] ?? ''), ...asked];
    assert.deepEqual(kinds.filter((kind) => kind !== 'started').toSorted(), wantedKinds.toSorted(), tale);
    // Notified again if a retry starts from the first stage.
    const started = kinds.filter((kind) => kind === 'started').length;
    const hasStarted = types.includes('stage.started');
    assert.ok(hasStarted ? started >= 1 && started <= 1 + retried : started === 0, `${started} × started: ${tale}`);
  }
}

async function revisionsHaveNoGaps({ story, executions }: Facts): Promise<void> {
  const { rows } = await story.service.database.query<{ number: number }>(
    'SELECT number FROM mlops.revisions WHERE pipeline_id = $1 ORDER BY number',
    [story.pipelineId],
  );
  const numbers = rows.map(({ number }) => number);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
    'revisions have gaps',
  );
  const provisioned = executions.filter(({ kind }) => kind === 'provision').map(({ revision }) => revision);
  assert.deepEqual(provisioned, numbers, 'one revision a request');
}

/** A lease that is left has no owner: it says that the stack must be recovered. */
async function noLeaseIsHeld({ story }: Facts): Promise<void> {
  const { rows } = await story.service.database.query<{ stack: string; holder: string }>(
    `SELECT stack, holder FROM mlops.stack_leases WHERE stack LIKE $1 AND holder <> ''`,
    [`%/${story.pipelineId}.%`],
  );
  assert.deepEqual(rows, [], 'leases are left');
}
