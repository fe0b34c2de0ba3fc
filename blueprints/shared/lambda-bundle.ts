/** Lambda handler → code archive. The same source gives the same bytes on every machine, so that an unchanged handler is no update. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as pulumi from '@pulumi/pulumi';
import { buildSync, version as esbuildVersion } from 'esbuild';

/** The oldest runtime of the functions that blueprints make. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const TARGET = 'node22';
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/mlops-lambda/', import.meta.url));
const LOCK = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

const bundles = new Map<string, string>();

/**
 * Bundles a handler with everything that it imports, the AWS SDK included: what runs is what was tested, and does not change
 * with the runtime's own copy. One file, `index.mjs`, with the export `handler`.
 * @param entry the handler's module
 */
export function bundleHandler(entry: URL): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({ 'index.mjs': new pulumi.asset.StringAsset(bundleText(entry)) });
}

/** The text of `index.mjs`. Kept in memory and on disk: bundling takes some 0.3 s, and every stack operation asks. */
export function bundleText(entry: URL): string {
  const known = bundles.get(entry.href);
  if (known) return known;
  const file = join(CACHE, `${cacheKey(entry)}.mjs`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : store(file, build(entry));
  bundles.set(entry.href, text);
  return text;
}

/** What a bundle is made of: the handler, the exact versions of what it imports, and the bundler. */
function cacheKey(entry: URL): string {
  const hash = createHash('sha256').update(esbuildVersion).update(TARGET).update(readFileSync(entry));
  return hash.update(readFileSync(LOCK)).digest('hex');
}

function build(entry: URL): string {
  const file = fileURLToPath(entry);
  const { outputFiles } = buildSync({
    entryPoints: [file],
    // Paths in the output are relative to this, so they do not tell where the repository lies.
    absWorkingDir: dirname(file),
    bundle: true,
    platform: 'node',
    target: TARGET,
    format: 'esm',
    // Parts of the SDK are CommonJS and call `require` for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** Another process may store the same at the same time: the rename makes either of them whole. */
function store(file: string, text: string): string {
  try {
    mkdirSync(CACHE, { recursive: true });
    const making = `${file}.${randomUUID()}`;
    writeFileSync(making, text);
    renameSync(making, file);
  } catch (error) {
    // A read-only installation bundles anew in every process; anything else is worth knowing.
    if (!['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return text;
}
