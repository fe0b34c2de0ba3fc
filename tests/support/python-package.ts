/** A tool from PyPI in a Python environment of its own, made once and kept below node_modules/.cache. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withFolderLock } from './folder-lock.ts';

/** There is no Python 3 with venv and pip, or no way to PyPI. */
export class NoPythonPackage extends Error {}

/**
 * @param requirement such as `moto==5.2.5`: one version
 * @param others what is to be installed with it
 * @returns the folder of its programs
 * @throws NoPythonPackage with the reason and what to do
 */
export async function installPythonPackage(requirement: string, others: readonly string[] = []): Promise<string> {
  const name = [requirement, ...others].join(' ').replace(/[^\w.]+/g, '-');
  const environment = fileURLToPath(new URL(`../../node_modules/.cache/${name}`, import.meta.url));
  const ready = join(environment, 'ready');
  const programs = join(environment, 'bin');
  if (existsSync(ready)) return programs;
  // Specs run in several workers: one of them installs, the others wait for it.
  return withFolderLock(`${environment}.lock`, `${requirement} is installed`, INSTALL_MS, async () => {
    if (!existsSync(ready)) await install([requirement, ...others], environment);
    return programs;
  });
}

const INSTALL_MS = 240_000;

async function install(requirements: readonly string[], environment: string): Promise<void> {
  const run = promisify(execFile);
  try {
    await rm(environment, { recursive: true, force: true });
    await mkdir(environment, { recursive: true });
    await run('python3', ['-m', 'venv', environment]);
    await run(join(environment, 'bin', 'pip'), ['install', '--quiet', ...requirements]);
    await mkdir(join(environment, 'ready'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoPythonPackage(
      `${requirements.join(' ')} could not be installed: ${reason}\nInstall Python 3 with venv and pip (Debian: python3-venv) and let pip reach PyPI.`,
      { cause: error },
    );
  }
}
