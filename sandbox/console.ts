/** Builds the web console at the first start of a sandbox: in a process of its own, so that nothing waits for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../console/build/main.ts', import.meta.url));

/**
 * Builds the console unless the same was built before. A failure is reported by the returned text: the sandbox works without a
 * console.
 * @param signal ends the build
 * @returns what went wrong, once the build has ended; undefined if the console is there
 */
export async function buildConsole(signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return undefined;
  const child = spawn(process.execPath, [BUILD], { stdio: ['ignore', 'ignore', 'pipe'] });
  const end = () => void child.kill();
  signal.addEventListener('abort', end);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0 || signal.aborted) return undefined;
    return said.trim() || `The build of the console ended with code ${code}.`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
