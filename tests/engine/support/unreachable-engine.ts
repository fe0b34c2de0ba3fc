/**
 * Deploys a resource twice; the second time the program cannot reach the engine. Prints how that ends: in a process of its own,
 * because mocha lets pass what ends others.
 */
import { EngineServer } from '../../../sandbox/engine/engine-server.ts';
import { Thing } from '../parity/support/thing.ts';
import { RecorderHost } from './recorder-provider.ts';
import { Workbench } from './workbench.ts';

/** A privileged port that no service of our time uses. */
const NOBODY = '127.0.0.1:1';

const host = new RecorderHost();
const bench = new Workbench(host);
try {
  const stack = await bench.stack(async () => void new Thing('thing'));
  await stack.up();

  EngineServer.prototype.address = () => Promise.resolve(NOBODY);
  const ended = await stack.up().then(
    ({ summary }) => JSON.stringify(summary.resourceChanges),
    (error: Error) => error.message,
  );
  console.log(`${host.existing.size} of ${bench.names().length} remain\n${ended}`);
} finally {
  bench.remove();
}
process.exit(0);
