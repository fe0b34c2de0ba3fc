/** The real Pulumi CLI with the sandbox AWS attached over gRPC, as a child process loads it: `PULUMI_ENGINE=cli SANDBOX_AWS=1`. */
import { delimiter, join } from 'node:path';
import { environment } from '../automation/config/process-environment.ts';
import type { CreateCloud, CreateEngine } from '../automation/engine/engine.ts';
import { createEngine as createCliEngine } from '../automation/engine/cli.ts';
import { createSandboxAws } from './aws/sandbox-aws.ts';
import { attachSandbox } from './attach.ts';
import { sandboxSettingsOf } from './config.ts';

export const createCloud: CreateCloud = async (settings) =>
  createSandboxAws(sandboxSettingsOf(settings.options).aws).cloud;

export const createEngine: CreateEngine = async (settings) => {
  const { host, cloud } = createSandboxAws(sandboxSettingsOf(settings.options).aws);
  const { PATH = '' } = environment();
  const path = settings.root === undefined ? PATH : [join(settings.root, 'bin'), PATH].join(delimiter);
  const attached = await attachSandbox(host, { aws: undefined }, path);
  const cli = await createCliEngine(settings);
  return {
    ...cli,
    cloud,
    envVars: { ...cli.envVars, ...attached.envVars },
    close: () => attached.close(),
  };
};

export { findVersion } from '../automation/engine/cli.ts';
export { createPublisher } from './child-engine.ts';
