/** A disk without space: the service goes on without a log, `GET /readyz` tells, and all is well once there is space. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Readiness } from '../../automation/model.ts';
import { LogDestination, logStateOf } from '../../automation/platform/log-destination.ts';
import { createLogger } from '../../automation/platform/logger.ts';
import { createDatabase } from '../support/database.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const DISK = '2m';

/** A small disk of its own, or undefined where mounting is not allowed. */
async function smallDisk(): Promise<
  { path: string; fill(): Promise<void>; free(): Promise<void>; remove(): Promise<void> } | undefined
> {
  const folder = await temporaryFolder();
  const filler = join(folder.path, 'filler');
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=755`, 'tmpfs', folder.path]);
  } catch {
    await folder.remove();
    return undefined;
  }
  return {
    path: folder.path,
    fill: () =>
      writeFile(filler, Buffer.alloc(4_194_304)).then(
        () => assert.fail('the disk is larger than it should be'),
        (error: NodeJS.ErrnoException) => assert.equal(error.code, 'ENOSPC'),
      ),
    free: () => rm(filler),
    remove: async () => {
      await run('umount', ['-l', folder.path]);
      await folder.remove();
    },
  };
}

describe('a full disk', () => {
  it('does not end a process that logs, nor keep it from ending', async function () {
    if (process.platform !== 'linux') return this.skip();
    const module = new URL('../../automation/platform/logger.ts', import.meta.url).href;
    const script = `
      import { createLogger } from '${module}';
      import { logStateOf } from '${new URL('../../automation/platform/log-destination.ts', import.meta.url).href}';
      const logger = createLogger({ level: 'info', file: '/dev/full' });
      for (let line = 0; line < 20_000; line++) logger.info('x'.repeat(200));
      process.stdout.write(JSON.stringify(logStateOf(logger.child({ component: 'any' }))));
      setTimeout(() => process.exit(7), 10);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 7, output);
    assert.match(output, /"ok":false,"detail":"The log cannot be written \(ENOSPC\); \d+ lines were dropped\."/);
  });

  it('costs the lines that do not fit into memory, and the log says how many', async function () {
    const disk = await smallDisk();
    if (!disk) {
      console.warn('      skipped: mounting a tmpfs is not allowed here');
      return this.skip();
    }
    try {
      const file = join(disk.path, 'service.log');
      const logger = createLogger({ level: 'info', file });
      logger.info('before');
      await disk.fill();
      for (let line = 0; line < 6_000; line++) logger.info({ line }, 'x'.repeat(500));
      assert.equal(logStateOf(logger).ok, false);
      await disk.free();
      assert.deepEqual(logStateOf(logger), { ok: true });
      logger.info('after');
      const lines = (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const recovered = lines.find(({ msg }) => msg === 'the log can be written again');
      assert.ok(Number(recovered?.dropped) > 0);
      assert.equal(lines.filter(({ line }) => line !== undefined).length + Number(recovered?.dropped), 6_000);
      assert.equal(lines[0]?.msg, 'before');
      assert.ok(lines.some(({ msg }) => msg === 'after'));
    } finally {
      await disk.remove();
    }
  });

  it('under the home of a sandbox is named by /readyz until there is space again', async function () {
    const disk = await smallDisk();
    if (!disk) {
      console.warn('      skipped: mounting a tmpfs is not allowed here');
      return this.skip();
    }
    const database = await createDatabase();
    try {
      const sandbox = await startTestSandbox({ SANDBOX_HOME: disk.path }, { databaseUrl: database.url });
      try {
        const ready = async () => {
          const response = await fetch(`${sandbox.url}/readyz`);
          return { status: response.status, checks: ((await response.json()) as Readiness).checks };
        };
        assert.equal((await ready()).status, 200);
        await disk.fill();
        // Each is a line in the log.
        for (let call = 0; call < 30; call++) await (await fetch(`${sandbox.url}/pipelines`)).text();
        const full = await ready();
        assert.equal(full.status, 503);
        assert.match(full.checks.state?.detail ?? '', /ENOSPC/);
        assert.match(full.checks.log?.detail ?? '', /ENOSPC/);
        assert.equal((await fetch(`${sandbox.url}/healthz`)).status, 200);
        await disk.free();
        const back = await ready();
        assert.equal(back.status, 200);
        assert.deepEqual([back.checks.state, back.checks.log], [{ ok: true }, { ok: true }]);
      } finally {
        await sandbox.stop();
      }
    } finally {
      await disk.remove();
      await database.drop();
    }
  });
});

describe('a log file that cannot be opened', () => {
  it('is an error at the start', () => {
    assert.throws(() => new LogDestination('/dev/null/service.log'), /ENOTDIR|EEXIST/);
  });
});
