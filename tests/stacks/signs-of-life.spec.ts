/** What an operation does unseen, and may take long, shows that it is alive: OPERATION_SILENCE_SECONDS would end it otherwise. */
import assert from 'node:assert/strict';
import * as aws from '@pulumi/aws';
import type { Engine } from '../../automation/engine/engine.ts';
import { executeOperation } from '../../automation/stacks/child/execute.ts';
import type { StackAction, StackOperation } from '../../automation/stacks/operation.ts';
import { startEngine } from '../support/engine.ts';
import { plainOperation } from '../support/operations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('signs of life', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let engine: Engine;

  before(async () => {
    folder = await temporaryFolder();
    engine = await startEngine(folder.path);
  });

  after(async () => {
    await engine?.close();
    await folder?.remove();
  });

  /** @returns the result, and what reached the service, in order */
  async function run(action: StackAction, stack: string, changes: Partial<StackOperation> = {}) {
    const sent: string[] = [];
    const result = await executeOperation(
      {
        ...plainOperation('signs', action, stack),
        engine: { kind: 'sandbox', module: '', options: {} },
        ...changes,
      },
      {
        engine,
        loadProgram: async () => ({ program: topic, needs: () => [] }) as never,
        onEngineEvent: () => sent.push('event'),
        onSignOfLife: () => sent.push('sign of life'),
        onState: () => undefined,
        note: (name) => sent.push(name),
        signal: new AbortController().signal,
      },
    );
    assert.ok(result.ok, JSON.stringify(result));
    return { result, sent };
  }

  function topic({ provider }: { provider: aws.Provider }) {
    new aws.sns.Topic('a', { name: 'a' }, { provider });
    return {};
  }

  /** No event of the unseen part is sent, and its signs of life are. */
  function assertSigns(sent: string[], note: string): void {
    const before = sent.slice(0, sent.indexOf(note)).filter((what) => what !== 'preflight.done');
    assert.ok(sent.includes(note), sent.join(', '));
    assert.ok(before.length >= 3 && before.every((what) => what === 'sign of life'), sent.join(', '));
  }

  it('come from the preview that checks an approved deployment', async () => {
    const { result } = await run('preview', 'deployed.main');
    const approved = { changeHash: '', blueprintVersion: '1', changes: result.changes };
    assertSigns((await run('up', 'deployed.main', { approved })).sent, 'change.checked');
  });

  it('come from the preview that checks an approved destroy', async () => {
    await run('up', 'destroyed.main');
    const { result } = await run('preview-destroy', 'destroyed.main');
    const approved = { changeHash: '', blueprintVersion: '1', changes: result.changes };
    assertSigns((await run('destroy', 'destroyed.main', { approved })).sent, 'change.checked');
  });

  it('come from the refresh of a recovery', async () => {
    await run('up', 'recovered.main');
    assertSigns((await run('up', 'recovered.main', { recover: true })).sent, 'operation.recovered');
  });
});
