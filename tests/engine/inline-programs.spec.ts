/** Programs that run in the process of the Automation API, and their connections to the engine. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EngineServer } from '../../sandbox/engine/engine-server.ts';
import { Thing } from './parity/support/thing.ts';
import { RecorderHost } from './support/recorder-provider.ts';
import { Workbench } from './support/workbench.ts';

const UNREACHABLE = fileURLToPath(new URL('support/unreachable-engine.ts', import.meta.url));

describe('an inline program', () => {
  it('fails if it cannot reach the engine, which then deletes nothing', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [UNREACHABLE]);
    assert.match(stdout, /^1 of 3 remain\n/);
    assert.match(stdout, /error: .*The program lost its connection to the engine: 14 UNAVAILABLE: /);
  });

  it('reaches the engine although it listens where an earlier one could not be reached', async () => {
    const { address } = EngineServer.prototype;
    let engine: number | undefined;
    const door = createServer((inward) => {
      if (engine === undefined) return inward.destroy();
      const outward = connect(engine, '127.0.0.1');
      for (const socket of [inward, outward]) socket.on('error', () => undefined);
      inward.pipe(outward).pipe(inward);
    }).listen(0, '127.0.0.1');
    await once(door, 'listening');
    const bench = new Workbench(new RecorderHost());
    const standBehindTheDoor = (reachable: boolean) => {
      EngineServer.prototype.address = async function () {
        const own = await address.call(this);
        engine = reachable ? Number(own.split(':')[1]) : undefined;
        return `127.0.0.1:${(door.address() as AddressInfo).port}`;
      };
    };
    try {
      const stack = await bench.stack(async () => void new Thing('thing'));
      standBehindTheDoor(false);
      await assert.rejects(stack.up(), /14 UNAVAILABLE/);
      standBehindTheDoor(true);
      await stack.up();
      assert.ok(bench.names().includes('thing'));
    } finally {
      EngineServer.prototype.address = address;
      door.close();
      bench.remove();
    }
  });
});
