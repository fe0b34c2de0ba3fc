/**
 * Policy packs from the setting to the command line, and from the engine's events to findings and errors. The CLI is a recorded
 * one: what runs packs written for Node is the language host of Node and the plugin of `@pulumi/policy`, which are no part of
 * the CLI.
 */
import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import type { Engine, EngineSettings } from '../../automation/engine/engine.ts';
import { parseVersion } from '../../automation/engine/command.ts';
import { executeOperation } from '../../automation/stacks/child/execute.ts';
import { toExecutionEvent } from '../../automation/stacks/child/engine-events.ts';
import type { StackAction } from '../../automation/stacks/operation.ts';
import { plainOperation } from '../support/operations.ts';

const BUCKET = 'urn:pulumi:p.main::packs::aws:s3/bucket:Bucket::data';

/** As the CLI writes them to its event log. */
const EVENTS = [
  { resourcePreEvent: { metadata: { op: 'create', urn: BUCKET, type: 'aws:s3/bucket:Bucket', provider: '' } } },
  violation('mandatory', 'no-public-buckets', 'Buckets have to be private.', BUCKET),
  violation('advisory', 'cost-center', 'The stack names no cost center.'),
];

function violation(enforcementLevel: string, policyName: string, message: string, resourceUrn?: string) {
  return {
    policyEvent: {
      ...(resourceUrn ? { resourceUrn } : {}),
      message: `<{%reset%}>${message}<{%reset%}>\n`,
      color: 'raw',
      policyName,
      policyPackName: 'company',
      policyPackVersion: '',
      policyPackVersionTag: '1.2.0',
      enforcementLevel,
    },
  };
}

const PACKS: EngineSettings['policyPacks'] = [
  { path: '/packs/company', config: '/packs/company.json' },
  { path: '/packs/team', config: '/packs/team.json' },
];

