/**
 * moto, an independent stand-in for AWS.
 * @see https://docs.getmoto.org/en/latest/docs/server_mode.html
 */
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { installPythonPackage } from './python-package.ts';
import { until } from './until.ts';

const PACKAGE = 'moto==5.2.5';
/** What its server needs for S3 and SageMaker: `moto[server]` has three times as much, for services that no spec calls. */
const SERVER = ['flask', 'flask-cors'];
const START_MS = 60_000;

export interface Moto {
  url: string;
  stop(): Promise<void>;
}

/** @throws NoPythonPackage with the reason and what to do */
export async function startMoto(): Promise<Moto> {
  const programs = await installPythonPackage(PACKAGE, SERVER);
  const port = await freePort();
  const server = spawn(join(programs, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
