/**
 * For tests of blueprints, ours and custom ones: runs a program without an engine and records every resource that it
 * registers. AWS answers what programs look up: account, partition and registries.
 */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { BlueprintContext, BlueprintProgram, PipelineRequest } from './blueprint.ts';

export const ACCOUNT = '111111111111';
export const REGION = 'us-east-1';
/** What auto-naming appends, and what it appends to a replacement. */
export const RANDOM = '1234567';
const RANDOM_OF_REPLACEMENT = '7654321';

export interface Registered {
  type: string;
  name: string;
  urn: string;
  inputs: Record<string, unknown>;
  /** The same as the engine gets them: assets and archives are plain objects. */
  wire: Record<string, unknown>;
  parent: string;
  /** URNs of everything that it waits for: references and `dependsOn`. */
  dependencies: string[];
  /** Logical names of what a property refers to. */
  references: Record<string, string[]>;
  replaceOnChanges: string[];
  deleteBeforeReplace: boolean | undefined;
  provider: string;
}

export interface Run {
  resources: Registered[];
  outputs: Record<string, unknown>;
  /** Invokes, in order. */
  calls: { token: string; inputs: Record<string, unknown> }[];
  /** The one resource of a type (its last part) and, where there are several, of a logical name. */
  find(type: string, name?: string): Registered;
}

/** Answers of AWS that differ between tests, by the last part of the token. */
export type Answers = Record<string, (inputs: Record<string, string>) => Record<string, unknown>>;

const PLACE: Answers = {
  getPartition: () => ({ partition: 'aws', dnsSuffix: 'amazonaws.com' }),
  getCallerIdentity: () => ({ accountId: ACCOUNT }),
  getPrebuiltEcrImage: () => ({ registryId: '811284229777' }),
  getKey: ({ keyId }) => ({ arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/of-${String(keyId).split('/').at(-1)}` }),
};

export interface RunOptions {
  /** Filled in as resources are registered, for programs that fail. */
  resources?: Registered[];
  /** Logical names of resources that are replaced: they get another id and another generated name. */
  replaced?: ReadonlySet<string>;
  /** What resources of other providers answer, by type. */
  states?: Readonly<Record<string, Record<string, unknown>>>;
}

/**
 * @param context what the program needs to know beyond the defaults of a single account
 * @param answers to what the program looks up in AWS, by the last part of the token
 * @throws what the program throws
 */
export async function run(
  program: BlueprintProgram,
  request: Record<string, unknown>,
  context: Partial<BlueprintContext> = {},
  answers: Answers = {},
  { resources = [], replaced = new Set(), states = {} }: RunOptions = {},
): Promise<Run> {
  const calls: Run['calls'] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => ({
      id: `${name}-id${replaced.has(name) ? '-2' : ''}`,
      state: { ...stateOf(type, name, inputs, replaced.has(name) ? RANDOM_OF_REPLACEMENT : RANDOM), ...states[type] },
    }),
    call: ({ token, inputs }) => {
      calls.push({ token, inputs });
      const answer = { ...PLACE, ...answers }[token.split(':').at(-1) ?? ''];
      if (!answer) throw new Error(`no answer for ${token}`);
      return answer(inputs);
    },
  });
  record(resources);
  const provider = new aws.Provider('place', { region: REGION });
  const made = await program(
    {
      pipelineId: 'mlops-pipeline-my-model-name-postfix',
      environment: 'main',
      accountId: ACCOUNT,
      region: REGION,
      assetsBucket: 'assets-bucket',
      tags: {},
      allowDetailedErrorMessage: false,
      run: 1,
      ...context,
      provider,
    },
    request as PipelineRequest,
  );
  const outputs = await resolved(made);
  // Children that no output refers to are registered by now, but perhaps not answered yet.
  await pulumi.runtime.disconnect(false);
  return { resources, outputs, calls, find: (type, name) => findIn(resources, type, name) };
}

function resolved(outputs: Record<string, pulumi.Input<unknown>>): Promise<Record<string, unknown>> {
  return new Promise((resolve) => pulumi.output(outputs).apply(resolve as (value: unknown) => void));
}

interface Message {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { toArray(): [string, unknown][]; get(key: string): { getUrnsList(): string[] } };
  getReplaceonchangesList(): string[];
  getDeletebeforereplace(): boolean;
  getDeletebeforereplacedefined(): boolean;
  getProvider(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
}
type Register = (
  request: Message,
  callback: (error: unknown, answer: { getUrn(): string } | undefined) => void,
) => void;

/** The mocks see inputs only; resource options are in the messages. */
function record(resources: Registered[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, answer) => {
      if (answer) resources.push(describe(request, answer.getUrn()));
      callback(error, answer);
    });
}

const logicalName = (urn: string): string => urn.split('::').at(-1) ?? '';

function describe(request: Message, urn: string): Registered {
  const properties = request.getPropertydependenciesMap();
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    inputs: pulumi.runtime.deserializeProperties(request.getObject() as never) as Record<string, unknown>,
    wire: request.getObject().toJavaScript(),
    parent: logicalName(request.getParent()),
    dependencies: [...new Set(request.getDependenciesList().map(logicalName))].sort(),
    references: Object.fromEntries(
      properties
        .toArray()
        .map(([key]) => [key, properties.get(key).getUrnsList().map(logicalName).sort()] as const)
        .filter(([, urns]) => urns.length > 0),
    ),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    provider: logicalName(request.getProvider().split('::').slice(0, -1).join('::')),
  };
}

function findIn(resources: readonly Registered[], type: string, name?: string): Registered {
  const found = resources.filter((one) => one.type.endsWith(`:${type}`) && (name === undefined || one.name === name));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} of ${type} ${name ?? ''}`);
  return found[0];
}

const ARNS: Record<string, (name: string) => string> = {
  'aws:sagemaker/endpoint:Endpoint': (name) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${name}`,
  'aws:cloudwatch/logGroup:LogGroup': (name) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}`,
  'aws:iam/role:Role': (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
  'aws:lambda/function:Function': (name) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
};

function stateOf(
  type: string,
  logical: string,
  inputs: Record<string, unknown>,
  random: string,
): Record<string, unknown> {
  const name = typeof inputs.name === 'string' ? inputs.name : `${logical}-${random}`;
  return {
    ...inputs,
    ...(type === 'aws:s3/bucket:Bucket' ? { bucket: inputs.bucket ?? `${logical}-${random}` } : {}),
    name,
    arn: ARNS[type]?.(name) ?? `arn:aws:unknown:::${name}`,
    ...(type.endsWith(':Invocation') ? { result: JSON.stringify({ jobName: `${logical}-job`, created: true }) } : {}),
    ...(type.endsWith(':Api')
      ? {
          apiEndpoint: `https://abc.execute-api.${REGION}.amazonaws.com`,
          executionArn: `arn:aws:execute-api:${REGION}:${ACCOUNT}:abc`,
        }
      : {}),
  };
}
