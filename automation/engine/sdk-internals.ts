/**
 * Parts of the Pulumi SDK that it exports at run time, but does not declare: its own copies, so that its `instanceof` holds.
 * In a bundle they are those of the bundle (stacks/bundle/plugins.ts).
 */
import { createRequire } from 'node:module';
import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';

type Version = NonNullable<PulumiCommand['version']>;

/** As the SDK makes and reads it. */
export interface SdkCommandResult {
  stdout: string;
  stderr: string;
  code: number;
  err?: Error;
}

interface SdkInternals {
  readonly CommandResult: new (stdout: string, stderr: string, code: number, err?: Error) => SdkCommandResult;
  readonly createCommandError: (result: SdkCommandResult) => Error;
  readonly semver: {
    parse(text: string): Version | null;
    SemVer: new (text: string) => Version;
  };
}

export function sdkInternals(): SdkInternals {
  const require = createRequire(import.meta.resolve('@pulumi/pulumi/automation/cmd.js'));
  return {
    ...(require('./cmd.js') as Pick<SdkInternals, 'CommandResult'>),
    ...(require('./errors.js') as Pick<SdkInternals, 'createCommandError'>),
    semver: require('semver') as SdkInternals['semver'],
  };
}
