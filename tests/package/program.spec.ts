/**
 * A user's program in TypeScript with components of the package, on the engine under test: the simulated one, or a real Pulumi CLI
 * (`npm run test:pulumi`).
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EngineEvent, PulumiFn, Stack } from '@pulumi/pulumi/automation/index.js';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import type { Engine } from '../../automation/engine/engine.ts';
import { startEngine } from '../support/engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { ProviderProcess } from './provider-process.ts';
import { startProvider } from './provider-process.ts';

/** What a generated SDK has for `mlops:index:RealtimeInference`. */
class RealtimeInference extends pulumi.ComponentResource {
  declare readonly endpointName: pulumi.Output<string>;
  declare readonly inferenceUrl: pulumi.Output<string>;

  constructor(name: string, args: pulumi.Inputs, options: pulumi.ComponentResourceOptions = {}) {
    const outputs = { endpointName: undefined, inferenceUrl: undefined };
    super('mlops:index:RealtimeInference', name, { ...outputs, ...args }, options, true);
  }
}

const MODEL = {
  modelFramework: 'xgboost',
  modelFrameworkVersion: '1.7-1',
  modelArtifactLocation: 'churn/model.tar.gz',
  inferenceInstance: 'ml.m5.large',
};

interface Deployed {
  urn: string;
  type: string;
  parent?: string;
  protect?: boolean;
  provider?: string;
  dependencies?: string[];
  outputs?: Record<string, unknown>;
}

/** A state on disk: secrets are ciphertext in it. */
interface Checkpoint {
  checkpoint: { latest: { resources: object[] } };
}

describe('a program with components of the Pulumi package', function () {
  this.timeout(300_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let provider: ProviderProcess;
  let engine: Engine;

  before(async () => {
    folder = await temporaryFolder();
    provider = await startProvider();
    engine = await startEngine(folder.path, { SANDBOX_HOME: join(folder.path, 'home') });
  });

  after(async () => {
    await engine?.close();
    await provider?.stop();
    await folder?.remove();
  });

  async function stackOf(name: string, program: PulumiFn): Promise<Stack> {
    const attached = [engine.envVars.PULUMI_DEBUG_PROVIDERS, `mlops:${provider.port}`].filter(Boolean).join(',');
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: 'program', program },
      {
        pulumiCommand: engine.command,
        envVars: { ...engine.envVars, AWS_REGION: 'us-east-1', PULUMI_DEBUG_PROVIDERS: attached },
      },
    );
    await stack.setConfig('aws:region', { value: 'us-east-1' });
    return stack;
  }

  async function deployed(stack: Stack): Promise<Deployed[]> {
    const { deployment } = await stack.exportStack();
    return (deployment as { resources?: Deployed[] }).resources ?? [];
  }

  const nameOf = ({ urn }: Deployed) => urn.split('::').at(-1);
  const ofType = (resources: Deployed[], type: string) =>
    resources.filter((one) => one.type.endsWith(`:${type}`)).map(nameOf);

  it('previews what it deploys, keeps it unchanged, and destroys it before what it is made from', async () => {
    const stack = await stackOf('bucket', async () => {
      const assets = new aws.s3.Bucket('assets');
      const churn = new RealtimeInference('churn', {
        ...MODEL,
        assetsBucket: assets.bucket,
        dataCaptureLocation: pulumi.interpolate`${assets.bucket}/capture`,
      });
      return { endpoint: churn.endpointName, url: churn.inferenceUrl };
    });
    const previewed: string[] = [];
    await stack.preview({ onEvent: (event) => previewed.push(...createdIn(event)) });
    const { outputs } = await stack.up();
    const made = await deployed(stack);
    assert.match(String(outputs.endpoint?.value), /^churn-endpoint-[0-9a-f]{7}$/);
    assert.match(String(outputs.url?.value), /^https:\/\/.*\/inference$/);
    // Of default providers, one engine shows the creation and one does not.
    const own = made.filter(({ type }) => !type.startsWith('pulumi:providers:'));
    assert.deepEqual(
      previewed.filter((urn) => !/::pulumi:providers:/.test(urn)).sort(),
      own.map(({ urn }) => urn).sort(),
    );
    const bucket = made.find((one) => nameOf(one) === 'assets');
    const endpoint = made.find((one) => nameOf(one) === 'churn-endpoint');
    assert.ok(endpoint?.dependencies?.includes(bucket?.urn ?? ''), JSON.stringify(endpoint));

    const { summary } = await stack.up();
    assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ['same']);
    await stack.destroy();
    assert.deepEqual(await deployed(stack), []);
  });

  it('stops at wrong inputs before anything is deployed, naming the property', async () => {
    const stack = await stackOf('wrong', async () => {
      new RealtimeInference('churn', { ...MODEL, assetsBucket: 'assets', dataCaptureLocaton: 'assets/capture' });
    });
    await assert.rejects(stack.up(), (error: Error) => {
      assert.match(error.message, /dataCaptureLocation is required/);
      assert.match(error.message, /dataCaptureLocaton is no input.*did you mean "dataCaptureLocation"/);
      return true;
    });
    assert.deepEqual(
      (await deployed(stack)).filter(({ type }) => type.startsWith('aws:')),
      [],
    );
  });

  it('deploys with the provider that it is given, protects what is in it, and keeps a secret out of the state', async () => {
    const stack = await stackOf('options', async () => {
      const frankfurt = new aws.Provider('frankfurt', { region: 'eu-central-1' });
      const churn = new RealtimeInference(
        'churn',
        { ...MODEL, assetsBucket: 'assets', dataCaptureLocation: pulumi.secret('hush-bucket/capture') },
        { providers: [frankfurt], protect: true },
      );
      return { endpoint: churn.endpointName };
    });
    await stack.up();
    const made = await deployed(stack);
    const endpoint = made.find((one) => nameOf(one) === 'churn-endpoint');
    assert.match(endpoint?.provider ?? '', /::frankfurt::/);
    assert.match(String(endpoint?.outputs?.arn), /:eu-central-1:/);
    const file = join(folder.path, '.pulumi', 'stacks', 'program', 'options.json');
    const { checkpoint } = JSON.parse(await readFile(file, 'utf8')) as Checkpoint;
    assert.deepEqual(
      checkpoint.latest.resources.filter((one) => JSON.stringify(one).includes('hush-bucket')),
      [],
    );
    assert.equal(endpoint?.protect, true);
    await assert.rejects(stack.destroy(), /protect/);
  });

  it('renames a component by an alias without replacing anything', async () => {
    const program = (name: string, aliases: pulumi.Alias[]) => async () => {
      new RealtimeInference(
        name,
        { ...MODEL, modelName: 'churn', assetsBucket: 'assets', dataCaptureLocation: 'assets/capture' },
        { aliases },
      );
    };
    await (await stackOf('renamed', program('churn', []))).up();
    const stack = await stackOf('renamed', program('retention', [{ name: 'churn' }]));
    const { summary } = await stack.up();
    assert.equal(summary.resourceChanges?.create, undefined, JSON.stringify(summary.resourceChanges));
    assert.equal(summary.resourceChanges?.delete, undefined);
    assert.deepEqual(ofType(await deployed(stack), 'Endpoint'), ['retention-endpoint']);
  });
});

/** URNs of what an event says will be created. */
function createdIn({ resourcePreEvent }: EngineEvent): string[] {
  const metadata = resourcePreEvent?.metadata;
  return metadata?.op === 'create' ? [metadata.urn] : [];
}
