/** GitHub, GitLab and Bitbucket in one local server: branches, files at commits, and the statuses that were written. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WrittenStatus {
  path: string;
  body: Record<string, string>;
}

export interface ProviderStandIn {
  readonly url: string;
  /** `repository@branch` → newest commit. */
  readonly branches: Map<string, string>;
  /** `repository@commit` → content of mlops-config.json. */
  readonly files: Map<string, string | Buffer>;
  readonly statuses: WrittenStatus[];
  /** Every call: method, path and headers. */
  readonly calls: { method: string; path: string; headers: IncomingHttpHeaders }[];
  /** Answered to every call while it is set. */
  failure: { status: number; headers?: Record<string, string> } | undefined;
  /** Calls are taken and never answered while it is set. */
  isSilent: boolean;
  /** Answered to every status that is written, while it is set. */
  statusFailure: number | undefined;
  stop(): Promise<void>;
}

type Found = { what: 'branch' | 'file' | 'status'; repository: string; at: string };

const PATHS: readonly [RegExp, Found['what']][] = [
  [/^\/repos\/([^/]+\/[^/]+)\/git\/ref\/heads\/(.+)$/, 'branch'],
  [/^\/repos\/([^/]+\/[^/]+)\/contents\/mlops-config\.json\?ref=(\w+)$/, 'file'],
  [/^\/repos\/([^/]+\/[^/]+)\/statuses\/(\w+)$/, 'status'],
  [/^\/projects\/([^/]+)\/repository\/branches\/([^/]+)$/, 'branch'],
  [/^\/projects\/([^/]+)\/repository\/files\/mlops-config\.json\/raw\?ref=(\w+)$/, 'file'],
  [/^\/projects\/([^/]+)\/statuses\/(\w+)$/, 'status'],
  [/^\/repositories\/([^/]+\/[^/]+)\/refs\/branches\/([^/]+)$/, 'branch'],
  [/^\/repositories\/([^/]+\/[^/]+)\/src\/(\w+)\/mlops-config\.json$/, 'file'],
  [/^\/repositories\/([^/]+\/[^/]+)\/commit\/(\w+)\/statuses\/build$/, 'status'],
];

export async function startProvider(): Promise<ProviderStandIn> {
  const provider: Omit<ProviderStandIn, 'url' | 'stop'> = {
    branches: new Map(),
    files: new Map(),
    statuses: [],
    calls: [],
    failure: undefined,
    isSilent: false,
    statusFailure: undefined,
  };
  const server = createServer((request, response) => void answer(provider, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(provider, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

async function answer(
  provider: Omit<ProviderStandIn, 'url' | 'stop'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url: path = '', headers } = request;
  provider.calls.push({ method, path, headers });
  if (provider.isSilent) return;
  const send = (status: number, body: string | Buffer = '', more: Record<string, string> = {}) =>
    response.writeHead(status, more).end(body);
  if (provider.failure) return void send(provider.failure.status, 'out of order', provider.failure.headers);
  const found = find(path);
  if (found?.what === 'branch') {
    const commit = provider.branches.get(`${found.repository}@${found.at}`);
    if (!commit) return void send(404);
    // All three shapes at once: each client looks for its own.
    return void send(
      200,
      JSON.stringify({ object: { sha: commit }, commit: { id: commit }, target: { hash: commit } }),
    );
  }
  if (found?.what === 'file') {
    const content = provider.files.get(`${found.repository}@${found.at}`);
    return void (content === undefined ? send(404) : send(200, content));
  }
  if (found?.what === 'status' && method === 'POST') {
    if (provider.statusFailure) return void send(provider.statusFailure);
    provider.statuses.push({ path, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string> });
    return void send(201, '{}');
  }
  send(404);
}

function find(path: string): Found | undefined {
  for (const [pattern, what] of PATHS) {
    const [, repository, at] = pattern.exec(path) ?? [];
    if (repository && at) return { what, repository: decodeURIComponent(repository), at: decodeURIComponent(at) };
  }
  return undefined;
}
