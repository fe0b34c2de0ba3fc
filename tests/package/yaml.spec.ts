/**
 * A program in YAML on a real Pulumi CLI, which runs this repository as the plugin that PulumiPlugin.yaml makes it: as a user has
 * it, but for the cloning and installing. Needs the language host for YAML that `npm run engine` builds.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Engine } from '../../automation/engine/engine.ts';
import { BUILT_CLI_ROOT } from '../../sandbox/built-cli.ts';
import { isRealEngine, startEngine } from '../support/engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ROOT } from './provider-process.ts';

const LANGUAGE_HOST = 'pulumi-language-yaml';
const LARGEST_OUTPUT = 16 * 1024 * 1024;
const BUILT = join(BUILT_CLI_ROOT, 'bin');

const ENDPOINT = {
  type: 'mlops:RealtimeInference',
  properties: {
    assetsBucket: 'my-assets',
    modelFramework: 'xgboost',
    modelFrameworkVersion: '1.7-1',
    modelArtifactLocation: 'churn/model.tar.gz',
    inferenceInstance: 'ml.m5.large',
    dataCaptureLocation: 'my-assets/capture',
    endpoint: { instanceCount: 2 },
  },
};

const MONITOR = {
  type: 'mlops:DataQualityMonitor',
  properties: {
    modelName: 'churn',
    assetsBucket: 'my-assets',
    endpointName: '${churn.endpointName}',
    baselineData: 'churn/baseline.csv',
    baselineJobOutputLocation: 'my-assets/baseline',
    dataCaptureLocation: 'my-assets/capture',
    monitoringOutputLocation: 'my-assets/reports',
    scheduleExpression: 'cron(0 * ? * * *)',
    monitorMaxRuntimeSeconds: 1_800,
    instanceType: 'ml.m5.large',
    instanceVolumeSize: 20,
  },
};

async function hasLanguageHost(path: string): Promise<boolean> {
  const found = path.split(delimiter).map((folder) => access(join(folder, LANGUAGE_HOST)).then(() => true));
  return await Promise.any(found).catch(() => false);
}

describe('the Pulumi package in a program in YAML', function () {
  this.timeout(300_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let engine: Engine;
  let program: string;

  before(async function () {
    if (!isRealEngine()) this.skip();
    const path = [BUILT, process.env.PATH ?? ''].join(delimiter);
    if (!(await hasLanguageHost(path))) {
      process.stderr.write(`\nSKIPPED: no ${LANGUAGE_HOST} on the PATH, and "npm run engine" has built none.\n\n`);
      return this.skip();
    }
    folder = await temporaryFolder();
    engine = await startEngine(folder.path, {
      SANDBOX_HOME: join(folder.path, 'home'),
      AWS_REGION: 'us-east-1',
      PATH: path,
    });
    program = join(folder.path, 'program');
    await mkdir(program);
    await write({ churn: ENDPOINT, drift: MONITOR });
    await pulumi('stack', 'init', 'dev');
  });

  after(async () => {
    await engine?.close();
    await folder?.remove();
  });

  async function write(resources: object): Promise<void> {
    const outputs =
      'drift' in resources ? { url: '${churn.inferenceUrl}', schedule: '${drift.monitoringScheduleName}' } : {};
    const project = { name: 'program', runtime: 'yaml', packages: { mlops: ROOT }, resources, outputs };
    await writeFile(join(program, 'Pulumi.yaml'), stringify(project));
  }

  /** @throws with all that it printed */
  async function pulumi(...args: string[]): Promise<string> {
    const env = { ...process.env, ...engine.envVars };
    return await promisify(execFile)(engine.command.command, args, {
      cwd: program,
      env,
      maxBuffer: LARGEST_OUTPUT,
    }).then(
      ({ stdout }) => stdout,
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`pulumi ${args.join(' ')}: ${error.stdout}${error.stderr}`);
      },
    );
  }

  it('has its schema read from the repository', async () => {
    const schema = JSON.parse(await pulumi('package', 'get-schema', ROOT)) as { name: string; resources: object };
    assert.equal(schema.name, 'mlops');
    assert.ok('mlops:index:ImageBuilder' in schema.resources);
    await pulumi('schema', 'check', join(ROOT, 'package', 'schema.json'));
  });

  it('deploys an endpoint, and a monitor of it whose preview does not know the name of the endpoint', async () => {
    await pulumi('up', '--yes');
    const outputs = JSON.parse(await pulumi('stack', 'output', '--json')) as { url: string; schedule: string };
    assert.match(outputs.url, /\/inference$/);
    assert.match(outputs.schedule, /^churn-endpoint-[0-9a-f]{7}-dataquality-/);
  });

  it('shows wrong inputs by property', async () => {
    await write({ churn: { ...ENDPOINT, properties: { ...ENDPOINT.properties, inferenceInstance: 'm5.large' } } });
    await assert.rejects(
      pulumi('preview'),
      /inferenceInstance must be a SageMaker instance type such as ml\.m5\.large/,
    );
  });
});
