/** A sandbox account of one test's own, and short ways to use its provider. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INFRA_EXTENSION } from '../../scripts/infra-sandbox/extension.ts';
import { createSandboxAws } from '../../sandbox/aws/sandbox-aws.ts';
import type { Fault } from '../../sandbox/aws/faults.ts';
import { parseFaults } from '../../sandbox/aws/faults.ts';
import { readJournal } from '../../sandbox/aws/journal.ts';
import type { SandboxAwsSettings } from '../../sandbox/config.ts';
import { ARCHIVE, ASSET, SIGNATURE } from '../../sandbox/provider.ts';
import type { Properties, Provider, ProviderError } from '../../sandbox/provider.ts';
import type { Environment } from '../../automation/config/environments.ts';

export const ROLE = 'aws:iam/role:Role';
export const MODEL = 'aws:sagemaker/model:Model';
export const CONFIG = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';
export const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
export const FUNCTION = 'aws:lambda/function:Function';

export const DEV: Environment = {
  name: 'dev',
  accountId: '111111111111',
  region: 'us-east-1',
  deploymentRoleArn: '',
  externalId: 'mlops',
  permissionsBoundaryArn: '',
  organizationalUnitId: '',
  assetsBucket: 'assets',
};

/** Settings on a directory that is not there yet; nothing waits unless the test says so. */
export function newSettings(changes: Partial<SandboxAwsSettings> = {}): SandboxAwsSettings {
  return {
    directory: join(tmpdir(), `sandbox-aws-${randomUUID()}`),
    accountId: '111111111111',
    region: 'us-east-1',
    accounts: ['111111111111', '222222222222'],
    externalId: 'mlops',
    missing: [],
    packages: {},
    faults: [],
    speed: 0,
    ...changes,
  };
}

export function faultList(...faults: Partial<Fault>[]): Fault[] {
  const parsed = parseFaults(JSON.stringify(faults));
  if (parsed.problems.length > 0) throw new Error(parsed.problems.join('\n'));
  return parsed.faults;
}

/** One configured provider, called as the engine calls it. */
export class Account {
  readonly settings: SandboxAwsSettings;
  readonly provider: Provider;
  readonly cloud: ReturnType<typeof createSandboxAws>['cloud'];

  private constructor(settings: SandboxAwsSettings, provider: Provider, cloud: Account['cloud']) {
    this.settings = settings;
    this.provider = provider;
    this.cloud = cloud;
  }

  static async open(changes: Partial<SandboxAwsSettings> = {}, inputs: Properties = {}): Promise<Account> {
    const settings = newSettings(changes);
    const { host, cloud } = createSandboxAws(settings, INFRA_EXTENSION);
    const provider = await host.load('aws', '7.48.0');
    await provider.configure({ urn: '', name: 'default', type: 'pulumi:providers:aws', id: '', inputs });
    return new Account(settings, provider, cloud);
  }

  async remove(): Promise<void> {
    await this.provider.close();
    await rm(this.settings.directory, { recursive: true, force: true });
  }

  /** Check alone. */
  check(type: string, name: string, news: Properties, olds: Properties = {}, seed = name) {
    return this.provider.check({ ...identity(type, name), olds, news, randomSeed: Buffer.from(seed) });
  }

