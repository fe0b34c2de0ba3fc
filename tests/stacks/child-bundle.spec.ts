import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, readFile, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pino from 'pino';
import { UNBUNDLED_CHILD, childBundle } from '../../automation/stacks/bundle/child-bundle.ts';
import { ChildPool } from '../../automation/stacks/child-pool.ts';
import { bundledEntry } from '../../automation/stacks/child-pools.ts';
import type { StackOperation } from '../../automation/stacks/operation.ts';
import { StackRunner } from '../../automation/stacks/stack-runner.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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
    const files = (await readdir(folder)).filter((file) => file.endsWith('.bundle.cjs'));
    const text = (await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))).join('\n');
    const [captured] = text.match(/Object\.defineProperty\(p, "_debugStackTrace", .*/) ?? [];
    assert.match(captured ?? '', /\{ get: \(\) => trace\d*\.stack \}/);
    const [debug] = text.match(/function debug\d*\(msg, resource\d*, streamId, ephemeral\) \{\s+.*/) ?? [];
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
      const said = JSON.parse(/\{.*\}/s.exec(message)?.[0] ?? 'null') as Record<string, string> & {
        connections: object;
      };
      isNamedIn(said.stack, "new Error('here')");
      assert.equal(said.source, THROWING_ENGINE);
      assert.match(said.notFound!, /^StackNotFoundError/);
      assert.partialDeepStrictEqual(said.connections, { 'grpc.use_local_subchannel_pool': 1 });
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

  it('keeps what the first process has compiled, until V8 does not take it', async () => {
    const built = fileURLToPath(new URL('.', await childBundle(SANDBOX_ENGINE)));
    const { path, remove } = await temporaryFolder();
    const entry = pathToFileURL(join(path, 'main.cjs'));
    const pool = new ChildPool({ entry, warm: 0, niceness: 0, env: process.env, logger: silent });
    /** Of the file that is there after another start. */
    const kept = async () => {
      await pool.release(await pool.take());
      const files = (await readdir(path)).filter((file) => file.endsWith('.started'));
      assert.equal(files.length, 1);
      const file = join(path, files[0]!);
      const { ino, size } = await stat(file);
      return { file, ino, size };
    };
    try {
      const programs = (await readdir(built)).filter((file) => file.endsWith('.cjs'));
      await Promise.all(programs.map((file) => copyFile(join(built, file), join(path, file))));
      const first = await kept();
      // Without the functions that are called later, it is a twentieth.
      assert.ok(first.size > 1_000_000, `${first.size} bytes`);
      assert.deepEqual(await kept(), first);
      await truncate(first.file, first.size / 2);
      assert.ok((await kept()).size > first.size * 0.9);
      assert.notEqual((await kept()).ino, first.ino);
    } finally {
      await pool.close();
      await remove();
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
