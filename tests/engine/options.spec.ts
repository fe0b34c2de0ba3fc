import assert from 'node:assert/strict';
import * as aws from '@pulumi/aws';
import type { CustomResourceOptions } from '@pulumi/pulumi';
import * as pulumi from '@pulumi/pulumi';
import type { PulumiFn, UpResult } from '@pulumi/pulumi/automation/index.js';
import type { RecorderOptions } from './support/recorder-provider.ts';
import { RecorderHost } from './support/recorder-provider.ts';
import { PROJECT, Workbench } from './support/workbench.ts';

const URN = `urn:pulumi:demo.dev::${PROJECT}::`;

/** Makes a program of statements. */
function program(body: () => unknown): PulumiFn {
  return () => Promise.resolve(body() as Record<string, unknown> | undefined);
}

function topic(name: string, displayName = name, options: CustomResourceOptions = {}): aws.sns.Topic {
  return new aws.sns.Topic(name, { displayName }, options);
}

describe('resource options on the sandbox engine', () => {
  let host: RecorderHost;
  let bench: Workbench;
  beforeEach(() => start());
  afterEach(() => bench.remove());

  function start(options: RecorderOptions = {}): void {
    bench?.remove();
    host = new RecorderHost(options);
    bench = new Workbench(host);
  }

  async function up(body: () => unknown): Promise<UpResult> {
    const stack = await bench.stack(program(body));
    host.calls.length = 0;
    return stack.up();
  }

  /** Calls that change something, in order. */
  function work(): string[] {
    return host.journal().filter((line) => /^(create|update|delete) /.test(line));
  }

  it('makes one default provider per package and version, named after it, and does not show it', async () => {
    const { summary } = await up(() => {
      topic('one');
      topic('two');
    });
    assert.deepEqual(summary.resourceChanges, { create: 3 });
    const provider = bench.find('default_7_48_0');
    assert.equal(provider.type, 'pulumi:providers:aws');
    assert.deepEqual(provider.inputs, { __internal: {}, version: '7.48.0' });
    assert.equal(provider.parent, undefined);
    assert.equal(bench.find('one').provider, `${provider.urn}::${provider.id}`);
    assert.equal(bench.find('two').provider, bench.find('one').provider);
  });

  it('configures a default provider from the stack configuration', async () => {
    const stack = await bench.stack(program(() => void topic('one')));
    await stack.setConfig('aws:region', { value: 'eu-west-1' });
    await stack.setConfig('aws:secretKey', { value: 'hush-hush', secret: true });
    await stack.up();
    assert.equal(bench.find('default_7_48_0').inputs?.['region'], 'eu-west-1');
    assert.doesNotMatch(JSON.stringify(bench.stored()), /hush-hush/);
    const configure = host.calls.find(({ method }) => method === 'configure');
    assert.deepEqual(configure?.request['inputs'], { region: 'eu-west-1', secretKey: 'hush-hush', version: '7.48.0' });
  });

  it('deletes in reverse order of dependsOn', async () => {
    const stack = await bench.stack(
      program(() => {
        const first = topic('first');
        const second = topic('second', 'second', { dependsOn: first });
        topic('third', 'third', { dependsOn: [first, second] });
      }),
    );
    await stack.up();
    assert.deepEqual(bench.find('third').dependencies, [bench.find('first').urn, bench.find('second').urn].sort());
    host.calls.length = 0;
    await stack.destroy();
    assert.deepEqual(work(), ['delete third', 'delete second', 'delete first']);
  });

  it('refuses to delete a protected resource and keeps it', async () => {
    await up(() => void topic('precious', 'precious', { protect: true }));
    assert.equal(bench.find('precious').protect, true);
    await assert.rejects(
      up(() => undefined),
      /resource ".*precious" cannot be deleted\n\s*because it is protected\. To unprotect the resource/,
    );
    assert.equal(host.existing.size, 1);
    assert.ok(bench.names().includes('precious'));
    await up(() => void topic('precious'));
    assert.equal(bench.find('precious').protect, undefined);
    await up(() => undefined);
    assert.equal(host.existing.size, 0);
  });

  it('refuses to replace a protected resource', async () => {
    const role = (namePrefix: string): aws.iam.Role =>
      new aws.iam.Role('role', { assumeRolePolicy: '{}', namePrefix }, { protect: true });
    await up(() => void role('a'));
    await assert.rejects(
      up(() => void role('b')),
      /unable to replace resource ".*role"\n\s*as it is currently marked for protection/,
    );
    assert.deepEqual(work(), []);
  });

  it('leaves a retained resource in the cloud and takes it out of the state', async () => {
    await up(() => void topic('kept', 'kept', { retainOnDelete: true }));
    const { summary } = await up(() => undefined);
    assert.equal(summary.resourceChanges?.['delete'], 1);
    assert.equal(host.existing.size, 1);
    assert.deepEqual(work(), []);
    assert.ok(!bench.names().includes('kept'));
  });

  it('spares the delete call of what goes with another', async () => {
    await up(() => {
      const whole = topic('whole');
      topic('part', 'part', { deletedWith: whole });
    });
    await up(() => undefined);
    assert.deepEqual(work(), ['delete whole']);
  });

  it('ignores changes listed in ignoreChanges, wherever they are', async () => {
    const make = (name: string, tag: string): void => {
      new aws.sns.Topic(
        't',
        { displayName: name, tags: { keep: tag, watch: 'x' } },
        { ignoreChanges: ['displayName', 'tags.keep'] },
      );
    };
    await up(() => make('old', 'old'));
    const { summary } = await up(() => make('new', 'new'));
    assert.deepEqual(summary.resourceChanges, { same: 2 });
    assert.deepEqual(bench.find('t').inputs?.['tags'], { keep: 'old', watch: 'x' });
  });

  it('replaces on changes that ask for it only by option', async () => {
    const make = (name: string): aws.sns.Topic => topic('t', name, { replaceOnChanges: ['displayName'] });
    await up(() => void make('old'));
    const { summary } = await up(() => void make('new'));
    assert.deepEqual(summary.resourceChanges, { replace: 1, same: 1 });
    assert.deepEqual(work(), ['create t', 'delete t']);
  });

  it('deletes before it replaces with deleteBeforeReplace, starting with dependents that must be replaced too', async () => {
    start({ replaceOn: ['namePrefix', 'topicArn'] });
    const make = (namePrefix: string): void => {
      const base = new aws.sns.Topic('base', { namePrefix }, { deleteBeforeReplace: true });
      new aws.sns.TopicSubscription('tied', { topic: base.arn, protocol: 'email', endpoint: 'a@b' });
      new aws.sns.TopicPolicy('loose', { arn: base.arn, policy: '{}' });
    };
    host.options.replaceOn = ['namePrefix', 'topic'];
    await up(() => make('a'));
    const { summary } = await up(() => make('b'));
    assert.deepEqual(work().slice(0, 3), ['delete tied', 'delete base', 'create base']);
    assert.ok(work().includes('create tied'));
    assert.ok(work().includes('update loose'));
    assert.deepEqual(summary.resourceChanges, { replace: 2, same: 1, update: 1 });
    assert.ok(
      (bench.stored().resources ?? []).every((state) => state.pendingReplacement !== true && state.delete !== true),
    );
  });

  it('remembers a replacement that is due when its creation fails, and makes up for it', async () => {
    start({
      before({ method, request }) {
        if (method === 'create' && (request['properties'] as { namePrefix?: string }).namePrefix === 'broken') {
          throw new Error('no such luck');
        }
      },
    });
    const make = (namePrefix: string): void =>
      void new aws.sns.Topic('base', { namePrefix }, { deleteBeforeReplace: true });
    await up(() => make('a'));
    await assert.rejects(
      up(() => make('broken')),
      /no such luck/,
    );
    assert.equal(bench.find('base').pendingReplacement, true);
    assert.equal(host.existing.size, 0);
    const { summary } = await up(() => make('c'));
    assert.deepEqual(work(), ['create base']);
    assert.deepEqual(summary.resourceChanges, { replace: 1, same: 1 });
    assert.equal(bench.find('base').pendingReplacement, undefined);
  });

  it('deletes what a failed update has replaced with the next good one', async () => {
    const make = (namePrefix: string, fails: boolean): void => {
      const base = new aws.iam.Role('base', { namePrefix, assumeRolePolicy: '{}' });
      if (fails) {
        new aws.iam.Role('bad', { name: 'x-fail', assumeRolePolicy: '{}' }, { dependsOn: base });
      }
    };
    await up(() => make('a', false));
    await assert.rejects(
      up(() => make('b', true)),
      /x-fail/,
    );
    const leftovers = (bench.stored().resources ?? []).filter((state) => state.delete === true);
    assert.deepEqual(
      leftovers.map((state) => state.id),
      ['id-1'],
    );
    await up(() => make('b', false));
    assert.deepEqual(work(), ['delete base']);
    assert.equal(host.existing.size, 1);
  });

  it('knows a renamed resource and its children by their aliases', async () => {
    class Group extends pulumi.ComponentResource {
      constructor(name: string, options?: pulumi.ComponentResourceOptions) {
        super('test:index:Group', name, {}, options);
        topic(`${name}-topic`, 'same', { parent: this });
        this.registerOutputs();
      }
    }
    await up(() => void new Group('old'));
    const { id } = bench.find('old-topic');
    const { summary } = await up(() => void new Group('new', { aliases: [{ name: 'old' }] }));
    assert.deepEqual(summary.resourceChanges, { same: 3 });
    assert.equal(bench.find('new-topic').id, id);
    assert.equal(bench.find('new-topic').parent, `${URN}test:index:Group::new`);
    assert.equal(bench.find('new').aliases, undefined);
    assert.ok(!bench.names().some((name) => name.startsWith('old')));
  });

  it('keeps outputs secret that the program declares secret', async () => {
    const { outputs } = await up(() => {
      const hidden = topic('hidden', 'plain', { additionalSecretOutputs: ['arn'] });
      return { arn: hidden.arn, name: hidden.displayName };
    });
    assert.equal(outputs['arn']?.secret, true);
    assert.equal(outputs['name']?.secret, false);
    assert.doesNotMatch(JSON.stringify(bench.stored()), /arn:aws:rec/);
    assert.equal(
      (await up(() => ({ arn: topic('hidden', 'plain', { additionalSecretOutputs: ['arn'] }).arn }))).summary
        .resourceChanges?.['same'],
      2,
    );
  });

  it('leaves unknown what a preview cannot know', async () => {
    start({ features: { supportsPreview: false } });
    const seen: string[] = [];
    const stack = await bench.stack(
      program(() => {
        const one = topic('one');
        one.arn.apply((arn) => seen.push(arn));
        topic('two', one.arn as unknown as string);
      }),
    );
    assert.deepEqual((await stack.preview()).changeSummary, { create: 3 });
    assert.deepEqual(seen, []);
    assert.ok(!host.journal().some((line) => line.startsWith('create')));
    const check = host.calls.find(({ method, name }) => method === 'check' && name === 'two');
    assert.deepEqual(check?.request['news'], { displayName: '04da6b54-80e4-46f7-96ec-b56ff0331ba9' });
    await stack.up();
    assert.deepEqual(seen, ['arn:aws:rec:::id-1']);
  });

  it('imports what exists, and makes it be as the program describes it', async () => {
    host.existing.set('found', { displayName: 'found', arn: 'arn:found' });
    const { summary } = await up(() => void topic('t', 'found', { import: 'found' }));
    assert.equal(summary.resourceChanges?.['import'], 1);
    assert.deepEqual(work(), []);
    assert.equal(bench.find('t').id, 'found');
    assert.equal(bench.find('t').importID, 'found');
    await up(() => undefined);
    host.existing.set('found', { displayName: 'found', arn: 'arn:found' });
    await up(() => void topic('t', 'other', { import: 'found' }));
    assert.deepEqual(work(), ['update t']);
    await up(() => void topic('t', 'found'));
    assert.deepEqual((await up(() => void topic('t', 'found'))).summary.resourceChanges, { same: 2 });
    await assert.rejects(
      up(() => void topic('u', 'u', { import: 'nowhere' })),
      /resource 'nowhere' does not exist/,
    );
  });

  it('reads what others own, and never deletes it', async () => {
    host.existing.set('theirs', { displayName: 'theirs', arn: 'arn:theirs' });
    const { outputs } = await up(() => ({ arn: aws.sns.Topic.get('t', 'theirs').arn }));
    assert.equal(outputs['arn']?.value, 'arn:theirs');
    assert.equal(bench.find('t').external, true);
    await up(() => undefined);
    assert.ok(host.existing.has('theirs'));
    assert.ok(!bench.names().includes('t'));
  });

  it('passes custom timeouts on in seconds', async () => {
    await up(() => void topic('slow', 'slow', { customTimeouts: { create: '1h30m', delete: '10s' } }));
    assert.deepEqual(bench.find('slow').customTimeouts, { create: 5400, delete: 10 });
    const create = host.calls.find(({ method }) => method === 'create');
    assert.equal(create?.request['timeout'], 5400);
  });

  it('applies transforms of a resource, its parents and the stack', async () => {
    await up(() => {
      void pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
        type.startsWith('aws:') ? { props: { ...props, tags: { by: 'stack' } }, opts } : undefined,
      );
      topic('t', 'before', {
        transforms: [({ props, opts }) => ({ props: { ...props, displayName: 'after' }, opts })],
      });
    });
    assert.deepEqual(bench.find('t').inputs, { displayName: 'after', tags: { by: 'stack' } });
  });

  it('touches nothing but its targets', async () => {
    const both = (name: string) => (): void => {
      topic('one', name);
      topic('two', name);
    };
    await up(both('old'));
    const stack = await bench.stack(program(both('new')));
    await stack.up({ target: [bench.find('one').urn] });
    assert.equal(bench.find('one').inputs?.['displayName'], 'new');
    assert.equal(bench.find('two').inputs?.['displayName'], 'old');
  });

  it('destroys no target under something that stays', async () => {
    const stack = await bench.stack(
      program(() => {
        const base = topic('base');
        topic('top', 'top', { dependsOn: base });
      }),
    );
    await stack.up();
    const target = [bench.find('base').urn];
    await assert.rejects(
      stack.destroy({ target }),
      /Resource '.*::top' will be destroyed but was not specified in --target list/,
    );
    assert.equal(host.existing.size, 2);
    await stack.destroy({ target, targetDependents: true });
    assert.deepEqual(host.existing.size, 0);
    assert.deepEqual(bench.names().length, 2);
  });

  it('destroys all but what is protected and what that needs', async () => {
    const stack = await bench.stack(
      program(() => {
        const base = topic('base');
        topic('kept', 'kept', { dependsOn: base, protect: true });
        topic('gone');
      }),
    );
    await stack.up();
    host.calls.length = 0;
    await stack.destroy({ excludeProtected: true });
    assert.deepEqual(work(), ['delete gone']);
    assert.ok(bench.names().includes('base') && bench.names().includes('kept'));
  });

  it('replaces what --replace names', async () => {
    await up(() => void topic('one'));
    const stack = await bench.stack(program(() => void topic('one')));
    host.calls.length = 0;
    const { summary } = await stack.up({ replace: [bench.find('one').urn] });
    assert.deepEqual(summary.resourceChanges, { replace: 1, same: 1 });
    assert.deepEqual(work(), ['create one', 'delete one']);
  });
});
