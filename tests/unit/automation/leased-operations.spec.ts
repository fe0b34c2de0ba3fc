import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import pino from 'pino';
import { OrchestratorError } from '../../../automation/errors.ts';
import type { Leases } from '../../../automation/platform/leases.ts';
import type { FenceOutcome } from '../../../automation/stacks/fence.ts';
import { LeasedOperations } from '../../../automation/stacks/leased-operations.ts';
import type {
  OperationFailed,
  OperationResult,
  StackAction,
  StackOperation,
} from '../../../automation/stacks/operation.ts';
import { notRun } from '../../../automation/stacks/operation.ts';
import type { BegunCreation } from '../../../automation/stacks/uncertain-creations.ts';
import { MODEL, creating, failing, saying } from './creation-events.ts';

const OK: OperationResult = { ok: true, outputs: {}, summary: {}, changes: [], history: [], drift: [] };
const cut = (cutOff: OperationFailed['cutOff']): OperationResult => ({
  ...notRun('OPERATION_CRASHED', 'gone'),
  cutOff,
});
const failed = notRun('OPERATION_FAILED', 'refused');

/** @see {@link World.unfenced} */
const FENCED = { held: true } as const;

interface World {
  /** Fencing tokens of former holders that may still be running. */
  unfenced?: number[];
  /** What becomes of the fence; default: it holds. */
  fence?: FenceOutcome;
  /** Another worker took the stack over while the operation ran. */
  lost?: boolean;
  /** What former holders had begun to create. */
  uncertain?: BegunCreation[];
  /** What the engine says. */
  events?: EngineEvent[];
  /** The operation tells what it has left. */
  saved?: boolean;
  afterDeath?: boolean;
  action?: StackAction;
  results?: OperationResult[];
  notPlanned?: OperationFailed;
  attempts?: number;
}

/** Runs one leased operation. @returns what was done with the lease and the child, in order */
async function storyOf({
  afterDeath = false,
  action = 'up',
  results = [OK],
  notPlanned,
  attempts,
  unfenced = [],
  fence = FENCED,
  lost = false,
  saved = false,
  uncertain = [],
  events = [],
}: World) {
  const story: string[] = [];
  const say = (what: string) => async () => {
    story.push(what);
    return true;
  };
  const leases = {
    acquire: async (stack: string, holder: string) => {
      story.push(`acquire ${stack} for ${holder}`);
      return { stack, token: 't', fencingToken: 1, afterDeath, unfenced, uncertain };
    },
    release: async () => {
      story.push('release');
      return !lost;
    },
    abandon: async (_lease: unknown, left: BegunCreation[]) => {
      story.push(['abandon', ...left.map(({ urn }) => urn)].join(' '));
      return true;
    },
    recordFenced: say('fenced'),
    recordChild: async (_lease: unknown, pid: number) => void story.push(`child ${pid}`),
  } as unknown as Leases;
  const leased = new LeasedOperations(
    leases,
    {
      run: async ({ uncertain: lookedFor = [] }, options) => {
        for (const { urn } of lookedFor) story.push(`look for ${urn}`);
        await options?.onStart?.({ pid: 7, started: 's' });
        for (const event of events) options?.onEngineEvent?.(event);
        if (saved) options?.onState?.({ time: '2030-01-01T00:00:00Z', resources: [] });
        const result = results.shift();
        if (!result) throw new Error('no child could be started');
        return result;
      },
    },
    {
      shutOut: async (_environment, sessions) => {
        story.push(`shut out ${sessions.join(', ')}`);
        return fence;
      },
    },
    { record: async (_stack, { resources }) => void story.push(`record ${resources.length} resources`) },
  );
  const result = await leased
    .run(
      {
        stack: 'p/s',
        holder: 'me',
        patienceMs: 0,
        ...(attempts ? { attempts } : {}),
        plan: async (recover) => {
          story.push(`plan${recover ? ' with recovery' : ''}`);
          return notPlanned ?? ({ action, stack: 'mine.dev', environment: { name: 'dev' } } as StackOperation);
        },
        onRetry: (attempt) => story.push(`retry ${attempt}`),
      },
      pino({ level: 'silent' }),
    )
    .catch((error: unknown) => error as Error);
  return { story, result };
}

