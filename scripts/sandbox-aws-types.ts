/**
 * Writes what the classes of `@pulumi/aws` know of the sandbox's resource types to `sandbox/aws/sdk-types.json`: which inputs
 * they require, which outputs only AWS knows, whether they take tags. Run it after a change of the version of
 * `@pulumi/aws`, or of what the sandbox simulates: `npm run sandbox:types`.
 */
import { writeFileSync } from 'node:fs';
import { addTypes, simulatedTypes } from '../sandbox/aws/registry.ts';
import { INFRA_EXTENSION } from './infra-sandbox/extension.ts';
import { readSdkTypes, sdkTypesText, SDK_TYPES_FILE } from './sandbox-sdk-types.ts';

addTypes(INFRA_EXTENSION.types);
const tokens = simulatedTypes();
writeFileSync(SDK_TYPES_FILE, sdkTypesText(readSdkTypes(tokens)));
process.stdout.write(`${SDK_TYPES_FILE}: ${tokens.length} types\n`);
