import assert from 'node:assert/strict';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { ProviderServer } from './support/provider-server.ts';
import { RecorderHost } from './support/recorder-provider.ts';
import { PROJECT, Workbench } from './support/workbench.ts';

describe('providers on the sandbox engine', () => {
  const host = new RecorderHost();
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench(host);
    host.calls.length = 0;
  });
  afterEach(() => bench.remove());

  describe('attached with PULUMI_DEBUG_PROVIDERS', () => {
    let server: ProviderServer;
    beforeEach(async () => {
      server = new ProviderServer();
      bench.env['PULUMI_DEBUG_PROVIDERS'] = `aws:${await server.listen()}`;
    });
    afterEach(() => server.close());

    it('are greeted, configured, asked and dismissed as the CLI does', async () => {
      const stack = await bench.stack(async () => {
        const provider = new aws.Provider('env', { region: 'eu-west-1', allowedAccountIds: ['222222222222'] });
        const { accountId } = await aws.getCallerIdentity({}, { provider });
        const topic = new aws.sns.Topic('t', { displayName: pulumi.secret('hush-hush') }, { provider });
        return { arn: topic.arn, accountId };
      });
      const { outputs } = await stack.up();
      assert.equal(outputs['arn']?.value, 'arn:1');
      assert.equal(outputs['accountId']?.value, '333333333333');
      assert.deepEqual(
        server.calls.map(({ method }) => method),
        ['handshake', 'attach', 'getPluginInfo', 'checkConfig', 'configure', 'invoke', 'check', 'create', 'cancel'],
      );
      const configure = server.calls.find(({ method }) => method === 'configure')?.request as {
        variablesMap: unknown;
        urn: string;
      };
      assert.deepEqual(configure.variablesMap, [
        ['aws:config:allowedAccountIds', '["222222222222"]'],
        ['aws:config:region', 'eu-west-1'],
        ['aws:config:skipCredentialsValidation', 'false'],
        ['aws:config:skipRegionValidation', 'true'],
      ]);
      const attached = server.calls.find(({ method }) => method === 'attach')?.request as { address: string };
      assert.notEqual(attached.address, `127.0.0.1:${bench.env['PULUMI_DEBUG_PROVIDERS']?.split(':')[1]}`);
      assert.equal(configure.urn, `urn:pulumi:demo.dev::${PROJECT}::pulumi:providers:aws::env`);
      const create = server.calls.find(({ method }) => method === 'create')?.request;
      assert.match(JSON.stringify(create), /"stringValue":"hush-hush"/);
      assert.doesNotMatch(JSON.stringify(bench.stored()), /hush-hush/, 'what went in as a secret is one in the state');
      assert.deepEqual(host.calls, [], 'an attached provider goes before the host');

      server.calls.length = 0;
      await stack.destroy();
      assert.deepEqual(
        server.calls.map(({ method }) => method),
        ['handshake', 'attach', 'getPluginInfo', 'configure', 'delete', 'cancel'],
      );
    });

    it('may say that a resource exists but is not ready', async () => {
      const stack = await bench.stack(() => {
        new aws.sns.Topic('t', { displayName: 'unready' });
        return Promise.resolve();
      });
      await assert.rejects(stack.up(), /1 error occurred:\n\s*\* it is not ready/);
      assert.deepEqual(bench.find('t').initErrors, ['it is not ready']);
      assert.equal(bench.find('t').id, 'id-1');
      assert.deepEqual(bench.find('t').outputs, { arn: 'arn:1', displayName: 'unready' });
    });

    it('must be there', async () => {
      server.close();
      const stack = await bench.stack(() => {
        new aws.sns.Topic('t', {});
        return Promise.resolve();
      });
      await assert.rejects(stack.up(), /ECONNREFUSED|No connection established/);
    });
  });

  it('lets a program implement resources itself', async () => {
    const program = (length: number) => () => {
      class Word extends pulumi.dynamic.Resource {
        declare readonly word: pulumi.Output<string>;
        constructor(name: string, props: { length: number }) {
          const provider: pulumi.dynamic.ResourceProvider = {
            create: (inputs) => Promise.resolve({ id: 'word-1', outs: { ...inputs, word: 'a'.repeat(inputs.length) } }),
            update: (_id, _olds, news) => Promise.resolve({ outs: { ...news, word: 'b'.repeat(news.length) } }),
            delete: () => Promise.resolve(),
          };
          super(provider, name, { word: undefined, ...props }, undefined);
        }
      }
      return Promise.resolve({ word: new Word('w', { length }).word });
    };
    const first = await (await bench.stack(program(3))).up();
    assert.equal(first.outputs['word']?.value, 'aaa');
    assert.equal(bench.find('w').type, 'pulumi-nodejs:dynamic:Resource');
    const stack = await bench.stack(program(2));
    assert.equal((await stack.up()).outputs['word']?.value, 'bb');
    assert.equal((await stack.destroy()).summary.resourceChanges?.['delete'], 2);
  });

  it('reads the outputs of another stack, secrets staying secret', async () => {
    const source = await bench.stack(
      () => Promise.resolve({ plain: 'p', hidden: pulumi.secret('hush-hush') }),
      'source.dev',
    );
    await source.up();
    const reader = await bench.stack(() => {
      const other = new pulumi.StackReference(`organization/${PROJECT}/source.dev`);
      return Promise.resolve({ plain: other.getOutput('plain'), hidden: other.getOutput('hidden') });
    }, 'reader.dev');
    const { outputs } = await reader.up();
    assert.deepEqual(outputs['plain'], { value: 'p', secret: false });
    assert.deepEqual(outputs['hidden'], { value: 'hush-hush', secret: true });
    const [reference] = (bench.stored('reader.dev').resources ?? []).filter(
      ({ type }) => type === 'pulumi:pulumi:StackReference',
    );
    assert.equal(reference?.external, true);
    assert.deepEqual(reference?.outputs?.['secretOutputNames'], ['hidden']);
    assert.doesNotMatch(JSON.stringify(bench.stored('reader.dev')), /hush-hush/);
    assert.deepEqual((await reader.up()).summary.resourceChanges, { same: 1 });
  });

  it('says which stack a reference does not find', async () => {
    const reader = await bench.stack(() => {
      new pulumi.StackReference(`organization/${PROJECT}/nowhere`);
      return Promise.resolve();
    });
    await assert.rejects(reader.up(), /unknown stack "organization.*nowhere"/);
  });
});
