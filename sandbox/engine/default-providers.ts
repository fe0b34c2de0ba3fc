import type { Properties } from '../provider.ts';
import type { DeploymentOptions } from './deployment-options.ts';
import type { Goal } from './goal.ts';
import { secret } from './properties.ts';
import { MonitorError } from './rpc-server.ts';
import { createUrn } from './urn.ts';

/**
 * The provider that serves a package where the program names none: one per package and version, configured by the stack.
 * @throws MonitorError where the stack's configuration forbids it
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
  const disabled = JSON.parse(config['pulumi:disable-default-providers']?.value ?? '[]') as string[];
  if (disabled.includes('*') || disabled.includes(packageName)) {
    throw new MonitorError(
      `Default provider for '${packageName}' disabled. '${packageName}' must use an explicit provider.`,
    );
  }
  const configured = Object.entries(config)
    .filter(([key]) => key.startsWith(`${packageName}:`))
    .map(([key, { value, secret: hidden }]) => [key.slice(packageName.length + 1), hidden ? secret(value) : value]);
  const inputs: Properties = {
    __internal: downloadUrl === '' ? {} : { pluginDownloadURL: downloadUrl },
    ...(Object.fromEntries(configured) as Properties),
    ...(version !== '' && { version }),
  };
  return {
    urn: createUrn(stack, project, '', type, name),
    type,
    name,
    custom: true,
    inputs,
    parent: '',
    protect: false,
    dependencies: [],
    propertyDependencies: {},
    provider: '',
    additionalSecretOutputs: [],
    aliases: [],
    ignoreChanges: [],
    replaceOnChanges: [],
    hideDiffs: [],
    importId: '',
    retainOnDelete: false,
    deletedWith: '',
    replaceWith: [],
  };
}
