/**
 * The child process as a bundle: importing its 2,500 modules one by one takes longer than all the rest of its start, and
 * every operation has a child of its own. Built once (`npm run bundles`, which the image is built with, or the first start of
 * a service), then taken from the cache on disk as long as no input has changed.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Esbuild from 'esbuild';
import { bundleInputs, fingerprintOf, sha256 } from '../../../blueprints/shared/bundle-inputs.ts';
import { BUNDLES } from './folder.ts';
import {
  BANNER,
  MODULE_URL,
  OUTPUT,
  ROOT,
  fixedModules,
  laterModules,
  requiredHttp,
  sourceUrls,
  usedAwsModules,
} from './plugins.ts';

const CACHE = join(ROOT, 'node_modules/.cache', BUNDLES);
/** Code for one version of Node.js is not for another. */
const MAKER = [process.versions.node];
/** What else decides what comes out: this code, and which version of a package, esbuild included, is installed where. */
const OWN = [
  ...['child-bundle.ts', 'plugins.ts'].map((file) => relative(ROOT, fileURLToPath(new URL(file, import.meta.url)))),
  'node_modules/.package-lock.json',
];
/** A service that started with an older bundle may still need it. */
const KEPT_MS = 24 * 3_600_000;
const MAIN = fileURLToPath(new URL('../child/main.ts', import.meta.url));
const SWITCH = fileURLToPath(new URL('../child/dead-mans-switch-thread.ts', import.meta.url));

/** A bundle, and what it was made of. */
interface CachedBundle {
  /** Relative to the service's folder. */
  inputs: string[];
  fingerprint: string;
  /** Within the cache. */
  folder: string;
}

/** The child that is not bundled: the same program, and the only one that shares its packages with custom blueprints. */
export const UNBUNDLED_CHILD = new URL('../child/main.ts', import.meta.url);

/**
 * The entry of the bundled child, for built-in pipeline types.
 * @param engineModule as in `EngineSettings.module`: it becomes part of the bundle
 * @throws esbuild's error
 */
export async function childBundle(engineModule: string): Promise<URL> {
  const module = fileURLToPath(engineModule);
  const record = join(CACHE, `${sha256(relative(ROOT, module)).slice(0, 16)}.json`);
  const bundle = readCached(record) ?? (await build(module, record));
  return pathToFileURL(join(CACHE, bundle.folder, `${OUTPUT.main}.mjs`));
}

/** @returns undefined if there is none, it is damaged, or its inputs have changed since. */
function readCached(record: string): CachedBundle | undefined {
  try {
    const cached = JSON.parse(readFileSync(record, 'utf8')) as CachedBundle;
    const isWhole = existsSync(join(CACHE, cached.folder, `${OUTPUT.main}.mjs`));
    return isWhole && cached.fingerprint === fingerprintOf(cached.inputs, ROOT, MAKER) ? cached : undefined;
  } catch {
    return undefined;
  }
}

/** Others may build the same at the same time: each has a folder of its own, and the last record counts. */
async function build(engineModule: string, record: string): Promise<CachedBundle> {
  // Loaded only where something is to be built: with the bundles of the image nothing is.
  const esbuild = (await import('esbuild')) as typeof Esbuild;
  const folder = randomUUID();
  const output = join(CACHE, folder);
  try {
    const { metafile } = await esbuild.build({
      entryPoints: [
        { in: MAIN, out: OUTPUT.main },
        { in: SWITCH, out: OUTPUT.switch },
      ],
      outdir: output,
      outExtension: { '.js': '.mjs' },
      absWorkingDir: ROOT,
      bundle: true,
      // What is imported at run time only, such as the program of each blueprint, is read only then.
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node.split('.')[0]}`,
      mainFields: ['module', 'main'],
      define: { 'import.meta.url': MODULE_URL },
      banner: { js: BANNER },
      plugins: [fixedModules(engineModule, output), sourceUrls(output), laterModules, requiredHttp, usedAwsModules()],
      minifySyntax: true,
      sourcemap: true,
      // Of what failed: see source-lines.ts. The sources are there.
      sourcesContent: false,
      tsconfigRaw: {},
      metafile: true,
      logLevel: 'silent',
    });
    const files = [...Object.keys(metafile.inputs), ...OWN].filter((input) => existsSync(join(ROOT, input)));
    const inputs = bundleInputs(files);
    const bundle = { inputs, fingerprint: fingerprintOf(inputs, ROOT, MAKER), folder };
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(`${record}.${folder}`, JSON.stringify(bundle));
    renameSync(`${record}.${folder}`, record);
    removeOld(bundle);
    return bundle;
  } catch (error) {
    rmSync(output, { recursive: true, force: true });
    throw error;
  } finally {
    // Its own process would stay for as long as the service runs.
    await esbuild.stop();
  }
}

function removeOld(newest: CachedBundle): void {
  for (const { name, parentPath } of readdirSync(CACHE, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )) {
    const folder = join(parentPath, name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? {};
    const isOld = mtimeMs !== undefined && mtimeMs < Date.now() - KEPT_MS;
    if (isOld && name !== newest.folder) rmSync(folder, { recursive: true, force: true });
  }
}
