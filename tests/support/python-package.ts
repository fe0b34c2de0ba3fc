/** A tool from PyPI in a Python environment of its own, made once and kept below node_modules/.cache. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.ts';

/** There is no Python 3 with venv and pip, or no way to PyPI. */
export class NoPythonPackage extends Error {}

/**
 * @param requirement such as `moto[server]==5.2.5`: one version
 * @returns the folder of its programs
 * @throws NoPythonPackage with the reason and what to do
 */
export async function installPythonPackage(requirement: string): Promise<string> {
  const name = requirement.replace(/[^\w.]+/g, '-');
  const environment = fileURLToPath(new URL(`../../node_modules/.cache/${name}`, import.meta.url));
  const ready = join(environment, 'ready');
  const programs = join(environment, 'bin');
  if (existsSync(ready)) return programs;
  // Specs run in two workers: one of them installs, the other waits for it.
  const lock = `${environment}.lock`;
  await until(async () => existsSync(ready) || (await takes(lock)), `${requirement} is installed`, INSTALL_MS);
  if (existsSync(ready)) return programs;
  const run = promisify(execFile);
  try {
    await rm(environment, { recursive: true, force: true });
    await mkdir(environment, { recursive: true });
    await run('python3', ['-m', 'venv', environment]);
    await run(join(programs, 'pip'), ['install', '--quiet', requirement]);
    await mkdir(ready);
    return programs;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoPythonPackage(
      `${requirement} could not be installed: ${reason}\nInstall Python 3 with venv and pip (Debian: python3-venv) and let pip reach PyPI.`,
      { cause: error },
    );
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

const INSTALL_MS = 240_000;

/** Making a folder succeeds for one process only. */
async function takes(lock: string): Promise<boolean> {
  await mkdir(dirname(lock), { recursive: true });
  return await mkdir(lock).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}
