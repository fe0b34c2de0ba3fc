/**
 * The Pulumi CLI as the Automation API calls it. The SDK declares the class, but neither its constructor nor `run`: what this
 * file says of them is what `@pulumi/pulumi/automation/cmd.js` has.
 */
import { resolve } from 'node:path';
import { PulumiCommand } from '@pulumi/pulumi/automation/cmd.js';
import { sdkInternals } from './sdk-internals.ts';

type Version = NonNullable<PulumiCommand['version']>;
type Run = (args: string[], ...rest: unknown[]) => Promise<unknown>;

/** @returns undefined for what is not a semantic version; a leading `v` is fine. */
export function parseVersion(text: string): Version | undefined {
  return sdkInternals().semver.parse(text) ?? undefined;
}

/**
 * A CLI whose version is known already: `PulumiCommand.get` would run `pulumi version` once more.
 * @param root of an installation, which has `bin/pulumi`; default: the `pulumi` on the PATH
 */
export function knownCommand(version: Version, root?: string): PulumiCommand {
  const Constructor = PulumiCommand as unknown as new (command: string, version: Version) => PulumiCommand;
  return new Constructor(root === undefined ? 'pulumi' : resolve(root, 'bin', 'pulumi'), version);
}

/**
 * The same CLI, observed.
 * @param onInvocation called with the command of each invocation, such as `stack select`, before it is run
 */
export function observedCommand(command: PulumiCommand, onInvocation: (name: string) => void): PulumiCommand {
  const inner = command as PulumiCommand & { run: Run };
  const run: Run = async (args, ...rest) => {
    onInvocation(commandName(args));
    return await inner.run(args, ...rest);
  };
  return Object.assign(Object.create(inner) as PulumiCommand, { run });
}

/** Commands whose second word is a command too: https://www.pulumi.com/docs/iac/cli/commands/ */
const GROUPS: ReadonlySet<string> = new Set(['stack', 'config', 'plugin', 'state', 'org']);

function commandName([first = '', second = '']: string[]): string {
  return GROUPS.has(first) && /^[a-z]/.test(second) ? `${first} ${second}` : first;
}
