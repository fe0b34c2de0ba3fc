/** @see https://docs.aws.amazon.com/lambda/latest/api/welcome.html */
import { createHash } from 'node:crypto';
import type { CheckFailure, Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { contentSize } from '../content.ts';
import { keepCode } from '../function-code.ts';
import { invoke } from '../invoke-function.ts';
import { arn } from '../partitions.ts';
import type { Scope } from '../partitions.ts';
import { assetHash, isAbsent, isAssetOrArchive, object, same, text } from '../properties.ts';
import { functionName, requireRole } from '../references.ts';
import type { CallContext, Reference, TypeDefinition } from '../resource-type.ts';
import type { StoredResource } from '../store.ts';
import { placeOf } from '../store.ts';

const service = { folder: 'lambda', sdkId: 'Lambda' };
const FUNCTION = 'aws:lambda/function:Function';
const PERMISSION = 'aws:lambda/permission:Permission';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED_VARIABLES =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_DEFAULT_REGION|AWS_REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;
const RUNTIME = /^(nodejs\d+\.x|python3\.\d+|java\d+(\.al2)?|dotnet\w+|ruby\d\.\d|provided(\.al\d+)?|go1\.x)$/;

/** What changes the code that runs, as opposed to how it runs. */
const CODE_INPUTS = ['code', 'sourceCodeHash', 's3Bucket', 's3Key', 's3ObjectVersion', 'imageUri', 'architectures'];
const NOT_CONFIGURATION = ['tags', 'tagsAll', 'publish', 'reservedConcurrentExecutions', 'region'];

async function codeOutputs(inputs: Properties): Promise<Properties> {
  const code = inputs['code'];
  if (isAssetOrArchive(code)) {
    const codeSha256 = Buffer.from(assetHash(code), 'hex').toString('base64');
    return { codeSha256, sourceCodeSize: await contentSize(code) };
  }
  const elsewhere = ['s3Bucket', 's3Key', 's3ObjectVersion', 'imageUri'].map((key) => text(inputs, key)).join('|');
  return { codeSha256: createHash('sha256').update(elsewhere).digest('base64'), sourceCodeSize: 0 };
}

function versionOutputs(functionArn: string, scope: Scope, version: string): Properties {
  const qualifiedArn = `${functionArn}:${version}`;
  return { version, qualifiedArn, qualifiedInvokeArn: invokeArn(qualifiedArn, scope, '2015-03-31', 'invocations') };
}

function invokeArn(functionArn: string, scope: Scope, date: string, action: string): string {
  return (
    `arn:${scope.partition}:apigateway:${scope.region}:lambda:path/${date}` + `/functions/${functionArn}/${action}`
  );
}

/** `2026-03-01T10:00:00.000+0000`, the form that Lambda shows. */
const timestamp = (): string => new Date().toISOString().replace('Z', '+0000');

const changed = (news: Properties, olds: Properties, keys: readonly string[]): boolean =>
  keys.some((key) => !same(news[key], olds[key]));

function publishes(news: Properties, oldInputs: Properties): boolean {
  if (news['publish'] !== true) return false;
  const configuration = Object.keys({ ...news, ...oldInputs }).filter((key) => !NOT_CONFIGURATION.includes(key));
  return oldInputs['publish'] !== true || changed(news, oldInputs, configuration);
}

function checkPackage(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const sources = ['code', 'imageUri', 's3Bucket'].filter((key) => !isAbsent(inputs[key]));
  if (sources.length !== 1) {
    failures.push({ property: 'code', reason: 'one of `filename,image_uri,s3_bucket` must be specified' });
  }
  const zip = !sources.includes('imageUri') && text(inputs, 'packageType') !== 'Image';
  for (const property of zip ? ['handler', 'runtime'] : []) {
    if (isAbsent(inputs[property])) {
      failures.push({ property, reason: 'handler and runtime must be set when PackageType is Zip' });
    }
  }
  return failures;
}

async function requireRunnable(context: CallContext): Promise<void> {
  const { inputs } = context;
  await requireRole(context, text(inputs, 'role'), 'lambda.amazonaws.com', {
    code: 'InvalidParameterValueException',
    message: 'The role defined for the function cannot be assumed by Lambda.',
  });
  const runtime = text(inputs, 'runtime');
  if (runtime !== '' && !RUNTIME.test(runtime)) {
    refuse('InvalidParameterValueException', `Value ${runtime} at 'runtime' failed to satisfy constraint.`);
  }
  const variables = Object.keys(object(object(inputs, 'environment'), 'variables'));
  const reserved = variables.filter((name) => RESERVED_VARIABLES.test(name));
  if (reserved.length > 0) {
    refuse(
      'InvalidParameterValueException',
      'Lambda was unable to configure your environment variables because the environment variables you have ' +
        `provided contains reserved keys that are currently not supported for modification. Reserved keys used in ` +
        `this request: ${reserved.join(', ')}`,
    );
  }
}

const lambdaFunction: TypeDefinition = {
  token: FUNCTION,
  service,
  title: 'Lambda Function',
  api: { create: 'CreateFunction', update: 'UpdateFunctionConfiguration', delete: 'DeleteFunction' },
  autoName: { property: 'name', maxLength: 64 },
  nameRule: { property: 'name', maxLength: 64, pattern: /^[a-zA-Z0-9-_]+$/, code: 'InvalidParameterValueException' },
  rules: [
    { path: 'role', pattern: /^arn:/ },
    { path: 'timeout', min: 1, max: 900 },
    { path: 'memorySize', min: 128, max: 32_768 },
    { path: 'ephemeralStorage.size', min: 512, max: 10_240 },
    { path: 'packageType', oneOf: ['Zip', 'Image'] },
    { path: 'architectures[]', oneOf: ['x86_64', 'arm64'] },
    { path: 'tracingConfig.mode', oneOf: ['Active', 'PassThrough'] },
    { path: 'handler', maxLength: 128, pattern: /^\S+$/ },
    { path: 'description', maxLength: 256 },
    { path: 'loggingConfig.logFormat', oneOf: ['JSON', 'Text'] },
  ],
  check: checkPackage,
  replaceOn: ['name', 'packageType', 'tenancyConfig'],
  defaults: {
    architectures: ['x86_64'],
    memorySize: 128,
    packageType: 'Zip',
    publish: false,
    reservedConcurrentExecutions: -1,
    skipDestroy: false,
    timeout: 3,
    signingJobArn: '',
    signingProfileVersionArn: '',
  },
  computed: ['codeSha256'],
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'name') },
  outputs: async (inputs, id, scope) => {
    const functionArn = arn(scope, 'lambda', `function:${id}`);
    return {
      arn: functionArn,
      invokeArn: invokeArn(functionArn, scope, '2015-03-31', 'invocations'),
      responseStreamingInvokeArn: invokeArn(functionArn, scope, '2021-11-15', 'response-streaming-invocations'),
      lastModified: timestamp(),
      ...(await codeOutputs(inputs)),
      ...versionOutputs(functionArn, scope, inputs['publish'] === true ? '1' : '$LATEST'),
    };
  },
  updated: async (news, before, scope) => {
    const latest = Number(before.outputs['version']) || 0;
    const published = publishes(news, before.inputs)
      ? versionOutputs(text(before.outputs, 'arn'), scope, String(latest + 1))
      : {};
    // Code that did not change is not measured again: its archive may be gone from disk.
    const code = changed(news, before.inputs, CODE_INPUTS) ? await codeOutputs(news) : {};
    return { lastModified: timestamp(), ...code, ...published };
  },
  volatile: (news, oldInputs) => [
    'lastModified',
    ...(changed(news, oldInputs, CODE_INPUTS) ? ['codeSha256', 'sourceCodeSize'] : []),
    ...(publishes(news, oldInputs) ? ['version', 'qualifiedArn', 'qualifiedInvokeArn'] : []),
  ],
  duplicate: {
    code: 'ResourceConflictException',
    status: 409,
    message: (name) => `Function already exist: ${name}`,
  },
  refuseCreate: requireRunnable,
  refuseUpdate: requireRunnable,
  cascade: async ({ store, scope }, before) => store.list(placeOf({ token: PERMISSION }, scope), `${before.key}/`),
  keepOnDelete: (inputs) => inputs['skipDestroy'] === true,
  keep: (inputs, store) => keepCode(store.directory, inputs),
  seconds: { create: 0.2, update: 0.2 },
};

