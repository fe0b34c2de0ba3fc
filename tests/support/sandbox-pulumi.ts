/**
 * `sandbox/bin/pulumi` in this process, for specs of what its commands do: a start of its own would take longer than most of
 * them. Specs run the executable itself for one command of each kind. A program has a process of its own in any case.
 */
import { createSandboxAws } from '../../sandbox/aws/sandbox-aws.ts';
import { readSandboxSettings } from '../../sandbox/read-settings.ts';
import { runCommandLine } from '../../sandbox/engine/cli.ts';
import { SANDBOX_ENGINE_VERSION } from '../../sandbox/engine/command.ts';
import { INFRA_EXTENSION } from '../../scripts/infra-sandbox/extension.ts';

export interface Printed {
  code: number;
  stdout: string;
  stderr: string;
}

/** @param directory to run it in */
export async function runSandboxPulumi(
  args: readonly string[],
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<Printed> {
  const printed = { stdout: '', stderr: '' };
  const { host } = createSandboxAws(readSandboxSettings(env).aws, INFRA_EXTENSION);
  const code = await runCommandLine(
    args,
    {
      cwd: directory,
      env,
      stdout: (text) => (printed.stdout += text),
      stderr: (text) => (printed.stderr += text),
      signal: new AbortController().signal,
    },
    { providers: host, version: SANDBOX_ENGINE_VERSION },
  );
  return { code, ...printed };
}
