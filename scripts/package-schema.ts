/** `npm run package:schema`: writes the schema of the Pulumi package, from which SDKs are generated. A test keeps it current. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { packageSchema } from '../package/schema.ts';

const file = fileURLToPath(new URL('../package/schema.json', import.meta.url));
const options = { ...(await resolveConfig(file)), filepath: file };
await writeFile(file, await format(JSON.stringify(packageSchema(), null, 2), options));
