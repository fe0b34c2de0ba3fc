/** Reads the facts of resource types out of the SDK's generated classes, which are all alike. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { SdkType } from '../sandbox/aws/resource-type.ts';

/** Where the sandbox reads them from. */
export const SDK_TYPES_FILE = fileURLToPath(new URL('../sandbox/aws/sdk-types.json', import.meta.url));

const require = createRequire(import.meta.url);

/** @throws where the SDK has no such class, or has it under another token */
export function readSdkTypes(tokens: readonly string[]): Record<string, SdkType> {
  return Object.fromEntries([...tokens].sort().map((token) => [token, readSdkType(token)]));
}

function readSdkType(token: string): SdkType {
  const [, path = ''] = token.split(':');
  const source = readFileSync(require.resolve(`@pulumi/aws/${path}.js`), 'utf8');
  const all = (pattern: RegExp): string[] => [...new Set([...source.matchAll(pattern)].map(([, name]) => name ?? ''))];
  if (!all(/__pulumiType = '([^']+)'/g).includes(token)) throw new Error(`@pulumi/aws/${path} is not ${token}`);
  const outputs = all(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g);
  return {
    required: all(/Missing required property '(\w+)'/g).sort(),
    outputs: outputs.filter((name) => name !== 'tagsAll').sort(),
    taggable: outputs.includes('tagsAll'),
  };
}

/** @returns the file's text: one line a type, so that a change shows as one line */
export function sdkTypesText(types: Record<string, SdkType>): string {
  const lines = Object.entries(types).map(([token, facts]) => `${JSON.stringify(token)}: ${JSON.stringify(facts)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}