describe('policy packs', () => {
  let commands: string[][];
  let happened: (string | undefined)[];

  beforeEach(() => {
    commands = [];
    happened = [];
  });

  /** A stack that is there already, and empty; with a mandatory violation the CLI ends with 255, as the real one does. */
  function recorded(events: object[]): PulumiCommand {
    const run = async (args: string[]) => {
      commands.push(args);
      const log = args[args.indexOf('--event-log') + 1];
      if (args.includes('--event-log') && log) {
        for (const [sequence, event] of events.entries()) {
          await appendFile(log, `${JSON.stringify({ sequence, timestamp: 1_795_461_939, ...event })}\n`);
        }
        await appendFile(
          log,
          `${JSON.stringify({ sequence: 99, timestamp: 1_795_461_939, summaryEvent: { resourceChanges: { create: 1 } } })}\n`,
        );
        await appendFile(log, `${JSON.stringify({ sequence: 100, timestamp: 1_795_461_939, cancelEvent: {} })}\n`);
        if (JSON.stringify(events).includes('"mandatory"')) throw new Error('code: 255\nerror: preview failed\n');
      }
      const stdout = args.includes('export') ? '{"version":3,"deployment":{"resources":[]}}' : '{}';
      return { code: 0, stdout: args.includes('history') ? '[]' : stdout, stderr: '' };
    };
    return Object.assign(Object.create(PulumiCommand.prototype) as PulumiCommand, {
      command: 'pulumi',
      // With later ones the event log is a gRPC service instead of a file.
      version: parseVersion('3.200.0'),
      run,
    });
  }

  async function execute(action: StackAction, events: object[], policyPacks = PACKS, approved?: object) {
    const engine = { kind: 'cli', command: recorded(events), envVars: {}, cloud: {} } as unknown as Engine;
    return await executeOperation(
      {
        ...plainOperation('packs', action, 'p.main'),
        pipelineId: 'p',
        engine: { kind: 'cli', module: '', options: {}, ...(policyPacks ? { policyPacks } : {}) },
        ...(approved ? { approved: approved as never } : {}),
      },
      {
        engine: {
          ...engine,
          cloud: { preflight: async () => [], endpoint: async () => undefined } as unknown as Engine['cloud'],
        },
        loadProgram: async () => ({ program: async () => ({}), needs: () => [] }) as never,
        onEngineEvent: (event) => happened.push(toExecutionEvent(event)?.type),
        onSignOfLife: () => undefined,
        onState: () => undefined,
        note: () => undefined,
        signal: new AbortController().signal,
      },
    );
  }

  const optionsOf = (command: string) => {
    const args =
      commands.find((one) => one.includes(command)) ?? assert.fail(`no ${command} among ${String(commands)}`);
    return args.flatMap((arg, index) => (arg.startsWith('--policy-pack') ? [`${arg} ${args[index + 1]}`] : []));
  };

  const GIVEN = [
    '--policy-pack /packs/company',
    '--policy-pack /packs/team',
    '--policy-pack-config /packs/company.json',
    '--policy-pack-config /packs/team.json',
  ];

  for (const action of ['preview', 'up'] as const) {
    it(`go out on the command line of every ${action}`, async () => {
      await execute(action, []);
      assert.deepEqual(optionsOf(action), GIVEN);
    });
  }

  it('go out with the preview that checks an approved change, too', async () => {
    await execute('up', [], PACKS, { changeHash: '', blueprintVersion: '1', changes: [] });
    assert.deepEqual(optionsOf('preview'), GIVEN);
    assert.deepEqual(optionsOf('up'), GIVEN);
  });

  it('leave no trace on the command line where none is set', async () => {
    await execute('preview', [], []);
    assert.deepEqual(optionsOf('preview'), []);
  });

  it('add advisory violations to the findings of a preview', async () => {
    const result = await execute('preview', EVENTS.slice(2));
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.findings, [
      {
        check: 'policy',
        subject: 'stack',
        message: '[advisory] company/cost-center: The stack names no cost center.',
        policy: { pack: 'company', packVersion: '1.2.0', name: 'cost-center', enforcementLevel: 'advisory' },
      },
    ]);
    assert.deepEqual(happened, ['policy.violated', 'operation.summarised', undefined]);
  });

  for (const action of ['preview', 'up'] as const) {
    it(`stop ${action === 'up' ? 'a deployment' : 'a preview'} by a mandatory violation, with everything that was found`, async () => {
      const result = await execute(action, EVENTS);
      assert.ok(!result.ok);
      const { code, message, urn, findings } = result.error;
      assert.deepEqual([code, urn], ['POLICY_VIOLATED', BUCKET]);
      assert.match(message, /\[mandatory\] company\/no-public-buckets \(data\): Buckets have to be private\.$/);
      assert.deepEqual(
        findings?.map(({ subject, policy }) => [subject, policy?.name, policy?.enforcementLevel]),
        [
          [BUCKET, 'no-public-buckets', 'mandatory'],
          ['stack', 'cost-center', 'advisory'],
        ],
      );
      assert.deepEqual(
        result.changes?.map(({ urn: changed }) => changed),
        action === 'preview' ? [BUCKET] : undefined,
      );
    });
  }

  it('stop an approved deployment in its check, and report each violation once', async () => {
    const approved = { changeHash: '', blueprintVersion: '1', changes: [] };
    const result = await execute('up', EVENTS, PACKS, approved);
    assert.equal(!result.ok && result.error.code, 'POLICY_VIOLATED');
    assert.ok(!commands.some(([command]) => command === 'up'));
    assert.deepEqual(happened, ['policy.violated', 'policy.violated']);
  });

  it('report a violation once that both the check and the deployment find', async () => {
    await execute('up', EVENTS.slice(2), PACKS, { changeHash: '', blueprintVersion: '1', changes: [] });
    assert.equal(happened.filter((type) => type === 'policy.violated').length, 1);
  });
});
