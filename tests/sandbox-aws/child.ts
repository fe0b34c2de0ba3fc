/** Run as a process of its own: creates one resource and prints its id, or the error. */
import { createSandboxAws } from '../../sandbox/aws/sandbox-aws.ts';
import type { SandboxAwsSettings } from '../../sandbox/config.ts';
import type { Properties } from '../../sandbox/provider.ts';
import { identity } from './support.ts';

interface Task {
  settings: SandboxAwsSettings;
  type: string;
  name: string;
  news: Properties;
}

const { settings, type, name, news } = JSON.parse(process.argv[2] ?? '') as Task;
const provider = await createSandboxAws(settings).host.load('aws', '7.48.0');
await provider.configure({ urn: '', name: 'default', type: 'pulumi:providers:aws', id: '', inputs: {} });
const { inputs } = await provider.check({ ...identity(type, name), olds: {}, news, randomSeed: Buffer.from(name) });
try {
  const { id } = await provider.create({ ...identity(type, name), properties: inputs, timeout: 0, preview: false });
  process.stdout.write(JSON.stringify({ id }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
}
