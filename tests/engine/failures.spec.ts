import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as aws from '@pulumi/aws';
import { CustomResource } from '@pulumi/pulumi';
import type { EngineEvent, PulumiFn } from '@pulumi/pulumi/automation/index.js';
import { ConcurrentUpdateError } from '@pulumi/pulumi/automation/index.js';
import type { ResourceState } from '../../sandbox/engine/state.ts';
import type { RecorderOptions } from './support/recorder-provider.ts';
import { RecorderHost } from './support/recorder-provider.ts';
import { eventLines, Workbench } from './support/workbench.ts';

class Thing extends CustomResource {}

describe('operations that fail on the sandbox engine', () => {
  let host: RecorderHost;
  let bench: Workbench;
  afterEach(() => bench.remove());

  function start(options: RecorderOptions = {}): void {
    host = new RecorderHost(options);
    bench = new Workbench(host);
  }

  function roles(...names: string[]): PulumiFn {
    return () => {
      names.reduce<aws.iam.Role | undefined>(
        (previous, name) =>
          new aws.iam.Role(name, { name, assumeRolePolicy: '{}' }, { dependsOn: previous ? [previous] : [] }),
        undefined,
      );
      return Promise.resolve();
    };
  }

  it('goes on with the next update where a failed one has stopped', async () => {
    start();
    await assert.rejects(
      (await bench.stack(roles('one', 'x-fail', 'three'))).up(),
      /recorder refuses to create x-fail/,
    );
    assert.deepEqual(bench.names().slice(-1), ['one']);
    assert.equal(bench.stored().pending_operations, undefined);
    const { summary } = await (await bench.stack(roles('one', 'two', 'three'))).up();
    assert.deepEqual(summary.resourceChanges, { create: 2, same: 2 });
  });

  it('keeps a resource that exists but is not ready, with the reasons, and updates it next time', async () => {
    start();
    const events: EngineEvent[] = [];
    const stack = await bench.stack(roles('x-partial'));
    await assert.rejects(
      stack.up({ onEvent: (event) => events.push(event) }),
      /1 error occurred:\n\s*\* it does not answer/,
    );
    assert.equal(bench.find('x-partial').id, 'id-1');
    assert.deepEqual(bench.find('x-partial').initErrors, ['it does not answer']);
    assert.equal(events.find((event) => event.resOpFailedEvent)?.resOpFailedEvent?.status, 1);
    host.calls.length = 0;
    const { summary } = await stack.up();
    assert.deepEqual(summary.resourceChanges, { same: 1, update: 1 });
    assert.equal(bench.find('x-partial').initErrors, undefined);
  });

  it('refuses inputs that the provider refuses, before anything is made', async () => {
    start();
    const program: PulumiFn = () => {
      new aws.iam.Role('odd', { assumeRolePolicy: '{}', description: 'refused' });
      return Promise.resolve();
    };
    await assert.rejects(
      (await bench.stack(program)).up(),
      /aws:iam\/role:Role resource 'odd': property description value \{refused\} has a problem: must be something else/,
    );
    assert.equal(host.existing.size, 0);
  });

  it('fails with the program, and deletes nothing then', async () => {
    start();
    await (await bench.stack(roles('one'))).up();
    const events: EngineEvent[] = [];
    const failing = await bench.stack(() => Promise.reject(new Error('the program gave up')));
    await assert.rejects(failing.up({ onEvent: (event) => events.push(event) }), /the program gave up/);
    assert.ok(bench.names().includes('one'));
    assert.equal(host.existing.size, 1);
    assert.ok(eventLines(events).includes('summary failed'));
    assert.ok(!eventLines(events).includes('error update failed'));
  });

  it('keeps outputs that are not given again when a deletion fails', async () => {
    start({
      before({ method, name }) {
        if (method === 'delete' && name === 'stuck') {
          throw new Error('it is still in use');
        }
      },
    });
    const program =
      (output: string, stuck: boolean): PulumiFn =>
      () => {
        if (stuck) {
          new aws.sns.Topic('stuck');
        }
        return Promise.resolve({ output, ...(stuck && { other: 'kept' }) });
      };
    await (await bench.stack(program('good', true))).up();
    const stack = await bench.stack(program('new', false));
    await assert.rejects(stack.up(), /aws:sns:Topic \(stuck\):\n {4}error: it is still in use/);
    assert.ok(bench.names().includes('stuck'));
    assert.deepEqual(await stack.outputs(), {
      output: { value: 'new', secret: false },
      other: { value: 'kept', secret: false },
    });
  });

  it('names two resources of the same name', async () => {
    start();
    await assert.rejects(
      (await bench.stack(roles('twice', 'twice'))).up(),
      /Duplicate resource URN '.*twice'; try giving it a unique name/,
    );
  });

  it('says which providers there are where one is missing', async () => {
    start();
    const program: PulumiFn = () => {
      new Thing('missing:index:Thing', 'thing');
      return Promise.resolve();
    };
    await assert.rejects((await bench.stack(program)).up(), /no provider for 'missing': the recorder has 'aws'/);
  });

  it('creates what does not depend on a failure with --continue-on-error', async () => {
    start();
    const program: PulumiFn = () => {
      const bad = new aws.iam.Role('bad', { name: 'x-fail', assumeRolePolicy: '{}' });
      new aws.iam.Role('after', { assumeRolePolicy: '{}', name: bad.name }, { dependsOn: bad });
      new aws.iam.Role('beside', { assumeRolePolicy: '{}' });
      return Promise.resolve();
    };
    await assert.rejects((await bench.stack(program)).up({ continueOnError: true }), /x-fail/);
    assert.ok(bench.names().includes('beside'));
    assert.ok(!bench.names().includes('after'));
  });

  it('runs independent creations side by side, at most as many as allowed', async () => {
    const count = { now: 0, most: 0 };
    let release: () => void = () => undefined;
    const full = new Promise<void>((resolve) => (release = resolve));
    start({
      async before({ method }) {
        if (method === 'create') {
          count.now += 1;
          count.most = Math.max(count.most, count.now);
          if (count.now === 3) {
            release();
          }
          await full;
          count.now -= 1;
        }
      },
    });
    const program: PulumiFn = () => {
      ['a', 'b', 'c', 'd', 'e'].forEach((name) => new aws.sns.Topic(name));
      return Promise.resolve();
    };
    await (await bench.stack(program)).up({ parallel: 3 });
    assert.equal(count.most, 3);
  });

  it('ends early on a signal: what runs is finished and recorded, nothing else begins', async () => {
    const controller = new AbortController();
    start({
      before({ method, name }) {
        if (method === 'create' && name === 'one') {
          controller.abort();
        }
      },
    });
    const stack = await bench.stack(roles('one', 'two'));
    await assert.rejects(stack.up({ signal: controller.signal }), /error: update canceled\n/);
    assert.deepEqual(bench.names().slice(-1), ['one']);
    assert.ok(host.journal().includes('cancel '));
    assert.ok(!host.journal().includes('create two'));
    assert.deepEqual(bench.locks(), []);
    await stack.up();
    assert.deepEqual(bench.names().slice(-1), ['two']);
  });

  it('leaves a correct record when it is killed: completed and pending operations, and the holder of the lock', async () => {
    start();
    const script = fileURLToPath(new URL('support/hanging-operation.ts', import.meta.url));
    const url = bench.env['PULUMI_BACKEND_URL'] ?? '';
    const child = spawn(process.execPath, [script, url, 'demo.dev'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(said.toString(), 'creating\n');
    child.kill('SIGKILL');
    await once(child, 'exit');

    assert.ok(bench.names().includes('first'));
    const [pending, ...others] = (bench.stored().pending_operations ?? []) as Array<{
      type: string;
      resource: { urn: string };
    }>;
    assert.deepEqual(others, []);
    assert.equal(pending?.type, 'creating');
    assert.match(pending?.resource.urn ?? '', /::second$/);
    assert.equal(bench.locks().length, 1);

    const program: PulumiFn = () => {
      const first = new aws.sns.Topic('first', {});
      new aws.sns.Topic('second', {}, { dependsOn: first });
      return Promise.resolve();
    };
    host.existing.set('id-1', { arn: 'arn:aws:rec:::id-1' });
    const stack = await bench.stack(program);
    await assert.rejects(stack.up(), (error: Error) => {
      assert.ok(error instanceof ConcurrentUpdateError);
      assert.match(error.message, new RegExp(`\\(pid ${child.pid}\\)`));
      return true;
    });
    await stack.cancel();
    assert.deepEqual(bench.locks(), []);
    const refreshed = await stack.refresh({ clearPendingCreates: true });
    assert.equal(refreshed.summary.result, 'succeeded');
    assert.equal(bench.stored().pending_operations, undefined);
    await stack.up();
    assert.ok(bench.names().includes('second'));
  });

  it('warns of creations that may have happened, until they are settled', async () => {
    start();
    const stack = await bench.stack(roles('one'));
    await stack.up();
    const checkpoint = JSON.parse(readFileSync(bench.stateFile(), 'utf8')) as {
      checkpoint: { latest: { resources: ResourceState[]; pending_operations?: unknown[] } };
    };
    const { latest } = checkpoint.checkpoint;
    const last = latest.resources.at(-1);
    latest.pending_operations = [
      { resource: { ...last, urn: last?.urn.replace('::one', '::lost') }, type: 'creating' },
    ];
    writeFileSync(bench.stateFile(), JSON.stringify(checkpoint));
    const events: EngineEvent[] = [];
    await stack.up({ onEvent: (event) => events.push(event) });
    assert.ok(
      eventLines(events).some((line) =>
        /1 pending operations.*\n {2}\* .*::lost, interrupted while creating/.test(line),
      ),
      eventLines(events).join('\n'),
    );
    assert.equal(bench.stored().pending_operations?.length, 1);
  });

  it('asks for the passphrase in the words of the CLI', async () => {
    start();
    delete bench.env['PULUMI_CONFIG_PASSPHRASE'];
    await assert.rejects(
      bench.stack(roles('one')),
      /passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables/,
    );
  });

  it('notices a wrong passphrase', async () => {
    start();
    await (await bench.stack(roles('one'))).up();
    bench.env['PULUMI_CONFIG_PASSPHRASE'] = 'wrong';
    await assert.rejects((await bench.stack(roles('one'))).up(), /incorrect passphrase/);
  });

  it('accepts only file backends', async () => {
    start();
    bench.env['PULUMI_BACKEND_URL'] = 's3://somewhere';
    await assert.rejects(
      bench.stack(roles('one')),
      /set PULUMI_BACKEND_URL to file:\/\/<directory>, not 's3:\/\/somewhere'/,
    );
  });

  it('says so when changes come that were not expected', async () => {
    start();
    const stack = await bench.stack(roles('one'));
    await assert.rejects(
      stack.preview({ expectNoChanges: true }),
      /no changes were expected for preview but changes were proposed/,
    );
    await stack.up();
    assert.deepEqual((await stack.preview({ expectNoChanges: true })).changeSummary, { same: 2 });
  });
});
