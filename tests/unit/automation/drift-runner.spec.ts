import assert from 'node:assert/strict';
import pino from 'pino';
import { DriftRunner } from '../../../automation/workflows/check-drift-steps.ts';
import type { DriftChecks } from '../../../automation/drift/drift-checks.ts';
import { OrchestratorError } from '../../../automation/errors.ts';
import type { Leases } from '../../../automation/platform/leases.ts';
import type { OperationFailed, OperationResult, StackOperation } from '../../../automation/stacks/operation.ts';
import { LeasedOperations } from '../../../automation/stacks/leased-operations.ts';

const OK: OperationResult = { ok: true, outputs: {}, summary: {}, changes: [], history: [], drift: [] };
const failed = (code: string, cutOff?: OperationFailed['cutOff']): OperationResult => ({
  ok: false,
  summary: {},
  error: { code, message: `it was ${code}` },
  ...(cutOff ? { cutOff } : {}),
});

/** A runner whose child gives these results, one after the other, and what became of the stack's lease. */
function runnerOf(results: OperationResult[], { afterDeath = false, busy = false } = {}) {
  const story: string[] = [];
  const say = (what: string) => async () => {
    story.push(what);
    return true;
  };
  const leases = {
    acquire: async (stack: string, holder: string) => {
      if (busy) throw new OrchestratorError('PIPELINE_BUSY', 'Stack s is in use by execution 1.');
      story.push(`acquire ${stack} for ${holder}`);
      return { stack, token: 't', fencingToken: 0, afterDeath, unfenced: [], uncertain: [] };
    },
    release: say('release'),
    abandon: say('abandon'),
    recordChild: async () => undefined,
  } as unknown as Leases;
  const checks = { get: async () => ({ checkId: 'c', stack: 's', pipelineId: 'p', environment: 'dev' }) };
  const runner = new DriftRunner({
    checks: checks as unknown as DriftChecks,
    leased: new LeasedOperations(
      leases,
      { run: async () => results.shift() ?? assert.fail('run too often') },
      { shutOut: async () => assert.fail('no session may be shut out') },
      { record: async () => undefined },
    ),
    plan: async (_check, recover) => {
      story.push(recover ? 'recover' : 'run');
      return {} as StackOperation;
    },
    logger: pino({ level: 'silent' }),
  });
  return { runner, story };
}

describe('a drift check', () => {
  it('holds the lease of the stack while it looks', async () => {
    const { runner, story } = runnerOf([OK]);
    assert.deepEqual(await runner.look('c'), { findings: [] });
    assert.deepEqual(story, ['acquire s for drift check c', 'run', 'release']);
  });

  it('says that the stack is busy, rather than wait', async () => {
    const { runner } = runnerOf([], { busy: true });
    assert.deepEqual(await runner.look('c'), {
      error: { code: 'PIPELINE_BUSY', message: 'Stack s is in use by execution 1.' },
    });
  });

  it('leaves the recovery of a stack to the next operation that changes it', async () => {
    const { runner, story } = runnerOf([OK], { afterDeath: true });
    await runner.look('c');
    assert.deepEqual(story.slice(1), ['recover', 'abandon']);
  });

  it('gives the lease back for recovery where it was cut off, and reports why', async () => {
    const { runner, story } = runnerOf([failed('OPERATION_TIMED_OUT', 'stopped')]);
    assert.deepEqual(await runner.look('c'), {
      error: { code: 'OPERATION_TIMED_OUT', message: 'it was OPERATION_TIMED_OUT' },
    });
    assert.deepEqual(story.slice(1), ['run', 'abandon']);
  });

  it('is resumed after its process was killed, at most three times', async () => {
    const killed = () => failed('OPERATION_CRASHED', 'killed');
    assert.deepEqual(await runnerOf([killed(), killed(), OK]).runner.look('c'), { findings: [] });
    const outcome = await runnerOf([killed(), killed(), killed()]).runner.look('c');
    assert.ok('error' in outcome && outcome.error.code === 'OPERATION_CRASHED');
  });

  it('is a failure with a reason, whatever goes wrong', async () => {
    const { runner, story } = runnerOf([]);
    const outcome = await runner.look('c');
    assert.ok('error' in outcome && /run too often/.test(outcome.error.message));
    assert.equal(story.at(-1), 'abandon');
  });
});