const functionExists = (property: string): Reference => ({
  property,
  type: FUNCTION,
  key: functionName,
  code: 'ResourceNotFoundException',
  status: 404,
  message: (name) => `Function not found: ${name}`,
});

const permission: TypeDefinition = {
  token: PERMISSION,
  service,
  title: 'Lambda Permission',
  api: { create: 'AddPermission', delete: 'RemovePermission' },
  autoName: { property: 'statementId', maxLength: 100, conflictsWith: ['statementIdPrefix'] },
  nameRule: {
    property: 'statementId',
    maxLength: 100,
    pattern: /^[a-zA-Z0-9-_]+$/,
    code: 'InvalidParameterValueException',
  },
  rules: [{ path: 'action', pattern: /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/ }],
  replaceOn: { allExcept: [] },
  identity: {
    kind: 'derived',
    key: (inputs) => `${functionName(text(inputs, 'function'))}/${text(inputs, 'statementId')}`,
    id: (inputs) => text(inputs, 'statementId'),
  },
  references: [functionExists('function')],
  duplicate: {
    code: 'ResourceConflictException',
    status: 409,
    message: (key) => `The statement id (${key.slice(key.indexOf('/') + 1)}) provided already exists.`,
  },
  refuseCreate: async ({ inputs }) => {
    if (text(inputs, 'qualifier') === '$LATEST') {
      refuse('InvalidParameterValueException', 'We currently do not support adding policies for $LATEST.');
    }
  },
};

