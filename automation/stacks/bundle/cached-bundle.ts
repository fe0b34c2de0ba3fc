/**
 * Programs of the service as bundles, with the engine that they run on inside. Built once, by `npm run bundles` when the image
 * is built or else by the first start of a service, and then read from the cache on disk as long as no input changes.
 */
import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';
import { bundleInputs, fingerprintOf, sha256 } from '../../../blueprints/shared/bundle-inputs.ts';
import { BUNDLES } from './folder.ts';
import {
  BANNER,
  IMPORT_META,
  ROOT,
  fixedModules,
  laterModules,
  laterTraces,
  nativeStrings,
  sourceUrls,
  usedAwsModules,
  withoutDebugMessages,
} from './plugins.ts';

const CACHE = join(ROOT, 'node_modules/.cache', BUNDLES);
const RUN_BUNDLE = fileURLToPath(new URL('run-bundle.cjs', import.meta.url));
/** A bundle is built for one version of Node.js. */
const MAKER = [process.versions.node];
/** Further inputs: this code, and the installed versions of all packages, esbuild included. */
const OWN = [
  ...['cached-bundle.ts', 'plugins.ts', 'run-bundle.cjs'].map((file) =>
    relative(ROOT, fileURLToPath(new URL(file, import.meta.url))),
  ),
  'node_modules/.package-lock.json',
];
/** A service that started with an older bundle may still need it. */
const KEPT_MS = 24 * 3_600_000;

/** A bundle and its inputs. */
interface CachedBundle {
  /** Relative to the service's folder. */
  inputs: string[];
  fingerprint: string;
  /** Within the cache. */
  folder: string;
}

/** What goes into a bundle. */
export interface BundleContents {
  /** The source of each entry file, by the name that it has in the bundle, without extension. */
  entries: Readonly<Record<string, URL>>;
  /** As in `EngineSettings.module`. */
  engineModule: string;
  /** Packages that are not bundled: those that find files beside them, and those that are required only if they are installed. */
  external?: readonly string[];
}

/**
 * @returns the bundle's folder, which has `<name>.cjs` for every entry
 * @throws esbuild's error
 */
export async function cachedBundle(contents: BundleContents): Promise<string> {
  const sources = [contents.engineModule, ...Object.values(contents.entries)].map((source) =>
    relative(ROOT, fileURLToPath(source)),
  );
  const record = join(CACHE, `${sha256(sources.join(' ')).slice(0, 16)}.json`);
  const bundle = readCached(record, Object.keys(contents.entries)) ?? (await build(contents, record));
  return join(CACHE, bundle.folder);
}

/** @returns undefined if there is none, it is damaged, or its inputs have changed */
function readCached(record: string, names: readonly string[]): CachedBundle | undefined {
  try {
    const cached = JSON.parse(readFileSync(record, 'utf8')) as CachedBundle;
    const isWhole = names.every((name) => existsSync(join(CACHE, cached.folder, `${name}.cjs`)));
    return isWhole && cached.fingerprint === fingerprintOf(cached.inputs, ROOT, MAKER) ? cached : undefined;
  } catch {
    return undefined;
  }
}

/** Concurrent builds use separate folders; the last record wins. */
async function build({ entries, engineModule, external = [] }: BundleContents, record: string): Promise<CachedBundle> {
  // Loaded only to build: with the bundles of the image there is nothing to build.
  const esbuild = (await import('esbuild')) as typeof Esbuild;
  const folder = randomUUID();
  const output = join(CACHE, folder);
  try {
    const { metafile } = await esbuild.build({
      entryPoints: Object.entries(entries).map(([name, source]) => ({
        in: fileURLToPath(source),
        out: `${name}.bundle`,
      })),
      outdir: output,
      outExtension: { '.js': '.cjs' },
      absWorkingDir: ROOT,
      bundle: true,
      // One script for each: what V8 has compiled of an ES module cannot be kept once it has run.
      format: 'cjs',
      platform: 'node',
      target: `node${process.versions.node.split('.')[0]}`,
      mainFields: ['module', 'main'],
      define: IMPORT_META,
      banner: { js: BANNER },
      plugins: [
        fixedModules(fileURLToPath(engineModule), output),
        sourceUrls(output),
        laterModules,
        laterTraces,
        nativeStrings,
        withoutDebugMessages,
        usedAwsModules(),
      ],
      external: [...external],
      minifySyntax: true,
      sourcemap: true,
      // For stack traces: see source-lines.ts. The sources themselves are installed.
      sourcesContent: false,
      tsconfigRaw: {},
      metafile: true,
      logLevel: 'silent',
    });
    for (const name of Object.keys(entries)) {
      copyFileSync(RUN_BUNDLE, join(output, `${name}.cjs`));
      makeAscii(join(output, `${name}.bundle.cjs`));
    }
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
    // esbuild's own process would otherwise run as long as the service.
    await esbuild.stop();
  }
}

/**
 * One character that is not ASCII makes V8 keep all of the source with two bytes for each. esbuild escapes those of strings, and
 * leaves those of comments and regular expressions, where an escape means the same.
 */
function makeAscii(file: string): void {
  const escaped = readFileSync(file, 'utf8').replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  writeFileSync(file, escaped);
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
