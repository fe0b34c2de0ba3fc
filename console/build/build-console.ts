/**
 * Builds the console into a folder named after its content, and makes that folder the current one. A second run with the same
 * content builds nothing; several at once do no harm.
 */
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { CONSOLE_FOLDER, CURRENT, allBuilds } from '../../api/console/built-console.ts';
import { contentHash } from './content-hash.ts';
import { VITE_SETTINGS } from './vite-settings.ts';

const COMPRESSIBLE = /\.(?:js|css|svg)$/;
/** Pages that are open during an update still load parts of the build before. */
const KEPT_BUILDS = 3;

export interface BuiltConsole {
  readonly folder: string;
  /** Whether it was there already. */
  readonly cached: boolean;
  /** What a browser loads before it shows the first page: compressed with gzip, in bytes. */
  readonly firstLoadBytes: number;
}

/** @param into where the builds are kept */
export async function buildConsole(into = CONSOLE_FOLDER): Promise<BuiltConsole> {
  const name = await contentHash();
  const folder = join(into, name);
  const cached = await exists(join(folder, 'index.html'));
  if (!cached) {
    await mkdir(into, { recursive: true });
    const unfinished = await mkdtemp(join(into, '.unfinished-'));
    try {
      await bundle(unfinished);
      // Another process may have built the same in the meantime: then this one is not needed.
      await rename(unfinished, folder).catch(async (error: unknown) => {
        if (!(await exists(join(folder, 'index.html')))) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  await replaceFile(into, CURRENT, name);
  await removeOld(into, name);
  return { folder, cached, firstLoadBytes: await firstLoadBytes(folder) };
}

async function bundle(outDir: string): Promise<void> {
  // Vite is a development dependency, and takes half a second to load.
  const { build } = await import('vite');
  await build({ ...VITE_SETTINGS, build: { ...VITE_SETTINGS.build, outDir, emptyOutDir: true } });
  const assets = join(outDir, 'assets');
  for (const file of await readdir(assets)) {
    if (!COMPRESSIBLE.test(file)) continue;
    const content = await readFile(join(assets, file));
    await Promise.all([
      writeFile(join(assets, `${file}.br`), await promisify(brotliCompress)(content)),
      writeFile(join(assets, `${file}.gz`), await promisify(gzip)(content, { level: 9 })),
    ]);
  }
}

async function firstLoadBytes(folder: string): Promise<number> {
  const html = await readFile(join(folder, 'index.html'));
  const names = [...html.toString().matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(
    ([, name = '']) => name,
  );
  const parts = await Promise.all(names.map(async (name) => (await readFile(join(folder, `${name}.gz`))).length));
  return parts.reduce((sum, bytes) => sum + bytes, html.length);
}

async function replaceFile(folder: string, name: string, content: string): Promise<void> {
  const unfinished = join(folder, `.${name}-${process.pid}`);
  await writeFile(unfinished, `${content}\n`);
  await rename(unfinished, join(folder, name));
}

async function removeOld(folder: string, current: string): Promise<void> {
  const old = (await allBuilds(folder)).filter((path) => basename(path) !== current);
  const aged = await Promise.all(old.map(async (path) => ({ path, built: (await stat(path)).mtimeMs })));
  const newestFirst = aged.sort((a, b) => b.built - a.built);
  for (const { path } of newestFirst.slice(KEPT_BUILDS - 1)) await rm(path, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