describe('an operation under the lease of its stack', () => {
  it('records its child under the lease, and gives the lease back', async () => {
    const { story, result } = await storyOf({});
    assert.deepEqual(story, ['acquire p/s for me', 'plan', 'child 7', 'release']);
    assert.equal(result, OK);
  });

  for (const [what, world, expected] of [
    ['a failure that left things in order', { results: [failed] }, 'release'],
    ['an operation that was stopped', { results: [cut('stopped')] }, 'abandon'],
    ['an operation that crashed', { results: [cut('crashed')] }, 'abandon'],
    ['a state that is not what is there', { results: [cut('drifted')] }, 'abandon'],
    ['a runner that throws', { results: [] }, 'abandon'],
    ['a deployment that recovered the stack', { afterDeath: true }, 'release'],
    ['a removal that recovered the stack', { afterDeath: true, action: 'destroy' }, 'release'],
    ['a preview after a death: it recovers nothing', { afterDeath: true, action: 'preview' }, 'abandon'],
    ['a drift check after a death: it recovers nothing', { afterDeath: true, action: 'drift' }, 'abandon'],
    ['nothing to run', { notPlanned: failed }, 'release'],
    ['nothing to run after a death', { notPlanned: failed, afterDeath: true }, 'abandon'],
  ] as [string, World, string][]) {
    it(`${expected === 'release' ? 'gives the lease back' : 'asks the next holder to recover'} after ${what}`, async () => {
      assert.equal((await storyOf(world)).story.at(-1), expected);
    });
  }

  it('is run again where its process was killed, each time under a lease of its own', async () => {
    const { story, result } = await storyOf({ results: [cut('killed'), OK], attempts: 3 });
    assert.equal(result, OK);
    assert.deepEqual(story.slice(3), ['abandon', 'retry 1', 'acquire p/s for me', 'plan', 'child 7', 'release']);
  });

  it('is not run more often than it may be', async () => {
    const { story, result } = await storyOf({ results: [cut('killed'), cut('killed'), OK], attempts: 2 });
    assert.ok(result && 'cutOff' in result && result.cutOff === 'killed');
    assert.equal(story.filter((what) => what.startsWith('acquire')).length, 2);
  });

  it('begins only once the sessions of former holders are shut out', async () => {
    const { story } = await storyOf({ afterDeath: true, unfenced: [0, 1] });
    assert.deepEqual(story, [
      'acquire p/s for me',
      'plan with recovery',
      'shut out mlops-mine.dev, mlops-mine.dev@1',
      'fenced',
      'child 7',
      'release',
    ]);
  });

  it('goes on without a fence where the environment allows none', async () => {
    const { story, result } = await storyOf({
      afterDeath: true,
      unfenced: [0],
      fence: { held: false, reason: 'AccessDenied' },
    });
    assert.equal(result, OK);
    assert.deepEqual(story.slice(2), ['shut out mlops-mine.dev', 'fenced', 'child 7', 'release']);
  });

  it('records what it left while it still holds the lease, also where it failed', async () => {
    const { story } = await storyOf({ results: [failed], saved: true });
    assert.deepEqual(story, ['acquire p/s for me', 'plan', 'child 7', 'record 0 resources', 'release']);
  });

  it('leaves what it may have created to the next holder, also where it only failed', async () => {
    const events = [creating(MODEL), saying('error', 'error reading from server: EOF', MODEL), failing(MODEL)];
    assert.equal((await storyOf({ results: [failed], events })).story.at(-1), `abandon ${MODEL}`);
    assert.equal(
      (await storyOf({ results: [cut('killed')], events: [creating(MODEL)] })).story.at(-1),
      `abandon ${MODEL}`,
    );
  });

  it('looks for what former holders may have created', async () => {
    const uncertain = [{ urn: MODEL }] as BegunCreation[];
    const { story } = await storyOf({ afterDeath: true, uncertain });
    assert.deepEqual(story.slice(2), [`look for ${MODEL}`, 'child 7', 'release']);
  });

  it('reports nothing of what it did once another worker has the stack', async () => {
    const { result } = await storyOf({ lost: true });
    assert.ok(result && 'error' in result && result.error.code === 'LEASE_LOST', JSON.stringify(result));
  });

  it('passes on that the stack stays busy', async () => {
    const leases = {
      acquire: () => Promise.reject(new OrchestratorError('PIPELINE_BUSY', 'Stack s is busy.')),
    } as unknown as Leases;
    const leased = new LeasedOperations(
      leases,
      { run: () => assert.fail('ran without a lease') },
      { shutOut: () => assert.fail('shut out without a lease') },
      { record: () => assert.fail('recorded without a lease') },
    );
    const run = { stack: 's', holder: 'me', patienceMs: 0, plan: () => assert.fail('planned without a lease') };
    await assert.rejects(leased.run(run, pino({ level: 'silent' })), { code: 'PIPELINE_BUSY' });
  });
});
