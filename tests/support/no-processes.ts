/**
 * Keeps `npm run test:fast` what it says: a spec that starts a process fails there, saying that it belongs to the others.
 * esbuild is let through: it is how a Lambda function's code is made, and takes milliseconds.
 */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

type Start = (command: unknown, ...rest: unknown[]) => unknown;

if (process.env.MOCHA_WORKER_ID) {
  const methods = childProcess as unknown as Record<string, Start>;
  for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
    const start = methods[name] as Start;
    methods[name] = (command, ...rest) => {
      if (/esbuild/.test(String(command))) return start(command, ...rest);
      throw new Error(`A spec of npm run test:fast started ${String(command)}: name its file in .mocharc.fast.cjs.`);
    };
  }
  syncBuiltinESMExports();
}
