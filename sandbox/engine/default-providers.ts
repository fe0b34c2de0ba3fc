import type { Properties } from '../provider.ts';
import type { DeploymentOptions } from './deployment-options.ts';
import type { Goal } from './goal.ts';
import { plainGoal } from './goal.ts';
import { setPlugin } from './monitor-requests.ts';
import { secret } from './properties.ts';
import { createUrn } from './urn.ts';

/** Represents a default provider that the stack's configuration forbids. */
const DENIED = 'denied-default-provider::';

/** @returns a reference that stands for a forbidden default provider, if it is one */
export function deniedReference({ config }: DeploymentOptions, packageName: string): string | undefined {
  const disabled = JSON.parse(config['pulumi:disable-default-providers']?.value ?? '[]') as string[];
  return disabled.includes('*') || disabled.includes(packageName) ? `${DENIED}${packageName}` : undefined;
}

/** @returns the package of a forbidden default provider */
export function deniedPackage(reference: string): string | undefined {
  return reference.startsWith(DENIED) ? reference.slice(DENIED.length) : undefined;
}

/**
 * The provider for a package if the program names none: one per package and version, configured by the stack.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/providers/#default-provider-configuration
 */
export function defaultProviderGoal(
  { stack, project, config }: DeploymentOptions,
  packageName: string,
  version: string,
  downloadUrl: string,
): Goal {
  const type = `pulumi:providers:${packageName}`;
  const name = version === '' ? 'default' : `default_${version.replace(/[.+-]/g, '_')}`;
  const configured = Object.entries(config)
    .filter(([key]) => key.startsWith(`${packageName}:`))
    .map(([key, { value, secret: hidden }]) => [key.slice(packageName.length + 1), hidden ? secret(value) : value]);
  const inputs = Object.fromEntries(configured) as Properties;
  setPlugin(inputs, version, downloadUrl);
  return plainGoal({ urn: createUrn(stack, project, '', type, name), type, name, custom: true, inputs });
}
