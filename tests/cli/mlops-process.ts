/** `mlops` as people run it: a process with arguments, standard input, an exit code and what it printed. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../cli/mlops.ts', import.meta.url));

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * @param env laid over that of the tests, without their own settings of `mlops`
 * @param interrupt Ctrl-C, when it resolves
 */
export async function mlops(
  args: readonly string[],
  env: Record<string, string> = {},
  stdin = '',
  interrupt?: Promise<unknown>,
): Promise<Run> {
  const { MLOPS_URL: _url, MLOPS_CALLER: _caller, ...inherited } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...inherited, ...env } });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.end(stdin);
  void interrupt?.then(() => child.kill('SIGINT'));
  const [code, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
