import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { GitCommand, value } from '../../automation/sources/providers/git-command.ts';
import { gitSource, newestCommit } from '../../automation/sources/providers/git.ts';
import { REQUEST } from '../support/api.ts';
import { until } from '../support/until.ts';
import type { Ground, World } from './support/world.ts';
import { startGround, startWorld } from './support/world.ts';

const execute = promisify(execFile);
const NO_CREDENTIALS = { pollSeconds: 1, username: '', password: '', sshKeyFile: '' };

/** A bare repository, and a clone in which a person works. */
class Repository {
  readonly bare: string;
  readonly url: string;
  readonly #work: string;

  constructor(folder: string) {
    this.bare = join(folder, 'remote.git');
    this.url = pathToFileURL(this.bare).href;
    this.#work = join(folder, 'work');
  }

  async create(): Promise<void> {
    await mkdir(this.#work, { recursive: true });
    await execute('git', ['init', '--quiet', '--bare', '--initial-branch=main', this.bare]);
    await this.git('init', '--quiet', '--initial-branch=main');
    await this.git('remote', 'add', 'origin', this.bare);
  }

  async git(...args: string[]): Promise<string> {
    const identity = ['-c', 'user.name=Kim', '-c', 'user.email=kim@example.com', '-c', 'commit.gpgsign=false'];
    return (await execute('git', [...identity, ...args], { cwd: this.#work })).stdout.trim();
  }

  /** @returns the new commit, which has been pushed */
  async push(content: unknown, branch = 'main'): Promise<string> {
    await this.write(typeof content === 'string' ? content : JSON.stringify(content));
    return await this.commit(branch);
  }

  async write(text: string): Promise<void> {
    await unlink(this.file).catch(() => undefined);
    await writeFile(this.file, text);
  }

  get file(): string {
    return join(this.#work, 'mlops-config.json');
  }

  async commit(branch = 'main'): Promise<string> {
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', 'a change');
    await this.git('push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
    return await this.git('rev-parse', 'HEAD');
  }
}

describe('a git remote without webhooks', () => {
  let ground: Ground;
  let world: World | undefined;
  let repository: Repository;
  let number = 0;

  before(async () => {
    ground = await startGround();
  });

  after(async () => {
    await ground.remove();
  });

  beforeEach(async () => {
    repository = new Repository(join(ground.path, `git-${number++}`));
    await repository.create();
  });

  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });

  async function start(options: Parameters<typeof startWorld>[2] = {}): Promise<World> {
    return (world = await startWorld(
      ground,
      { CONFIG_REPOSITORIES: `git:${repository.url}@main`, CONFIG_POLL_SECONDS: '1' },
      options,
    ));
  }

  const command = (env: NodeJS.ProcessEnv = process.env, settings = NO_CREDENTIALS, deadlineMs?: number) =>
    new GitCommand(settings, env, new AbortController().signal, deadlineMs);

  it('is provisioned as it is found, then with every new commit, and not with commits of other branches', async () => {
    await repository.push(REQUEST);
    const { provisioned, deliveries, reaches } = await start();
    await reaches('Provisioned');
    assert.deepEqual(provisioned(), [[REQUEST, `git:${repository.url}`]]);
    await repository.push({ ...REQUEST, model_name: 'elsewhere' }, 'feature/main');
    const second = await repository.push({ ...REQUEST, model_name: 'second' });
    await until(() => provisioned().length === 2, 'the second commit is provisioned');
    assert.equal((provisioned()[1]?.[0] as Record<string, unknown>).model_name, 'second');
    assert.equal((await deliveries())[1]?.revision, second);
  });

  it('is not provisioned again after a restart, but what was pushed in the meantime is', async () => {
    await repository.push(REQUEST);
    const before = await start();
    await before.reaches('Provisioned');
    const dueAt = async (at: World) =>
      (await at.database.query<{ next_poll: Date }>('SELECT next_poll FROM mlops.config_polls')).rows[0]?.next_poll;
    const due = (await dueAt(before))?.getTime() ?? 0;
    await before.stop();
    const again = await start({ keep: true });
    await until(async () => ((await dueAt(again))?.getTime() ?? 0) > due, 'it has been polled again');
    await repository.push({ ...REQUEST, model_name: 'later' });
    await until(() => again.provisioned().length > 0, 'the later commit is provisioned');
    assert.deepEqual(
      again.provisioned().map(([body]) => (body as Record<string, unknown>).model_name),
      ['later'],
    );
  });

  it('is delivered once by several processes', async () => {
    await repository.push(REQUEST);
    const first = await start();
    const second = await first.another();
    try {
      await first.reaches('Provisioned');
      const commit = await repository.push({ ...REQUEST, model_name: 'second' });
      await until(async () => (await first.deliveries()).some((one) => one.revision === commit), 'it is found');
      await first.settled();
      assert.equal((await first.deliveries()).length, 2);
      assert.equal(first.provisioned().length + second.provisioned().length, 2);
    } finally {
      await second.stop();
    }
  });

  it('may be pushed back to what it was: that is a new version too', async () => {
    const first = await repository.push(REQUEST);
    const { provisioned, reaches } = await start();
    await reaches('Provisioned');
    await repository.push({ ...REQUEST, model_name: 'second' });
    await until(() => provisioned().length === 2, 'the second commit is provisioned');
    await repository.git('push', '--quiet', '--force', 'origin', `${first}:refs/heads/main`);
    await until(() => provisioned().length === 3, 'the first commit is provisioned again');
    assert.deepEqual(provisioned()[2]?.[0], REQUEST);
  });

  it('reports a bad file by a notification', async () => {
    const commit = await repository.push([{}, REQUEST]);
    const { settled, notices, reaches, provisioned } = await start();
    await reaches('Invalid');
    await settled();
    assert.match(notices[0]?.message ?? '', new RegExp(`git:${repository.url}@main at ${commit} has 2 faults`));
    assert.deepEqual(provisioned(), []);
  });

  it('is reported when it cannot be polled three times in a row', async () => {
    await repository.push(REQUEST, 'other');
    const { notices, log } = await start();
    await until(() => notices.length > 0, 'a notification was made');
    assert.match(notices[0]?.message ?? '', /3 times in a row.* has no branch main/);
    assert.ok(log.some((line) => line.includes('has no branch main')));
    await repository.push(REQUEST);
    await world?.reaches('Provisioned');
    assert.equal(notices.length, 1);
  });

  it('gives the file of exactly one commit, nothing where there is none, and no symbolic link', async () => {
    const source = gitSource(command());
    const place = { repository: repository.url, branch: 'main', path: 'mlops-config.json' };
    const empty = await repository.commit();
    const first = await repository.push('first');
    const second = await repository.push('second');
    await unlink(repository.file);
    await symlink('/etc/hostname', repository.file);
    const linked = await repository.commit();
    const large = await repository.push('x'.repeat(1_048_577));
    const read = async (commit: string) => {
      const bytes = await source.read(place, commit);
      return bytes && (bytes.length > 10 ? bytes.length : Buffer.from(bytes).toString());
    };
    assert.deepEqual(await Promise.all([empty, first, second, linked, large].map(read)), [
      undefined,
      'first',
      'second',
      undefined,
      1_048_577,
    ]);
    assert.deepEqual([await source.isNewest(place, large), await source.isNewest(place, first)], [true, false]);
    await assert.rejects(source.read(place, '--upload-pack=touch /tmp/x'), /is not a commit/);
  });

  it('takes nothing for an option or a command', async () => {
    const marker = join(ground.path, 'marker');
    for (const remote of [`--upload-pack=touch ${marker}`, '-c', '']) {
      await assert.rejects(newestCommit(command(), remote, 'main'), /is not a valid argument for git/);
    }
    await assert.rejects(newestCommit(command(), `ext::sh -c touch% ${marker}`, 'main'), /not allowed/);
    await assert.rejects(newestCommit(command(), `file://${repository.bare}; touch ${marker}`, 'main'));
    await assert.rejects(readFile(marker), { code: 'ENOENT' });
    assert.equal(value('main'), 'main');
  });

  it('sends the credentials to the remote, and shows them to no one else', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url?.startsWith('/moved')) response.writeHead(301, { Location: '/elsewhere.git/info/refs' }).end();
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const git = command(process.env, { ...NO_CREDENTIALS, username: 'kim', password: 'hunter2' });
      const message = await newestCommit(git, `${base}/repo.git`, 'main').catch((error: Error) => error.message);
      assert.match(message, /git ls-remote failed \(128\): .*Authentication failed|could not read/);
      const basic = `Basic ${Buffer.from('kim:hunter2').toString('base64')}`;
      assert.equal(seen[0], basic);
      assert.ok(!message.includes('hunter2') && !message.includes(basic.slice(6)));
      seen.length = 0;
      await assert.rejects(newestCommit(git, `${base}/moved.git`, 'main'));
      assert.equal(seen.length, 1, 'a redirection is not followed');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('is given up after the deadline, with all processes that git has started, and gets little of our environment', async () => {
    const bin = join(ground.path, 'bin');
    await mkdir(bin, { recursive: true });
    const pids = join(ground.path, 'pids');
    await writeFile(
      join(bin, 'git'),
      `#!/bin/sh\nenv > ${pids}.env\nsleep 300 &\necho $$ $! > ${pids}.new && mv ${pids}.new ${pids}\nwait\n`,
    );
    await chmod(join(bin, 'git'), 0o755);
    const env = { PATH: `${bin}:${process.env.PATH}`, DATABASE_URL: 'postgresql://secret', GITHUB_TOKEN: 'secret' };
    await assert.rejects(command(env, NO_CREDENTIALS, 1_000).run(['ls-remote']), /was ended after 1 s/);
    const started = (await readFile(pids, 'utf8')).trim().split(' ').map(Number);
    assert.equal(started.length, 2);
    for (const pid of started) await until(() => !isRunning(pid), `process ${pid} is gone`);
    const seen = await readFile(`${pids}.env`, 'utf8');
    assert.match(seen, /^GIT_TERMINAL_PROMPT=0$/m);
    assert.ok(!seen.includes('secret'));
  });

  it('says so where there is no git', async () => {
    await assert.rejects(command({ PATH: ground.path }).run(['ls-remote']), /git is not installed/);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
