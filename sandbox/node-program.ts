/**
 * How a Pulumi program for Node.js is started: the SDK's own runner (`@pulumi/pulumi/cmd/run`) with the addresses of the
 * engine, as Pulumi's language host for Node does it. For the sandbox engine, and for `language-host.ts`.
 */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { OperationContext } from './provider.ts';

/** The exit code by which a Node program says that it has reported its error itself (see `@pulumi/pulumi/cmd/run`). */
const REPORTED_EXIT_CODE = 32;

export interface NodeRun extends OperationContext {
  /** Folder of `Pulumi.yaml`. */
  directory: string;
  /** File or folder of the program, relative to `directory`; default: the folder itself. */
  main?: string;
  /** `runtime.options` of the project. */
  runtimeOptions: Readonly<Record<string, unknown>>;
  monitor: string;
  engine: string;
}

export interface NodeCommand {
  args: string[];
  cwd: string;
  /** In addition to the environment of the engine. */
  env: Record<string, string>;
}

/** @throws where the program cannot find the SDK, with what helps */
export function nodeCommand(run: NodeRun): NodeCommand {
  const entry = resolve(run.directory, run.main ?? '.');
  const isFile = statSync(entry, { throwIfNoEntry: false })?.isFile() === true;
  const cwd = isFile ? dirname(entry) : entry;
  const nodeArguments = run.runtimeOptions['nodeargs'];
  return {
    args: [
      ...(typeof nodeArguments === 'string' ? nodeArguments.split(' ').filter(Boolean) : []),
      resolveRunner(cwd, 'run'),
      `--monitor=${run.monitor}`,
      `--engine=${run.engine}`,
      `--organization=${run.organization}`,
      `--project=${run.project}`,
      `--root-directory=${run.directory}`,
      `--stack=${run.stack}`,
      `--pwd=${cwd}`,
      ...(run.dryRun ? ['--dry-run'] : []),
      `--parallel=${run.parallel}`,
      isFile ? entry : '.',
    ],
    cwd,
    env: {
      PULUMI_CONFIG: JSON.stringify(run.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
      ...(run.runtimeOptions['typescript'] !== false && { PULUMI_NODEJS_TYPESCRIPT: 'true' }),
    },
  };
}

/**
 * What the end of the runner's process means.
 * @returns undefined for success; empty where the program has reported the error itself
 */
export function failureOf(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (code === 0) return undefined;
  if (code === REPORTED_EXIT_CODE) return '';
  return `Program ${code === null ? `was ended by ${String(signal)}` : `exited with non-zero exit code: ${code}`}`;
}

/**
 * The SDK's own runner, as the program sees it: both must be the same copy of the SDK.
 * @param runner below `@pulumi/pulumi/cmd`
 */
export function resolveRunner(directory: string, runner: 'run' | 'run-plugin' | 'run-policy-pack'): string {
  try {
    return createRequire(join(directory, 'index.js')).resolve(`@pulumi/pulumi/cmd/${runner}`);
  } catch (error) {
    throw new Error(
      `the program in ${directory} cannot find the Pulumi SDK: run \`npm install\` there (@pulumi/pulumi is missing)`,
      { cause: error },
    );
  }
}
