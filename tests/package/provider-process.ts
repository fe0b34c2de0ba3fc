/** The package's provider in a process of its own, started as Pulumi's language host for Node.js starts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface ProviderProcess {
  /** For `PULUMI_DEBUG_PROVIDERS`. */
  readonly port: string;
  stop(): Promise<void>;
}

/** @throws with what it printed, where it ends before it serves */
export async function startProvider(): Promise<ProviderProcess> {
  const runner = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run-plugin');
  // The working directory is that of the user's program.
  const child = spawn(process.execPath, [runner, ROOT], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const port = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line)),
    ended.then(() => {
      throw new Error(`The provider ended: ${printed}`);
    }),
  ]);
  return {
    port,
    async stop() {
      child.kill();
      await ended;
    },
  };
}