  /** Check, then create. */
  async create(type: string, name: string, news: Properties = {}) {
    const { inputs, failures } = await this.check(type, name, news);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join('\n'));
    const request = { ...identity(type, name), properties: inputs, timeout: 0, preview: false };
    return { ...(await this.provider.create(request)), inputs, type, name };
  }

  async preview(type: string, name: string, news: Properties) {
    const { inputs } = await this.check(type, name, news);
    return this.provider.create({ ...identity(type, name), properties: inputs, timeout: 0, preview: true });
  }

  async update(resource: Made, changes: Properties, preview = false) {
    const news = await this.newInputs(resource, changes);
    return this.provider.update({ ...this.change(resource, news), timeout: 0, preview });
  }

  async diff(resource: Made, changes: Properties, ignoreChanges: string[] = []) {
    return this.provider.diff({ ...this.change(resource, await this.newInputs(resource, changes)), ignoreChanges });
  }

  read(resource: Made) {
    const { id, properties, inputs } = resource;
    return this.provider.read({ ...identity(resource.type, resource.name), id, properties, inputs, timeout: 0 });
  }

  delete(resource: Made) {
    const { id, properties, inputs } = resource;
    const request = { ...identity(resource.type, resource.name), id, properties, oldInputs: inputs, timeout: 0 };
    return this.provider.delete(request);
  }

  async invoke(tok: string, args: Properties = {}): Promise<Properties> {
    return (await this.provider.invoke({ tok, args, preview: false })).return;
  }

  async journal(): Promise<string[]> {
    return (await readJournal(this.settings.directory)).map(({ operation, type }) => `${operation} ${type}`);
  }

  /** A role that the service may assume. */
  async role(name: string, servicePrincipal = 'sagemaker.amazonaws.com') {
    return this.create(ROLE, name, { assumeRolePolicy: trust(servicePrincipal) });
  }

  async model(name = 'model') {
    const role = await this.role(`${name}-role`);
    const primaryContainer = { image: '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1' };
    return this.create(MODEL, name, { executionRoleArn: role.properties['arn'] ?? '', primaryContainer });
  }

  async config(modelName: string, name = 'config') {
    return this.create(CONFIG, name, { productionVariants: [variant(modelName)] });
  }

  /** Model, configuration and endpoint. */
  async endpoint() {
    const model = await this.model();
    const config = await this.config(model.id);
    const endpoint = await this.create(ENDPOINT, 'endpoint', { endpointConfigName: config.id });
    return { model, config, endpoint };
  }

  private async newInputs(resource: Made, changes: Properties): Promise<Properties> {
    const given = Object.entries({ ...resource.inputs, ...changes }).filter(([key, value]) => {
      const own = key === '__defaults' || key === 'tagsAll' || (key === 'name' && !('name' in changes));
      return value !== null && !(own && isDefaulted(resource.inputs, key));
    });
    return (await this.check(resource.type, resource.name, Object.fromEntries(given), resource.inputs)).inputs;
  }

  private change(resource: Made, news: Properties) {
    const { id, properties: olds, inputs: oldInputs, type, name } = resource;
    return { ...identity(type, name), id, olds, oldInputs, news, ignoreChanges: [] as string[] };
  }
}

/** What the engine would have in its state. */
export interface Made {
  id: string;
  properties: Properties;
  inputs: Properties;
  type: string;
  name: string;
}

function isDefaulted(inputs: Properties, key: string): boolean {
  const names = inputs['__defaults'];
  return key === '__defaults' || key === 'tagsAll' || (Array.isArray(names) && names.includes(key));
}

export function identity(type: string, name: string) {
  return { urn: `urn:pulumi:dev::test::${type}::${name}`, name, type };
}

export function variant(modelName: string): Properties {
  return { modelName, instanceType: 'ml.m5.large', initialInstanceCount: 1, variantName: 'AllTraffic' };
}

/** An archive with one file, with the hash that the engine computes. */
export function archive(text: string, hash: string): Properties {
  return { [SIGNATURE]: ARCHIVE, hash, assets: { 'index.mjs': { [SIGNATURE]: ASSET, hash, text } } };
}

export function trust(servicePrincipal: string): string {
  const statement = { Effect: 'Allow', Principal: { Service: servicePrincipal }, Action: 'sts:AssumeRole' };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/** The error of a call that has to fail. */
export async function failure(call: Promise<unknown>): Promise<ProviderError> {
  try {
    await call;
  } catch (error) {
    return error as ProviderError;
  }
  throw new Error('The call succeeded, and should have failed.');
}

/** Waits for a condition. @throws after the deadline (milliseconds) */
export async function until<T>(condition: () => Promise<T | undefined | false>, deadline = 10_000): Promise<T> {
  const end = Date.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Not so within ${deadline} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Creates one resource in a process of its own. */
export function createInChild(settings: SandboxAwsSettings, type: string, name: string, news: Properties) {
  const script = fileURLToPath(new URL('./child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify({ settings, type, name, news })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null; output: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output })),
  );
  return { child, ended };
}
