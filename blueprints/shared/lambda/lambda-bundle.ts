/** Lambda handler → code archive. The same source gives the same bytes on every machine, so an unchanged handler is no update. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as pulumi from '@pulumi/pulumi';
import type * as Esbuild from 'esbuild';
import packageJson from '../../../package.json' with { type: 'json' };
import { bundleInputs, fingerprintOf, sha256 } from '../bundle-inputs.ts';

/** The oldest runtime of the functions that blueprints make. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const TARGET = 'node22';
const require = createRequire(import.meta.url);
const HOST_PACKAGES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
/** The modules that the service's package exports, by the names under which custom blueprints import them. */
const HOST_MODULES = Object.fromEntries(
  Object.entries(packageJson.exports).map(([name, file]) => [
    `${packageJson.name}${name.slice(1)}`,
    fileURLToPath(new URL(`../../../${file}`, import.meta.url)),
  ]),
);
const CACHE = join(HOST_PACKAGES, '.cache/mlops-lambda');
/** Bundles made by another version of this code are not taken. Raise it with the options of the build. */
const CACHE_VERSION = 3;
const MAKER = [String(CACHE_VERSION), packageJson.dependencies.esbuild, TARGET];

/** A bundle, and what it was made of. */
interface CachedBundle {
  /** Relative to the folder of the handler: its own modules, and the `package.json` of each package, which has its version. */
  inputs: string[];
  /** Of the bundler and the content of all inputs. */
  fingerprint: string;
  text: string;
}

const bundles = new Map<string, string>();

/**
 * Bundles a handler with everything that it imports, the AWS SDK included: what runs is what was tested, and does not change
 * with the runtime's own copy. One file, `index.mjs`, with the export `handler`.
 * @param entry the handler's module; where a custom blueprint's package ships JavaScript, `.ts` stands for its `.js`
 * @throws esbuild's error, where the handler does not compile
 */
export function bundleHandler(entry: URL): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({ 'index.mjs': new pulumi.asset.StringAsset(bundleText(entry)) });
}

/**
 * The text of `index.mjs`. Built once (`npm run bundles`, which the image is built with), then read from the cache on disk as
 * long as no input has changed: bundling takes some 0.3 s of processor time, and every stack operation needs it.
 */
export function bundleText(entry: URL): string {
  const known = bundles.get(entry.href);
  if (known) return known;
  const path = shippedAs(fileURLToPath(entry));
  const file = join(CACHE, `${basename(path, extname(path))}-${sha256(path).slice(0, 16)}.json`);
  const bundle = readCached(file, dirname(path)) ?? store(file, build(path));
  bundles.set(entry.href, bundle.text);
  return bundle.text;
}

function shippedAs(path: string): string {
  const script = path.replace(/\.ts$/, '.js');
  return !existsSync(path) && existsSync(script) ? script : path;
}

function build(path: string): CachedBundle {
  const folder = dirname(path);
  // Loaded only where something is to be built: with the bundles of the image nothing is.
  const { buildSync } = require('esbuild') as typeof Esbuild;
  const { outputFiles, metafile } = buildSync({
    entryPoints: [path],
    // Paths in the output are relative to this, so they do not tell where the repository lies.
    absWorkingDir: folder,
    bundle: true,
    platform: 'node',
    // A custom blueprint may lie anywhere, and imports the service's pieces and packages as its own.
    alias: HOST_MODULES,
    nodePaths: [HOST_PACKAGES],
    target: TARGET,
    format: 'esm',
    // Packages' ES modules first: of those only what is used is taken, which leaves less than half of the SDK.
    mainFields: ['module', 'main'],
    // What is CommonJS calls `require` for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    // Settings of the type checker have no say in what runs.
    tsconfigRaw: {},
    metafile: true,
    // What is wrong is in the error.
    logLevel: 'silent',
    write: false,
  });
  const [output] = outputFiles;
  if (!output) throw new Error(`esbuild produced no output for ${path}.`);
  const inputs = bundleInputs(Object.keys(metafile.inputs));
  return { inputs, fingerprint: fingerprintOf(inputs, folder, MAKER), text: output.text };
}

/** @returns undefined if there is none, it is damaged, or its inputs have changed since. */
function readCached(file: string, folder: string): CachedBundle | undefined {
  try {
    const cached = JSON.parse(readFileSync(file, 'utf8')) as CachedBundle;
    return cached.fingerprint === fingerprintOf(cached.inputs, folder, MAKER) ? cached : undefined;
  } catch {
    return undefined;
  }
}

/** Another process may store the same at the same time: the rename makes either of them whole. */
function store(file: string, bundle: CachedBundle): CachedBundle {
  try {
    mkdirSync(CACHE, { recursive: true });
    const making = `${file}.${randomUUID()}`;
    writeFileSync(making, JSON.stringify(bundle));
    renameSync(making, file);
  } catch (error) {
    // A read-only installation without `npm run bundles` builds in every process; any other error is worth knowing.
    if (!['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return bundle;
}
