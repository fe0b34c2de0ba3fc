/** An invocation of a function in the sandbox account: its code is run where there is any. */
import type { Properties } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { codeDirectory, exists } from './function-code.ts';
import { FunctionFailed, runFunction } from './lambda-runtime.ts';
import { startLocalEndpoint } from './local-endpoint/server.ts';
import type { Scope } from './partitions.ts';
import { isAssetOrArchive, object, text } from './properties.ts';
import { functionName } from './references.ts';
import type { World } from './resource-type.ts';
import type { Store, StoredResource } from './store.ts';
import { placeOf } from './store.ts';
import { join } from 'node:path';

const NODE = /^nodejs/;
const DEFAULT_TIMEOUT_SECONDS = 3;

/**
 * @returns the handler's answer as JSON text; for a function that is not of Node, or whose code is elsewhere, a text that says
 * what it was given
 * @throws ProviderError in the words of the real provider, where the function fails
 */
export async function invoke(inputs: Properties, scope: Scope, store: Store, world: World): Promise<string> {
  const name = functionName(text(inputs, 'functionName'));
  const found = await store.read(placeOf({ token: 'aws:lambda/function:Function' }, scope), name);
  const code = found && (await codeOf(found, store));
  if (!found || !code) return JSON.stringify({ sandbox: true, functionName: name, input: inputs['input'] ?? '' });
  const endpoint = await startLocalEndpoint({ store, scope, ...world, callerRoleArn: text(found.inputs, 'role') });
  try {
    const result = await runFunction({
      functionName: name,
      codeDirectory: code,
      handler: text(found.inputs, 'handler'),
      payload: JSON.parse(text(inputs, 'input') || 'null') as unknown,
      variables: variablesOf(found),
      region: scope.region,
      endpoint: endpoint.url,
      timeoutSeconds: Number(found.inputs['timeout'] ?? DEFAULT_TIMEOUT_SECONDS),
      logDirectory: join(store.directory, 'logs'),
      signal: world.signal,
    });
    return JSON.stringify(result);
  } catch (error) {
    if (!(error instanceof FunctionFailed)) throw error;
    throw new ProviderError(`invoking Lambda Function (${name}): ${JSON.stringify(error.payload)}`, { cause: error });
  } finally {
    await endpoint.close();
  }
}

async function codeOf(found: StoredResource, store: Store): Promise<string | undefined> {
  const archive = found.inputs['code'];
  if (!NODE.test(text(found.inputs, 'runtime')) || !isAssetOrArchive(archive)) return undefined;
  const directory = codeDirectory(store.directory, archive);
  return (await exists(directory)) ? directory : undefined;
}

function variablesOf(found: StoredResource): Record<string, string> {
  const variables = object(object(found.inputs, 'environment'), 'variables');
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)]));
}
