/** A TCP proxy that a test can cut: packets vanish, as in a network partition, and no connection is closed. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** From now on nothing passes; connections, old and new, stay open and silent. */
  cut(): void;
  /** What was held back passes, and so does everything new. */
  heal(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (isCut) socket.pause();
  };
  const server = createServer((inward) => {
    const outward = connect(target.port, target.host);
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      track(from);
      from.on('data', (data) => void to.write(data));
      from.on('close', () => to.destroy());
    }
    if (isCut) inward.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    heal: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
