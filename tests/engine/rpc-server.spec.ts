import assert from 'node:assert/strict';
import type { Server } from '@grpc/grpc-js';
import { listen } from '../../sandbox/rpc-server.ts';

describe('a gRPC server of the simulated engine', () => {
  it('gets no port of an earlier one in the same process', async () => {
    const given = [65_500, 65_500, 65_501];
    const unbound: string[] = [];
    const server = {
      bindAsync: (_address: string, _credentials: unknown, callback: (error: null, port: number) => void) =>
        callback(null, given.shift() ?? 0),
      unbind: (address: string) => void unbound.push(address),
    } as unknown as Server;
    assert.equal(await listen(server), 65_500);
    assert.equal(await listen(server), 65_501);
    assert.deepEqual(unbound, ['127.0.0.1:65500']);
  });
});
