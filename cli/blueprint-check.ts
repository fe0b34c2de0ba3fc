/**
 * `npm run blueprint:check -- <folder or package>`: loads a custom blueprint as the service does at its start, then checks
 * its types and runs its tests, where it has any. Exit code 0 only if all is well.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { probeBlueprint } from '../automation/custom-blueprints/probe.ts';
import { loadCustomBlueprints } from '../blueprints/custom/load.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);
const require = createRequire(import.meta.url);

/** @throws Error with every reason for which the service would refuse it. @returns its folder */
async function contract(source: string): Promise<string> {
  const [found] = await loadCustomBlueprints([source], {
    from: process.cwd(),
    examine: (located) => probeBlueprint(located, process.env),
  });
  if (!found?.folder || found.reasons.length > 0) {
    throw new Error(
      `The service would refuse ${source}:\n${found?.reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    );
  }
  say(`${found.pipelineTypes.join(', ')}, version ${found.version}: the service would accept it.`);
  return found.folder;
}

function types(folder: string): void {
  if (!existsSync(join(folder, 'tsconfig.json'))) {
    say('No tsconfig.json: its types are not checked.');
    return;
  }
  node('its types are wrong', [require.resolve('typescript/bin/tsc'), '--noEmit', '-p', folder]);
  say('Its types are valid.');
}

/** Specs import what the blueprint imports, so they run with the service's packages as well. */
function tests(folder: string): void {
  const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => /\.spec\.[jt]s$/.test(file) && !file.split('/').some((part) => ['node_modules', 'dist'].includes(part)),
    )
    .map((file) => join(folder, file));
  if (specs.length === 0) {
    say('It has no tests (*.spec.ts).');
    return;
  }
  const later = new URL('../automation/engine/later-modules.ts', import.meta.url).href;
  const hook = new URL('../blueprints/custom/host-packages.ts', import.meta.url).href;
  const preload = `import ${JSON.stringify(later)};
import { serveHostPackages } from ${JSON.stringify(hook)};
serveHostPackages(${JSON.stringify(folder)});`;
  node('its tests fail', [
    `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    join(require.resolve('mocha/package.json'), '../bin/mocha.js'),
    '--no-config',
    '--timeout=60000',
    ...specs,
  ]);
}

/** @throws Error `failure`, where it ends with another exit code than 0 */
function node(failure: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, {
    stdio: 'inherit',
    cwd: fileURLToPath(new URL('../', import.meta.url)),
  });
  if (status !== 0) throw new Error(`The blueprint would be loaded, but ${failure}.`);
}

try {
  const [source, ...others] = process.argv.slice(2);
  if (source === undefined || others.length > 0)
    throw new Error('Usage: npm run blueprint:check -- <folder or package>');
  const folder = await contract(source);
  types(folder);
  tests(folder);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
