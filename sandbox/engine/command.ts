import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import type { SdkCommandResult } from '../../automation/engine/sdk-internals.ts';
import { sdkInternals } from '../../automation/engine/sdk-internals.ts';
import type { ProviderHost } from '../provider.ts';
import { runCommandLine } from './cli.ts';

/** The CLI version that the sandbox engine stands in for by default. */
export const SANDBOX_ENGINE_VERSION = '3.265.0';

export interface SandboxCommandOptions {
  /** Where resource providers come from; those in `PULUMI_DEBUG_PROVIDERS` go first. */
  providers: ProviderHost;
  /** Semantic version that the engine reports. Default: {@link SANDBOX_ENGINE_VERSION}. */
  version?: string;
  /** Environment that each command's own variables are added to, as a process's would be. Default: empty. */
  env?: Record<string, string | undefined>;
}

/** The shape of the CLI that `LocalWorkspace` calls: the SDK declares `command` and `version` only. */
export interface SandboxCommand extends PulumiCommand {
  /**
   * Runs one command line.
   * @param additionalEnv variables beside the command's own environment, such as `PULUMI_BACKEND_URL`
   * @param signal ends the command early, as SIGINT does
   * @throws CommandError of the SDK
   */
  run(
    args: string[],
    cwd: string,
    additionalEnv: Record<string, string>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<SdkCommandResult>;
}

/** The SDK's own marker for a failed command, whatever its exit code was. */
const FAILED = -2;

/**
 * A stand-in for the Pulumi CLI that runs in this process, for `LocalWorkspace`'s `pulumiCommand`.
 * A failed command throws what the SDK throws for the real one: `StackNotFoundError`, `ConcurrentUpdateError` and so on.
 * @see https://www.pulumi.com/docs/iac/automation-api/
 */
export function createSandboxCommand(options: SandboxCommandOptions): SandboxCommand {
  const { CommandResult, createCommandError, semver } = sdkInternals();
  const version = options.version ?? SANDBOX_ENGINE_VERSION;
  const command = 'pulumi';
  const run: SandboxCommand['run'] = async (args, cwd, additionalEnv, onOutput, onError, signal) => {
    const complete = args.includes('--non-interactive') ? args : [...args, '--non-interactive'];
    let stdout = '';
    let stderr = '';
    const exitCode = await runCommandLine(
      complete,
      {
        cwd,
        env: { ...options.env, ...additionalEnv, PULUMI_AUTOMATION_API: 'true' },
        stdout: (text) => {
          stdout += text;
          onOutput?.(text);
        },
        stderr: (text) => {
          stderr += text;
          onError?.(text);
        },
        signal,
      },
      { providers: options.providers, version },
    );
    if (exitCode === 0) {
      return new CommandResult(withoutFinalNewline(stdout), withoutFinalNewline(stderr), 0);
    }
    // The SDK sees a failed process only through the text of its error, which contains all that was printed.
    const what = `Command failed with exit code ${exitCode}: ${[command, ...complete].join(' ')}`;
    const message = [what, withoutFinalNewline(stderr), withoutFinalNewline(stdout)]
      .filter((text) => text !== '')
      .join('\n');
    throw createCommandError(new CommandResult('', message, FAILED, new Error(message)));
  };
  return { command, version: new semver.SemVer(version), run };
}

function withoutFinalNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
