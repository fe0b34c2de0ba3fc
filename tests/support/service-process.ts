/**
 * Services that specs start as processes of their own and kill: bundled, as children are. From its sources a service
 * imports 1,000 modules one by one, which is two thirds of what a start costs. Specs of custom blueprints start the sources
 * (scripts/sandbox-process.ts), because a blueprint shares its packages with the service, as do a few others.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachedBundle } from '../../automation/stacks/bundle/cached-bundle.ts';
import type { SandboxProcess, ServiceStart } from '../../scripts/sandbox-process.ts';
import { MLOPS_PROGRAM, SANDBOX_COMMAND, startServiceProcess } from '../../scripts/sandbox-process.ts';
import { engineUnderTest } from './engine.ts';
import { withFolderLock } from './folder-lock.ts';

const PROGRAMS = {
  mlops: MLOPS_PROGRAM,
  service: new URL('service.ts', import.meta.url),
  sequences: new URL('../workflows/sequence-service.ts', import.meta.url),
};

/** esbuild looks for its executable beside it; the others are optional parts of DBOS and pg. */
const EXTERNAL = ['esbuild', 'pg-native', 'winston', 'winston-transport', '@opentelemetry/*'];
const BUILT_WITHIN_MS = 60_000;

let built: Promise<string> | undefined;

/** The program as a bundle, built once for all processes of a run. */
export async function bundledProgram(name: keyof typeof PROGRAMS): Promise<URL> {
  const folder = await (built ??= build());
  return pathToFileURL(join(folder, `${name}.cjs`));
}

async function build(): Promise<string> {
  const { module: engineModule } = await engineUnderTest();
  const lock = join(process.env.TEST_RUN_FOLDER ?? '', 'service-bundle.lock');
  return await withFolderLock(lock, 'another process has built the bundle', BUILT_WITHIN_MS, () =>
    cachedBundle({ engineModule, entries: PROGRAMS, external: EXTERNAL }),
  );
}

/** A sandbox with a PostgreSQL of its own, without its console. */
export async function startSandboxProcess(env: Record<string, string>): Promise<SandboxProcess> {
  return await startServiceProcess(await bundledProgram('mlops'), env, { args: SANDBOX_COMMAND });
}

/** A service on a database that others share, as service.ts describes. */
export async function startSharedService(
  env: Record<string, string>,
  options: ServiceStart = {},
): Promise<SandboxProcess> {
  return await startServiceProcess(await bundledProgram('service'), env, options);
}
