/** `npm run console:build`: builds the web console, unless the same was built before. */
import { buildConsole } from './build-console.ts';

const started = performance.now();
try {
  const { folder, cached, firstLoadBytes } = await buildConsole();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(
    `${folder}: ${(firstLoadBytes / 1_000).toFixed(0)} kB at first load (gzip), ${cached ? 'built before' : `built in ${seconds} s`}\n`,
  );
} catch (error) {
  process.stderr.write(`The console could not be built: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
