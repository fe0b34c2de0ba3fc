/** Where the HTTP APIs of the sandbox accounts answer: a file beside the accounts, which outlasts the sandbox. */
import { join } from 'node:path';
import { readIfThere, replaceFile } from './files.ts';
import type { Scope } from './partitions.ts';
import type { Store } from './store.ts';

/** The address of an API; undefined in accounts that no sandbox has served: there it is that of AWS. */
export async function localApiEndpoint(store: Store, scope: Scope, apiId: string): Promise<string | undefined> {
  const url = await gatewayUrl(store.directory);
  return url === undefined ? undefined : [url, scope.accountId, scope.region, apiId].join('/');
}

/** @param directory of the accounts */
export async function gatewayUrl(directory: string): Promise<string | undefined> {
  return (await readIfThere(fileIn(directory)))?.toString().trim() || undefined;
}

export async function keepGatewayUrl(directory: string, url: string): Promise<void> {
  await replaceFile(fileIn(directory), `${url}\n`);
}

function fileIn(directory: string): string {
  return join(directory, 'gateway-url');
}
