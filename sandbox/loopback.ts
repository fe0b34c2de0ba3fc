/** HTTP servers of the sandbox: on loopback only, and gone as soon as they are closed. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  /** Such as `http://127.0.0.1:4567`: an address rather than a name, with which S3 clients put the bucket into the path. */
  readonly url: string;
  /** Cuts off who is still connected. */
  close(): Promise<void>;
}

/** @param port 0: any that is free. @throws the error of the system, such as `EADDRINUSE` */
export async function listenOnLoopback(server: Server, port = 0): Promise<LoopbackServer> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