const qualifierOf = (inputs: Properties): string => text(inputs, 'qualifier') || '$LATEST';

const md5 = (value: string): string => createHash('md5').update(value).digest('hex');
const isCrud = (inputs: Properties): boolean => text(inputs, 'lifecycleScope') === 'CRUD';

const invocation: TypeDefinition = {
  token: 'aws:lambda/invocation:Invocation',
  service,
  title: 'Lambda Invocation',
  api: { create: 'Invoke', update: 'Invoke', delete: 'Invoke' },
  rules: [
    { path: 'input', json: true },
    { path: 'lifecycleScope', oneOf: ['CREATE_ONLY', 'CRUD'] },
  ],
  replaceOn: ['functionName', 'qualifier', 'triggers'],
  replaceWhen: (key, news) => key === 'input' && !isCrud(news),
  documents: ['input'],
  defaults: { lifecycleScope: 'CREATE_ONLY', qualifier: '$LATEST', terraformKey: 'tf' },
  identity: {
    kind: 'derived',
    key: (inputs) =>
      `${functionName(text(inputs, 'functionName'))},${qualifierOf(inputs)},${md5(text(inputs, 'input'))}`,
  },
  outputs: async (inputs, _id, scope, store, world) => ({ result: await invoke(inputs, scope, store, world) }),
  updated: async (news, _before, scope, store, world) => ({ result: await invoke(news, scope, store, world) }),
  volatile: (news, oldInputs) => (changed(news, oldInputs, ['input']) ? ['result'] : []),
  references: [functionExists('functionName')],
  seconds: { create: 0.1, update: 0.1 },
};

const eventInvokeConfig: TypeDefinition = {
  token: 'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig',
  service,
  title: 'Lambda Function Event Invoke Config',
  api: {
    create: 'PutFunctionEventInvokeConfig',
    update: 'PutFunctionEventInvokeConfig',
    delete: 'DeleteFunctionEventInvokeConfig',
  },
  rules: [
    { path: 'maximumRetryAttempts', min: 0, max: 2 },
    { path: 'maximumEventAgeInSeconds', min: 60, max: 21_600 },
  ],
  replaceOn: ['functionName', 'qualifier'],
  defaults: { maximumRetryAttempts: 2 },
  identity: {
    kind: 'derived',
    key: (inputs) => {
      const qualifier = text(inputs, 'qualifier');
      return text(inputs, 'functionName') + (qualifier === '' ? '' : `:${qualifier}`);
    },
  },
  references: [functionExists('functionName')],
};

/** For other services' checks: whether a function of this name is there. */
export async function findFunction(context: CallContext, nameOrArn: string): Promise<StoredResource | undefined> {
  return context.store.read(placeOf({ token: FUNCTION }, context.scope), functionName(nameOrArn));
}

export const lambdaTypes: readonly TypeDefinition[] = [lambdaFunction, permission, invocation, eventInvokeConfig];
