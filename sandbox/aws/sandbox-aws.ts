/** The sandbox AWS: a provider for the engine, and a look at the accounts from outside. */
import type { Cloud } from '../../automation/aws/cloud.ts';
import type { SandboxAwsSettings } from '../config.ts';
import { createAwsxProvider } from '../infra-aws/awsx/awsx-provider.ts';
import type { Provider, ProviderHost } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { createRandomProvider } from '../infra-aws/random/random-provider.ts';
import { AwsProvider } from './aws-provider.ts';
import { SIMULATED_FUNCTIONS } from './functions.ts';
import { JOB_KINDS } from './local-endpoint/job-kinds.ts';
import { findType } from './registry.ts';
import { SandboxCloud } from './sandbox-cloud.ts';
import { Store } from './store.ts';

const PROVIDER_TYPE = 'pulumi:providers:aws';

/**
 * @returns a host that gives a fresh provider for every provider resource, and the same accounts as a {@link Cloud}.
 * @throws ProviderError when a fault names a type that the sandbox does not have.
 */
export function createSandboxAws(settings: SandboxAwsSettings): { host: ProviderHost; cloud: Cloud } {
  requireKnownFaults(settings);
  /** `awsx` makes its components of `aws`; programs on both use `random` for passwords. */
  const packages: Record<string, () => Provider> = {
    aws: () => new AwsProvider(settings),
    awsx: createAwsxProvider,
    random: createRandomProvider,
  };
  const host: ProviderHost = {
    async load(packageName) {
      const create = Object.hasOwn(packages, packageName) ? packages[packageName] : undefined;
      if (!create) {
        const known = Object.keys(packages).join(', ');
        throw new ProviderError(`The sandbox has no provider for package '${packageName}'. It has: ${known}.`);
      }
      return create();
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
