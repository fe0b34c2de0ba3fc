import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as pulumi from '@pulumi/pulumi';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { bundleHandler, bundleText } from '../../blueprints/shared/lambda/lambda-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HANDLER = new URL('../../blueprints/realtime-inference/handler.ts', import.meta.url);

/** What another process makes of a handler, in an installation of its own with the same packages. */
function bundleElsewhere(installation: string, handler: string, cwd: string): string {
  const script = `
    const { bundleText } = await import(${JSON.stringify(pathToFileURL(join(installation, 'blueprints/shared/lambda/lambda-bundle.ts')).href)});
    process.stdout.write(bundleText(new URL(${JSON.stringify(pathToFileURL(join(installation, handler)).href)})));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** A copy of the blueprints elsewhere; its packages are links, but for the cache, which is its own. */
async function copyOfInstallation(at: string): Promise<string> {
  const installation = join(at, 'installation');
  await mkdir(join(installation, 'node_modules'), { recursive: true });
  await cp(join(ROOT, 'blueprints'), join(installation, 'blueprints'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(installation, 'package.json'));
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.'))
      await symlink(join(ROOT, 'node_modules', name), join(installation, 'node_modules', name));
  }
  return installation;
}

describe('a bundled handler', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let installation: string;
  const cache = () => join(installation, 'node_modules/.cache/mlops-lambda');
  const made = (handler = 'blueprints/realtime-inference/handler.ts', cwd = folder.path) =>
    bundleElsewhere(installation, handler, cwd);

  beforeEach(async () => {
    folder = await temporaryFolder();
    installation = await copyOfInstallation(folder.path);
  });
  afterEach(() => folder.remove());

  it('is one file, the same bytes every time, in whatever process, folder and working directory', () => {
    const here = bundleText(HANDLER);
    const first = made();
    assert.equal(first, here);
    assert.deepEqual(made(undefined, '/'), first);
  });

  for (const name of [
    'autopilot',
    'batch-transform',
    'hyperparameter-tuning',
    'model-monitor',
    'model-training',
    'realtime-inference',
  ]) {
    it(`of ${name} has the same bytes twice, and less than half a MiB of them`, () => {
      const handler = `blueprints/${name}/handler.ts`;
      const here = bundleText(new URL(`../../${handler}`, import.meta.url));
      assert.equal(made(handler), here);
      assert.ok(Buffer.byteLength(here) < 524_288, `${Buffer.byteLength(here)} bytes`);
    });
  }

  it('is built ahead of time by npm run bundles, and read afterwards without a bundler', async () => {
    const script = join(installation, 'blueprints/bundles.ts');
    const built = spawnSync(process.execPath, [script], { cwd: folder.path, encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    assert.equal(built.stdout.match(/handler\.ts: \d+ KiB/g)?.length, 6);
    await rm(join(installation, 'node_modules/esbuild'));
    assert.equal(made(), bundleText(HANDLER));
  });

  it('that does not compile is the error of npm run bundles', async () => {
    await writeFile(join(installation, 'blueprints/autopilot/handler.ts'), 'export const handler = ;');
    const script = join(installation, 'blueprints/bundles.ts');
    const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /handler\.ts:1:\d+: ERROR: /);
  });

  it('says nothing of where it was made', () => {
    const text = bundleText(HANDLER);
    assert.ok(!text.includes(ROOT));
    assert.ok(!/node_modules|\/blueprints\//.test(text));
  });

  it('holds all it needs but Node itself', () => {
    const imports = [...bundleText(HANDLER).matchAll(/\bfrom\s*"([^"]+)"/g)].map((match) => match[1] ?? '');
    assert.deepEqual(
      imports.filter((name) => !/^(node:)?[a-z0-9_/]+$/.test(name)),
      [],
    );
  });

  it('is an archive of the content alone', async () => {
    const assets = await bundleHandler(HANDLER).assets;
    assert.deepEqual(Object.keys(assets), ['index.mjs']);
    assert.equal(await (assets['index.mjs'] as pulumi.asset.StringAsset).text, bundleText(HANDLER));
  });

  it('follows a change in a module that the handler imports', async () => {
    const write = (name: string, text: string) => writeFile(join(installation, 'blueprints/shared', name), text);
    await write('word.ts', "export const word: string = 'before';");
    await write('try-handler.ts', "import { word } from './word.ts';\nexport const handler = () => word;");
    assert.match(made('blueprints/shared/try-handler.ts'), /before/);
    await write('word.ts', "export const word: string = 'after!';");
    const text = made('blueprints/shared/try-handler.ts');
    assert.match(text, /after!/);
    assert.doesNotMatch(text, /before/);
  });

  it('is read from the cache if nothing changed, and built again if the cache is damaged', async () => {
    const first = made();
    const [file = ''] = await readdir(cache());
    const path = join(cache(), file);
    const cached = JSON.parse(await readFile(path, 'utf8')) as { text: string };
    await writeFile(path, JSON.stringify({ ...cached, text: 'from the cache' }));
    assert.equal(made(), 'from the cache');
    for (const damage of ['', '{"inputs":', '{}', JSON.stringify({ ...cached, inputs: ['gone.ts'] })]) {
      await writeFile(path, damage);
      assert.equal(made(), first, damage);
    }
    assert.deepEqual(await readdir(cache()), [file], 'no half-written files are left');
  });

  it('names the file and the reason when it does not compile', async () => {
    const file = join(folder.path, 'broken.ts');
    await writeFile(file, 'export const handler = (');
    assert.throws(() => bundleText(pathToFileURL(file)), /broken\.ts:1/);
  });
});
