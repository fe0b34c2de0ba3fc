/** The sandbox AWS: a provider for the engine, and the accounts as the service's own AWS calls see them. */
import type { Cloud } from '../../automation/aws/cloud.ts';
import type { SandboxAwsSettings } from '../config.ts';
import type { Provider, ProviderHost } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { AwsProvider } from './aws-provider.ts';
import type { AwsFunction } from './functions.ts';
import { addFunctions, simulatedFunctions } from './functions.ts';
import { JOB_KINDS } from './local-endpoint/job-kinds.ts';
import { addTypes, findType } from './registry.ts';
import type { TypeDefinition } from './resource-type.ts';
import { SandboxCloud } from './sandbox-cloud.ts';
import { Store } from './store.ts';

const PROVIDER_TYPE = 'pulumi:providers:aws';

/** What a program needs beside what pipelines are made of. */
export interface SandboxExtension {
  readonly types: readonly TypeDefinition[];
  readonly functions: Readonly<Record<string, AwsFunction>>;
  /** Providers of other packages, by the package's name. */
  readonly packages: Readonly<Record<string, () => Provider>>;
}

/**
 * @param extension types, functions and packages that are simulated as well
 * @returns a host that gives a fresh provider for every provider resource, and the same accounts as a {@link Cloud}.
 * @throws ProviderError when a fault names a type that the sandbox does not have.
 */
export function createSandboxAws(
  settings: SandboxAwsSettings,
  extension?: SandboxExtension,
): { host: ProviderHost; cloud: Cloud } {
  addTypes(extension?.types ?? []);
  addFunctions(extension?.functions ?? {});
  requireKnownFaults(settings);
  const packages: Record<string, () => Provider> = { aws: () => new AwsProvider(settings), ...extension?.packages };
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
    simulatedFunctions().includes(type) ||
    JOB_KINDS.some(({ token }) => token === type);
  const strange = settings.faults.map(({ type }) => type).filter((type) => !known(type));
  if (strange.length > 0) {
    throw new ProviderError(`SANDBOX_FAULTS names types that the sandbox AWS does not have: ${strange.join(', ')}`);
  }
}
