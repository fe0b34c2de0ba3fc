/**
 * moto, an independent stand-in for AWS, in a Python environment of its own. Made once and kept below node_modules/.cache.
 * @see https://docs.getmoto.org/en/latest/docs/server_mode.html
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.ts';

const VERSION = '5.2.5';
const ENVIRONMENT = fileURLToPath(new URL(`../../node_modules/.cache/moto-${VERSION}`, import.meta.url));
const START_MS = 60_000;

export interface Moto {
  url: string;
  stop(): Promise<void>;
}

/** There is no Python 3 with venv and pip, or no way to PyPI. */
export class NoMoto extends Error {}

/** @throws NoMoto with the reason and what to do */
export async function startMoto(): Promise<Moto> {
  await install();
  const port = await freePort();
  const server = spawn(join(ENVIRONMENT, 'bin', 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await until(
    async () => (await fetch(`${url}/moto-api/`).catch(() => undefined))?.ok === true,
    'moto answers',
    START_MS,
  );
  return {
    url,
    stop: async () => {
      server.kill();
      await ended;
    },
  };
}

async function install(): Promise<void> {
  const ready = join(ENVIRONMENT, 'ready');
  if (existsSync(ready)) return;
  const run = promisify(execFile);
  try {
    await rm(ENVIRONMENT, { recursive: true, force: true });
    await mkdir(ENVIRONMENT, { recursive: true });
    await run('python3', ['-m', 'venv', ENVIRONMENT]);
    await run(join(ENVIRONMENT, 'bin', 'pip'), ['install', '--quiet', `moto[server]==${VERSION}`]);
    await mkdir(ready);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoMoto(
      `moto could not be installed: ${reason}\nInstall Python 3 with venv and pip (Debian: python3-venv) and let pip reach PyPI.`,
      { cause: error },
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
