/** Tests a custom blueprint in a separate process before the service imports it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { LocatedBlueprint } from '../../blueprints/custom/locate.ts';
import { killChild } from '../stacks/child-pool.ts';
import type { ProbeResult } from './probe-child.ts';

/** Importing Pulumi's AWS provider takes seconds where processes are many and processors few. */
const PROBE_TIMEOUT_MS = 60_000;
const OUTPUT_TOLD = 500;

/**
 * @param env of the process: that of the children, which knows no secrets of the service
 * @returns the reasons to refuse it
 */
export async function probeBlueprint(
  { folder }: LocatedBlueprint,
  env: NodeJS.ProcessEnv,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<readonly string[]> {
  const child = fork(new URL('./probe-child.ts', import.meta.url), [folder], {
    // A separate process group, so that everything it starts is killed with it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-OUTPUT_TOLD)));
  try {
    return await outcome(child, timeoutMs, () => errors.trim());
  } finally {
    killChild(child);
  }
}

async function outcome(child: ChildProcess, timeoutMs: number, errors: () => string): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  // Output may still come after the exit, so the end of the streams is waited for as well.
  const closed = once(child, 'close', { signal }) as Promise<[number | null, string | null]>;
  const first = await Promise.race([
    once(child, 'message', { signal }).then(([message]) => message as ProbeResult),
    closed.then(([code, killedBy]) => ({
      reasons: [`the process that imported it ended (${killedBy ?? `exit code ${String(code)}`}): ${errors()}`],
    })),
  ]).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return { reasons: [`importing it takes longer than ${timeoutMs / 1_000} s`] };
  });
  return first.reasons;
}
