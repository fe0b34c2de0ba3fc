/** The sandbox AWS: a provider for the engine, and a look at the accounts from outside. */
import type { Cloud } from '../../automation/cloud/cloud.ts';
import type { SandboxAwsSettings } from '../config.ts';
import type { ProviderHost } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { AwsProvider } from './aws-provider.ts';
import { SIMULATED_FUNCTIONS } from './functions.ts';
import { JOB_KINDS } from './local-endpoint/job-kinds.ts';
import { findType } from './registry.ts';
import { SandboxCloud } from './sandbox-cloud.ts';
import { Store } from './store.ts';

/** The one package that the sandbox has a provider for. */
const PACKAGE = 'aws';
const PROVIDER_TYPE = 'pulumi:providers:aws';

/**
 * @returns a host that gives a fresh provider for every `pulumi:providers:aws`, and the same accounts as a {@link Cloud}.
 * @throws ProviderError when a fault names a type that the sandbox does not have.
 */
export function createSandboxAws(settings: SandboxAwsSettings): { host: ProviderHost; cloud: Cloud } {
  requireKnownFaults(settings);
  const host: ProviderHost = {
    async load(packageName) {
      if (packageName !== PACKAGE) {
        throw new ProviderError(`The sandbox has no provider for package '${packageName}'. It has: ${PACKAGE}.`);
      }
      return new AwsProvider(settings);
    },
  };
  return { host, cloud: new SandboxCloud(settings, new Store(settings.directory)) };
}

/** A fault on a type that does not exist would never strike, and the test that relies on it would prove nothing. */
function requireKnownFaults(settings: SandboxAwsSettings): void {
  const known = (type: string): boolean =>
    type === '*' ||
    type === PROVIDER_TYPE ||
    findType(type) !== undefined ||
    SIMULATED_FUNCTIONS.includes(type) ||
    JOB_KINDS.some(({ token }) => token === type);
  const strange = settings.faults.map(({ type }) => type).filter((type) => !known(type));
  if (strange.length > 0) {
    throw new ProviderError(`SANDBOX_FAULTS names types that the sandbox AWS does not have: ${strange.join(', ')}`);
  }
}
