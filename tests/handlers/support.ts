/** A stand-in for SageMaker's runtime on loopback: what the handler sends and gets goes over the wire, as in Lambda. */
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';

export interface ModelAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: string | Buffer;
}

export interface Invocation {
  path: string;
  contentType: string | undefined;
  body: string;
}

export interface FakeSageMaker {
  url: string;
  /** Calls since the last `answerWith`. */
  invocations: Invocation[];
  answerWith(answer: ModelAnswer): void;
  stop(): Promise<void>;
}

export async function startFakeSageMaker(): Promise<FakeSageMaker> {
  let next: ModelAnswer = { body: '' };
  const invocations: Invocation[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      invocations.push({ path: request.url ?? '', contentType: request.headers['content-type'], body });
      response.writeHead(next.status ?? 200, next.headers).end(next.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invocations,
    answerWith: (answer) => {
      next = answer;
      invocations.length = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Sets variables, and gives back the function that restores what was. */
export function withEnvironment(variables: Record<string, string>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}

/**
 * Puts a `job.json` next to the handlers of jobs, as the deployment does, but in memory.
 * @returns the function that takes it away again
 */
export function withJob(definition: () => object): () => void {
  const { readFileSync } = fs;
  const replace = (read: unknown) => {
    fs.readFileSync = read as typeof readFileSync;
    syncBuiltinESMExports();
  };
  replace((file: string | URL, ...rest: never[]) =>
    String(file).endsWith('/job.json') ? JSON.stringify(definition()) : readFileSync(file, ...rest),
  );
  return () => replace(readFileSync);
}
