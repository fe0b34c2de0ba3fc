/** A process of its own whose operation never ends: its provider answers no create. To be killed by the test. */
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import * as aws from '@pulumi/aws';
import { createSandboxCommand } from '../../../sandbox/engine/command.ts';
import { RecorderHost } from './recorder-provider.ts';
import { PROJECT } from './workbench.ts';

const [backend = '', stackName = ''] = process.argv.slice(2);
const host = new RecorderHost({
  async before({ method, name }) {
    if (method === 'create' && name === 'second') {
      process.stdout.write('creating\n');
      await new Promise(() => setInterval(() => undefined, 1_000));
    }
  },
});
const stack = await LocalWorkspace.createOrSelectStack(
  {
    stackName,
    projectName: PROJECT,
    program: () => {
      const first = new aws.sns.Topic('first', {});
      new aws.sns.Topic('second', {}, { dependsOn: first });
      return Promise.resolve();
    },
  },
  {
    pulumiCommand: createSandboxCommand({ providers: host }),
    envVars: {
      PULUMI_BACKEND_URL: backend,
      PULUMI_CONFIG_PASSPHRASE: 'x',
      SANDBOX_KEY_ROUNDS: process.env.SANDBOX_KEY_ROUNDS ?? '',
    },
  },
);
await stack.up();
