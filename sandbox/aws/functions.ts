/** The provider functions (data sources) that the sandbox implements. */
import { createHash } from 'node:crypto';
import type { CheckFailure, Properties, Property } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { AwsRefusal, refuse } from './aws-errors.ts';
import { arn, isRegion, partitionOf, scopeOf } from './partitions.ts';
import { policyDocument } from './policy-document.ts';
import { registryOf } from './prebuilt-images.ts';
import { hasUnknown, object, same, text } from './properties.ts';
import type { ProviderSettings } from './provider-settings.ts';
import type { Store } from './store.ts';
import { placeOf } from './store.ts';

type Answer = Properties | Promise<Properties>;
export type AwsFunction = (args: Properties, provider: ProviderSettings, store: Store) => Answer;

export const regionOf = (args: Properties, provider: ProviderSettings): string =>
  text(args, 'region') || provider.region;

/** A one-based checksum as the real function's id; its value means nothing. */
const checksum = (value: string): string =>
  String(parseInt(createHash('sha256').update(value).digest('hex').slice(0, 8), 16));

const FUNCTIONS: Record<string, AwsFunction> = {
  'aws:index/getCallerIdentity:getCallerIdentity': (_args, { accountId, callerArn }) => ({
    accountId,
    arn: callerArn,
    id: accountId,
    userId: callerArn.includes(':assumed-role/') ? `AROASANDBOX:${callerArn.split('/').at(-1) ?? ''}` : 'AIDASANDBOX',
  }),

  'aws:index/getPartition:getPartition': (_args, provider) => {
    const found = partitionOf(provider.region);
    return { ...found, id: found.partition };
  },

  'aws:index/getRegion:getRegion': (args, provider) => {
    const region = text(args, 'region') || text(args, 'name') || provider.region;
    if (!isRegion(region)) throw new ProviderError(`no matching EC2 Region found: ${region}`);
    const endpoint = `ec2.${region}.${partitionOf(region).dnsSuffix}`;
    return { region, name: region, id: region, endpoint, description: region };
  },

  'aws:iam/getPolicyDocument:getPolicyDocument': (args) => {
    const { json, minifiedJson } = policyDocument(args);
    return { ...args, json, minifiedJson, id: checksum(json), version: text(args, 'version') || '2012-10-17' };
  },

  'aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage': (args, provider) => {
    const region = regionOf(args, provider);
    const repositoryName = text(args, 'repositoryName');
    const imageTag = text(args, 'imageTag') || '1';
    const dnsSuffix = text(args, 'dnsSuffix') || partitionOf(region).dnsSuffix;
    const registryId = registryOf(repositoryName, region);
    const registryPath = `${registryId}.dkr.ecr.${region}.${dnsSuffix}/${repositoryName}:${imageTag}`;
    return { id: registryId, registryId, registryPath, region, repositoryName, imageTag, dnsSuffix };
  },

  'aws:kms/getKey:getKey': async (args, provider, store) => {
    const given = text(args, 'keyId');
    const [, , , region = regionOf(args, provider), account = provider.accountId] = given.split(':');
    const scope = scopeOf(account, region);
    const [, name] = /(alias\/.+)$/.exec(given) ?? [];
    const alias = name ? await store.read(placeOf({ token: 'aws:kms/alias:Alias' }, scope), name) : undefined;
    if (name && !alias) refuse('NotFoundException', `Alias ${arn(scope, 'kms', name)} is not found.`);
    const keyArn = alias
      ? text(alias.outputs, 'targetKeyArn')
      : given.includes(':key/')
        ? given
        : arn(scope, 'kms', `key/${given}`);
    const keyId = keyArn.split('/').at(-1) ?? '';
    return { ...args, id: keyId, arn: keyArn, awsAccountId: account, enabled: true, keyState: 'Enabled', region };
  },

  'aws:apigatewayv2/getApis:getApis': async (args, provider, store) => {
    const region = regionOf(args, provider);
    const place = placeOf({ token: 'aws:apigatewayv2/api:Api' }, scopeOf(provider.accountId, region));
    const tags = object(args, 'tags');
    const matching = (await store.list(place)).filter(
      ({ inputs }) =>
        (text(args, 'name') === '' || inputs['name'] === args['name']) &&
        (text(args, 'protocolType') === '' || inputs['protocolType'] === args['protocolType']) &&
        Object.entries(tags).every(([key, value]) => same(object(inputs, 'tagsAll')[key], value)),
    );
    return { ...args, id: region, ids: matching.map(({ id }) => id).sort(), region };
  },
};

/** Adds the functions of an extension, for the whole process. */
export function addFunctions(functions: Readonly<Record<string, AwsFunction>>): void {
  Object.assign(FUNCTIONS, functions);
}

/** Tokens of all simulated functions. */
export function simulatedFunctions(): string[] {
  return Object.keys(FUNCTIONS).sort();
}

/** @throws ProviderError for a function that is not simulated, or one that fails, in the real provider's words. */
export async function invokeFunction(
  token: string,
  args: Properties,
  provider: ProviderSettings,
  store: Store,
): Promise<{ return: Properties; failures: CheckFailure[] }> {
  const call = FUNCTIONS[token];
  if (!call) {
    throw new ProviderError(
      `The sandbox AWS does not simulate ${token}. It simulates: ${simulatedFunctions().join(', ')}.`,
    );
  }
  if (hasUnknown(args as Property)) return { return: {}, failures: [] };
  try {
    return { return: await call(args, provider, store), failures: [] };
  } catch (error) {
    if (error instanceof AwsRefusal) throw new ProviderError(`invoking ${token}: ${error.message}`, { cause: error });
    throw error;
  }
}
