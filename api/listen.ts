import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { endOpenStreams } from './open-streams.ts';

/** What is still being answered when the server stops may take this long; then its connections are cut. */
const GRACE_MS = 4_000;
/** How often connections that have become idle are closed while the server stops. */
const SWEEP_MS = 50;
/** A body that trickles in for longer than this is cut off: Node's default of 5 min lets few clients hold many sockets. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the idle timeout of the load balancer in front (60 s), which would otherwise meet closed connections. */
const KEEP_ALIVE_MS = 65_000;

export interface Listening {
  /** The real one, where 0 was asked for. */
  readonly port: number;
  /**
   * Takes no more connections, ends event streams, lets the rest finish. Done within 5 s; calling it again waits for
   * the same end.
   */
  close(): Promise<void>;
}

/**
 * Makes the app listen.
 * @param address `port` 0 takes any free one
 * @throws the socket's own error, such as `EADDRINUSE`
 */
export async function listen(app: Express, address: { host: string; port: number }): Promise<Listening> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    app,
  );
  server.listen({ host: address.host, port: address.port });
  // Rejects with the error where there is one.
  await once(server, 'listening');
  let closing: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close: () => (closing ??= close(server, app)),
  };
}

async function close(server: Server, app: Express): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  endOpenStreams(app);
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
