import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { UNBUNDLED_CHILD, childBundle } from '../../automation/stacks/bundle/child-bundle.ts';
import { ChildPool } from '../../automation/stacks/child-pool.ts';
import { bundledEntry } from '../../automation/stacks/child-pools.ts';
import type { StackOperation } from '../../automation/stacks/operation.ts';
import { StackRunner } from '../../automation/stacks/stack-runner.ts';

const SANDBOX_ENGINE = new URL('../../sandbox/child-engine.ts', import.meta.url).href;
const THROWING_ENGINE = new URL('../support/throwing-engine.ts', import.meta.url).href;
const LIMITS = { timeoutSeconds: 60, silenceSeconds: 60, graceSeconds: 1 };
const silent = pino({ level: 'silent' });

describe('bundle of the child process', function () {
  this.timeout(120_000);

  it('is built once for an engine', async () => {
    const first = await childBundle(SANDBOX_ENGINE);
    assert.deepEqual(await childBundle(SANDBOX_ENGINE), first);
    assert.notDeepEqual(await childBundle(THROWING_ENGINE), first);
  });

  it('writes out no stack trace of a promise that is not read, and sends no debug message', async () => {
    const folder = new URL('.', await childBundle(SANDBOX_ENGINE));
    const files = (await readdir(folder)).filter((file) => file.endsWith('.mjs'));
    const text = (await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))).join('\n');
    const [captured] = text.match(/Object\.defineProperty\(p, "_debugStackTrace", .*/) ?? [];
    assert.match(captured ?? '', /\{ get: \(\) => trace\d*\.stack \}/);
    const [debug] = text.match(/function debug\d*\(msg, resource, streamId, ephemeral\) \{\s+.*/) ?? [];
    assert.match(debug ?? '', /\s+return Promise\.resolve\(\);$/);
  });

  it('is built again where it was removed while the service runs', async () => {
    const entry = bundledEntry(THROWING_ENGINE, silent);
    const first = await entry();
    assert.deepEqual(await entry(), first);
    await rm(new URL('.', first), { recursive: true });
    const second = await entry();
    assert.notDeepEqual(second, first);
    assert.ok(existsSync(second));
  });

  describe('runs the engine module inside', () => {
    async function failWith(options: Record<string, string>): Promise<string> {
      const pool = new ChildPool({
        entry: await childBundle(THROWING_ENGINE),
        warm: 0,
        niceness: 0,
        env: process.env,
        logger: silent,
      });
      try {
        const engine = { module: THROWING_ENGINE, options, kind: 'sandbox' };
        const result = await new StackRunner(pool, LIMITS, silent).run({ engine } as unknown as StackOperation);
        assert.ok(!result.ok);
        return result.error.message;
      } finally {
        await pool.close();
      }
    }

    const isNamedIn = (trace: string | undefined, statement: string) => {
      const line = readFileSync(fileURLToPath(THROWING_ENGINE), 'utf8').split(statement)[0]!.split('\n').length;
      assert.match(trace ?? '', new RegExp(`file://\\S*/tests/support/throwing-engine\\.ts:${line}:`));
    };

    it('with stack traces that name the sources and one copy of the SDK', async () => {
      const message = await failWith({});
      const said = JSON.parse(/\{.*\}/s.exec(message)?.[0] ?? 'null') as Record<string, string>;
      isNamedIn(said.stack, "new Error('here')");
      assert.equal(said.source, THROWING_ENGINE);
      assert.match(said.notFound!, /^StackNotFoundError/);
    });

    it('with the line of the source for what nothing catches', async () => {
      isNamedIn(await failWith({ uncaught: 'Yes' }), 'new Error(message)');
    });
  });

  it('leaves out what no built-in blueprint needs', async () => {
    const entry = await childBundle(SANDBOX_ENGINE);
    const pool = new ChildPool({ entry, warm: 0, niceness: 0, env: process.env, logger: silent });
    const child = await pool.take();
    try {
      const maps = process.platform === 'linux' ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
      const megabytes = Number(/VmRSS:\s+(\d+)/.exec(maps)?.[1] ?? 0) / 1024;
      // 240 MB with all of @pulumi/aws, TypeScript and npm in it.
      assert.ok(megabytes < 190, `a waiting child takes ${megabytes} MB`);
    } finally {
      await pool.release(child);
    }
  });

  it('is done without where it cannot be built', async () => {
    const missing = new URL('../support/no-such-engine.ts', import.meta.url).href;
    const warnings: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
    assert.deepEqual(await bundledEntry(missing, logger)(), UNBUNDLED_CHILD);
    assert.match(warnings.join(), /could not be bundled/);
  });
});
