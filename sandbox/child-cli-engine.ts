/**
 * The real Pulumi CLI with the sandbox AWS attached over gRPC, as a child process loads it: `PULUMI_ENGINE=cli SANDBOX_AWS=1`.
 * @see https://www.pulumi.com/docs/iac/cli/environment-variables/ (PULUMI_DEBUG_PROVIDERS)
 */
import type { CreateCloud, CreateEngine } from '../automation/engine/engine.ts';
import { createEngine as createCliEngine } from '../automation/engine/cli.ts';
import { createSandboxAws } from './aws/sandbox-aws.ts';
import { serveProvider } from './aws/serve.ts';
import { readSandboxSettings } from './config.ts';

export const createCloud: CreateCloud = async (settings) =>
  createSandboxAws(readSandboxSettings(settings.options).aws).cloud;

export const createEngine: CreateEngine = async (settings) => {
  const { host, cloud } = createSandboxAws(readSandboxSettings(settings.options).aws);
  const provider = await serveProvider(host, 'aws');
  const cli = await createCliEngine(settings);
  return {
    ...cli,
    cloud,
    envVars: { ...cli.envVars, PULUMI_DEBUG_PROVIDERS: `aws:${provider.port}` },
    close: () => provider.close(),
  };
};

export { findVersion } from '../automation/engine/cli.ts';
export { createPublisher } from './child-engine.ts';
