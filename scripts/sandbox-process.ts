/** The sandbox as a separate process, for callers that kill it or measure it from outside. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SandboxProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL for the service process alone; its children and its database are left to themselves, as in a crash. */
  kill(): Promise<void>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
}

/** With {@link SANDBOX_COMMAND}, the sandbox. */
export const MLOPS_PROGRAM = new URL('../cli/mlops.ts', import.meta.url);
export const SANDBOX_COMMAND = ['sandbox', '--no-console'];

/** Starts `mlops sandbox`, without its console, and waits until it says its address. */
export async function startSandboxProcess(
  env: Record<string, string>,
  options: Omit<ServiceStart, 'args'> = {},
): Promise<SandboxProcess> {
  return await startServiceProcess(MLOPS_PROGRAM, env, { ...options, args: SANDBOX_COMMAND });
}

export interface ServiceStart {
  /** Of the program. */
  args?: readonly string[];
  /** Default: that of this process. */
  workingDirectory?: string;
  /** A command that starts the one which follows it, such as `unshare`. */
  launcher?: readonly string[];
}

/**
 * Starts a program that prints a line `  address  http://…` once it listens.
 * @throws with what it printed if it ends before that
 */
export async function startServiceProcess(
  program: URL,
  env: Record<string, string>,
  { args: programArgs = [], workingDirectory, launcher = [] }: ServiceStart = {},
): Promise<SandboxProcess> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(program), ...programArgs];
  const [command = process.execPath, ...args] = [...launcher, ...node];
  const child = spawn(command, args, {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
  });
  const url = await addressOf(child);
  return {
    url,
    pid: child.pid ?? 0,
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  const printed: string[] = [];
  const address = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        printed.push(line);
        const found = /^\s+address\s+(\S+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
    }
    child.once('exit', (code) => reject(new Error(`the sandbox ended with ${String(code)}:\n${printed.join('\n')}`)));
  });
  return await address;
}
