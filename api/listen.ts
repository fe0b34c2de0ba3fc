import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { endOpenStreams } from './open-streams.ts';

/** Requests in progress may take this long when the server stops; then their connections are closed. */
const GRACE_MS = 4_000;
/** How often connections that have become idle are closed while the server stops. */
const SWEEP_MS = 50;
/** Requests that are received for longer than this are aborted: with Node's default of 5 min, few clients could hold many sockets. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the idle timeout of the load balancer (60 s), which would otherwise reuse closed connections. */
const KEEP_ALIVE_MS = 65_000;

export interface Listening {
  /** The actual port, if 0 was requested. */
  readonly port: number;
  /**
   * Accepts no more connections, closes event streams, and lets other requests finish. Takes at most 5 s; another call waits
   * for the same stop.
   */
  close(): Promise<void>;
}

/**
 * Starts listening.
 * @param address `port` 0 chooses a free one
 * @throws the socket's own error, such as `EADDRINUSE`
 */
export async function listen(app: Express, address: { host: string; port: number }): Promise<Listening> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    app,
  );
  server.listen({ host: address.host, port: address.port });
  // Rejects if listening fails.
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
