/** From `npm run blueprint:new` to an installed npm package. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ESLint } from 'eslint';
import { after, before, describe, it } from 'mocha';
import * as prettier from 'prettier';
import type { PreviewAnswer } from '../../automation/model.ts';
import { bundleText } from '../../blueprints/shared/lambda/lambda-bundle.ts';
import { loadCustomBlueprints } from '../../blueprints/custom/load.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { startSandboxProcess } from '../../scripts/sandbox-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ROOT, folderOf, generated, handwritten, script } from './support.ts';

describe('a generated blueprint', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let blueprint: string;
  before(async () => {
    folder = await temporaryFolder();
    blueprint = generated('feature-store-group', folder.path);
  });
  after(() => folder.remove());

  it('is one that the service takes, with right types and tests that pass', async () => {
    const wrong = join(blueprint, 'wrong.ts');
    const imported = `import type { FeatureStoreGroup } from './component.ts';`;
    // If there is no error to expect, the compiler says so.
    const misspelled = `// @ts-expect-error\nexport const arn = (component: FeatureStoreGroup) => component.roleARN;`;
    await writeFile(wrong, `${imported}\n${misspelled}\n`);
    const { status, out, err } = script('blueprint-check', blueprint);
    await rm(wrong);
    assert.equal(status, 0, out + err);
    assert.match(out, /^feature_store_group, version 0\.1\.0: the service would accept it\.\nIts types are valid\.\n/);
    assert.match(out, / 6 passing /);
  }).timeout(180_000);

  it('has nothing left of the template’s name', async () => {
    for (const file of await readdir(blueprint)) {
      assert.doesNotMatch(await readFile(join(blueprint, file), 'utf8'), /sample/i, file);
    }
  });

  it('has nothing that the linter or the formatter of this repository would change', async () => {
    const eslint = new ESLint({ cwd: blueprint, overrideConfigFile: join(ROOT, 'eslint.config.js') });
    const results = await eslint.lintFiles(['.']);
    assert.ok(results.length >= 6);
    assert.deepEqual(
      results.flatMap(({ filePath, messages }) => messages.map(({ message }) => `${filePath}: ${message}`)),
      [],
    );
    const style = await prettier.resolveConfig(join(ROOT, 'package.json'));
    for (const file of await readdir(blueprint)) {
      const text = await readFile(join(blueprint, file), 'utf8');
      assert.ok(await prettier.check(text, { ...style, filepath: file }), file);
    }
  }).timeout(60_000);

  for (const [name, words] of Object.entries({
    'Feature-Store': /"Feature-Store" must be lower case words/,
    'byom-image-builder': /too near to the built-in type byom_image_builder/,
    modeltraining: /too near to the built-in type model_training_builtin/,
    'feature-store-group': /is there already/,
    'a-name-that-no-pipeline-id-has-room-for': /is too long/,
  })) {
    it(`is not made where the name is ${name}`, () => {
      const { status, err } = script('blueprint-new', name, '--dir', folder.path);
      assert.equal(status, 1);
      assert.match(err, words);
      assert.doesNotMatch(err, /\n {4}at /, 'no stack trace for people');
    });
  }

  it('is checked with a message for every kind of fault', async () => {
    const check = async (name: string, change: (files: string) => Promise<void>) => {
      const copy = join(folder.path, name);
      await cp(blueprint, copy, { recursive: true });
      await change(copy);
      return script('blueprint-check', copy);
    };
    const edit = (file: string, before: string, after: string) => async (copy: string) => {
      const text = await readFile(join(copy, file), 'utf8');
      assert.ok(text.includes(before));
      await writeFile(join(copy, file), text.replace(before, after));
    };
    const contract = await check('wrong-contract', edit('index.ts', `'featurestoregroup'`, `'feature-store'`));
    assert.equal(contract.status, 1);
    assert.match(contract.err, /The service would refuse .*wrong-contract:\n {2}- "namePostfix" /);
    // Nothing that Pulumi's types are read for: that takes the compiler ten times as long as all else.
    const wrongTypes = await folderOf(join(folder.path, 'wrong-types'), {
      'tsconfig.json': await readFile(join(blueprint, 'tsconfig.json'), 'utf8'),
      'index.js': handwritten(),
      'size.ts': `export const size: number = 'large';`,
    });
    const types = script('blueprint-check', wrongTypes);
    assert.match(types.out, /size\.ts.*'string' is not assignable to type 'number'/);
    assert.match(types.err, /its types are wrong/);
    const failing = await check('failing-test', async (copy) => {
      await edit('component.ts', 'memorySize: args.memorySize,', 'memorySize: 128,')(copy);
      await rm(join(copy, 'tsconfig.json'));
    });
    assert.match(failing.out, /No tsconfig\.json: its types are not checked\./);
    assert.match(failing.err, /its tests fail/);
    assert.deepEqual([types.status, failing.status], [1, 1]);
  }).timeout(180_000);

  it('has the same bytes in its Lambda function wherever it lies', async () => {
    const elsewhere = join(folder.path, 'else/where');
    await cp(blueprint, elsewhere, { recursive: true });
    const bundle = (at: string) => bundleText(pathToFileURL(join(at, 'handler.ts')));
    assert.equal(bundle(elsewhere), bundle(blueprint));
    assert.ok(!bundle(blueprint).includes(folder.path));
  });
});

describe('what a custom blueprint imports', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder.remove());

  const load = async (source: string) => (await loadCustomBlueprints([source], { from: folder.path }))[0];

  it('is the service’s joi, also where another one lies nearer', async () => {
    const source = await folderOf(join(folder.path, 'own-joi'), { 'index.js': handwritten() });
    await folderOf(join(source, 'node_modules/joi'), { 'index.js': `throw new Error('the wrong joi');` });
    assert.deepEqual((await load(source))?.reasons, []);
  });

  it('is its own package first, else one of the service', async () => {
    const lines = `import { answer } from 'own-package'; import pino from 'pino';
if (answer !== 42 || typeof pino !== 'function') throw new Error('not these');`;
    const source = await folderOf(join(folder.path, 'own-package'), { 'index.js': handwritten({}, lines) });
    await folderOf(join(source, 'node_modules/own-package'), {
      'package.json': JSON.stringify({ type: 'module', exports: './index.js' }),
      'index.js': 'export const answer = 42;',
    });
    assert.deepEqual((await load(source))?.reasons, []);
  });

  it('is the same through CommonJS', async () => {
    const source = await folderOf(join(folder.path, 'commonjs'), {
      'package.json': JSON.stringify({ version: '1.0.0', main: 'main.cjs' }),
      'main.cjs': `const Joi = require('joi');
const { modelName, pipelineType } = require('mlops-workload-orchestrator/shared/joi-pieces');
module.exports = {
  pipelineType: 'common', title: 'CommonJS', description: 'Of its time.', namePostfix: 'common', nameKey: 'model_name',
  placement: 'orchestrator', perStageKeys: [],
  schema: () => Joi.object({ pipeline_type: pipelineType('common'), model_name: modelName().required() }),
  example: { pipeline_type: 'common', model_name: 'm' },
  loadProgram: async () => async () => ({}),
};`,
    });
    assert.deepEqual((await load(source))?.reasons, []);
  });
});

describe('a blueprint as an npm package', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let installation: string;
  before(async function () {
    this.timeout(120_000);
    folder = await temporaryFolder();
    const blueprint = generated('packed-report', folder.path);
    const { status, err } = script('blueprint-build', blueprint);
    assert.equal(status, 0, err);
    // A name in a scope, as companies have them.
    const manifest = join(blueprint, 'dist/package.json');
    const packed = JSON.parse(await readFile(manifest, 'utf8')) as Record<string, unknown>;
    await writeFile(manifest, JSON.stringify({ ...packed, name: '@company/packed-report', version: '2.1.0' }));
    const npm = (cwd: string, ...args: string[]) => {
      const run = spawnSync('npm', args, { cwd, encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
    };
    npm(folder.path, 'pack', join(blueprint, 'dist'));
    installation = join(folder.path, 'installation');
    await mkdir(installation);
    await writeFile(join(installation, 'package.json'), '{"private": true}');
    npm(installation, 'install', '--offline', join(folder.path, 'company-packed-report-2.1.0.tgz'));
  });
  after(() => folder.remove());

  it('ships JavaScript and nothing that only its authors need', async () => {
    const files = await readdir(join(installation, 'node_modules/@company/packed-report'));
    assert.deepEqual(files.sort(), [
      'README.md',
      'component.js',
      'example.json',
      'handler.js',
      'index.js',
      'package.json',
      'program.js',
      'schema.js',
    ]);
  });

  it('is provisioned by a service that is started where it is installed', async () => {
    const sandbox = await startSandboxProcess(
      { SANDBOX_HOME: join(folder.path, 'home'), SANDBOX_SPEED: '0', CUSTOM_BLUEPRINTS: '@company/packed-report' },
      { workingDirectory: installation },
    );
    try {
      const client = new OrchestratorClient(sandbox.url);
      const found = await client.call<{ version: string; example: Record<string, unknown> }>(
        'GET',
        '/pipeline-types/packed_report',
      );
      assert.equal(found.version, '2.1.0');
      const { pipeline_id: id, execution_id: execution } = await client.provision(found.example);
      const { status, stages } = await client.finished(execution ?? assert.fail());
      assert.equal(status, 'Succeeded', JSON.stringify(stages));
      const { environments } = await client.call<PreviewAnswer>('POST', `/pipelines/${id}/preview`, {});
      assert.deepEqual(environments[0]?.changes, []);
    } finally {
      await sandbox.stop();
    }
  }).timeout(120_000);

  it('is refused where it ships TypeScript, and taken where it is only linked', async () => {
    const modules = join(installation, 'node_modules');
    const source = join(folder.path, 'packed-report');
    await cp(source, join(modules, 'shipped-as-typescript'), { recursive: true });
    await symlink(source, join(modules, 'linked-report'));
    const [shipped, linked] = await Promise.all(
      ['shipped-as-typescript', 'linked-report'].map(
        async (name) => (await loadCustomBlueprints([name], { from: installation }))[0],
      ),
    );
    assert.equal(shipped?.reasons.length, 1);
    assert.match(shipped.reasons[0] ?? '', /A package must ship JavaScript: build it with npm run blueprint:build/);
    assert.deepEqual(linked?.reasons, []);
  });
});
