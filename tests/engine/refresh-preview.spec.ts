import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EngineEvent, PulumiFn, StepEventMetadata } from '@pulumi/pulumi/automation/index.js';
import { createSandboxCommand } from '../../sandbox/engine/command.ts';
import { RecorderHost } from './support/recorder-provider.ts';
import { eventLines, Workbench } from './support/workbench.ts';

/** What `refresh --preview-only` is for: to learn what was changed behind Pulumi's back, and to change nothing oneself. */
describe('a refresh of the sandbox engine as preview only', () => {
  const host = new RecorderHost({ detailed: true });
  const bench = new Workbench(host);
  after(() => bench.remove());

  let runs = 0;
  const program: PulumiFn = async () => {
    runs++;
    new aws.sns.Topic('plain', { displayName: 'plain', kmsMasterKeyId: 'key' });
    new aws.sns.Topic('hidden', { displayName: pulumi.secret('first') });
    new aws.sns.Topic('gone', { displayName: 'gone' });
    aws.sns.Topic.get('theirs', 'theirs');
    return {};
  };

  const idOf = (name: string) => bench.find(name).id ?? '';
  const change = (id: string, properties: Record<string, string | undefined>) => {
    const changed = Object.entries({ ...host.existing.get(id), ...properties }).filter(
      ([, value]) => value !== undefined,
    );
    host.existing.set(id, Object.fromEntries(changed) as Record<string, string>);
  };

  before(async () => {
    host.existing.set('theirs', { displayName: 'theirs', arn: 'arn:theirs' });
    await (await bench.stack(program)).up();
    change(idOf('plain'), { displayName: 'other', kmsMasterKeyId: undefined, policy: 'added' });
    change(idOf('hidden'), { displayName: 'second' });
    change('theirs', { displayName: 'still theirs' });
    host.existing.delete(idOf('gone'));
  });

  async function refresh(): Promise<{ events: EngineEvent[]; changes: object; stdout: string }> {
    const events: EngineEvent[] = [];
    const stack = await bench.stack(program);
    const { changeSummary, stdout } = await stack.previewRefresh({ onEvent: (event) => events.push(event) });
    return { events, changes: changeSummary, stdout };
  }

  function found(events: EngineEvent[], name: string): StepEventMetadata {
    const metadata = events
      .map((event) => event.resOutputsEvent?.metadata)
      .find((one) => one?.urn.endsWith(`::${name}`));
    assert.ok(metadata, eventLines(events).join('\n'));
    return metadata;
  }

  it('tells what was changed and what is missing', async () => {
    const { events, changes, stdout } = await refresh();
    assert.deepEqual(changes, { delete: 1, same: 1, update: 3 });
    assert.match(stdout, /^Previewing refresh \(demo\.dev\):\n/);
    const lines = eventLines(events);
    assert.ok(lines.includes('pre refresh plain') && lines.includes('out update plain'), lines.join('\n'));
    assert.ok(lines.includes('pre refresh gone') && lines.includes('out delete gone'), lines.join('\n'));
    assert.equal(found(events, 'gone').new, null);
    const { old, new: now } = found(events, 'plain');
    assert.equal(old?.inputs.displayName, 'plain');
    assert.equal(now?.inputs.displayName, 'other');
  });

  it('tells the differences as what happened, not as what an update would do about it', async () => {
    const { diffs, detailedDiff } = found((await refresh()).events, 'plain');
    assert.deepEqual(diffs, ['displayName', 'kmsMasterKeyId', 'policy']);
    assert.deepEqual(detailedDiff, {
      displayName: { diffKind: 'update', inputDiff: true },
      kmsMasterKeyId: { diffKind: 'delete', inputDiff: true },
      policy: { diffKind: 'add', inputDiff: true },
    });
  });

  it('masks secrets, and compares what others own by its outputs', async () => {
    const { events } = await refresh();
    assert.doesNotMatch(JSON.stringify(events), /first|second/);
    const theirs = found(events, 'theirs');
    assert.equal(theirs.op, 'update');
    assert.equal(theirs.detailedDiff, null);
    assert.equal(theirs.new?.outputs.displayName, 'still theirs');
  });

  it('marks every step as planned, runs no program, and leaves state, history and lock alone', async () => {
    const stack = await bench.stack(program);
    const [before, history, ran] = [readFileSync(bench.stateFile(), 'utf8'), await stack.history(), runs];
    host.calls.length = 0;
    const { events } = await refresh();
    const steps = events
      .map((event) => event.resourcePreEvent ?? event.resOutputsEvent)
      .filter((step) => step !== undefined);
    assert.equal(steps.length, 12);
    assert.ok(steps.every(({ planning }) => planning === true));
    assert.equal(events.find((event) => event.summaryEvent)?.summaryEvent?.maybeCorrupt, false);
    assert.deepEqual(
      host.calls.filter(({ method }) => ['create', 'update', 'delete'].includes(method)),
      [],
    );
    assert.equal(runs, ran);
    assert.equal(readFileSync(bench.stateFile(), 'utf8'), before);
    assert.deepEqual(await stack.history(), history);
    assert.deepEqual(bench.locks(), []);
  });

  it('needs no --yes, ends with 0, and prints JSON where that is asked for', async () => {
    const stack = await bench.stack(program);
    const command = createSandboxCommand({ providers: host });
    const args = ['refresh', '--preview-only', '--json', '--stack', 'demo.dev'];
    const { code, stdout } = await command.run(args, stack.workspace.workDir, bench.env);
    assert.equal(code, 0);
    const { steps, changeSummary } = JSON.parse(stdout) as { steps: { op: string }[]; changeSummary: object };
    assert.deepEqual(changeSummary, { delete: 1, same: 1, update: 3 });
    assert.ok(steps.length === 5 && steps.every(({ op }) => op === 'refresh'), stdout);
  });

  it('fails on drift where no changes are expected', async () => {
    const stack = await bench.stack(program);
    await assert.rejects(
      stack.previewRefresh({ expectNoChanges: true }),
      /error: no changes were expected for refresh but changes were proposed/,
    );
  });

  it('finds nothing once a refresh has taken the changes over', async () => {
    const stack = await bench.stack(program);
    await stack.refresh();
    assert.deepEqual((await refresh()).changes, { same: 4 });
    assert.equal(bench.find('theirs').outputs?.['displayName'], 'still theirs');
  });
});
