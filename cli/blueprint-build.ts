/**
 * `npm run blueprint:build -- <folder> [--out <folder>]`: a custom blueprint as an npm package. Node runs no TypeScript in
 * node_modules, so every module becomes JavaScript; the rest is copied as it is.
 * @see https://nodejs.org/api/typescript.html#type-stripping-in-dependencies
 */
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { transform } from 'esbuild';

const LEFT_OUT = /(^|\/)(node_modules|dist)(\/|$)|\.spec\.[jt]s$|(^|\/)(tsconfig\.json|package-lock\.json)$|\.tgz$/;
/** What a module calls a neighbour, in an import or in `new URL`. */
const NEIGHBOUR = /(["'])(\.{1,2}\/[^"'\n]+)\.ts\1/g;

async function build(folder: string, out: string): Promise<void> {
  const within = relative(folder, out).split(sep).join('/');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !LEFT_OUT.test(file) && !file.startsWith(`${within}/`));
  // What an earlier build made of files that are gone must not stay.
  await rm(out, { recursive: true, force: true });
  for (const file of files) await buildFile(folder, file, out);
}

async function buildFile(folder: string, file: string, out: string): Promise<void> {
  const target = join(out, file.replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  if (file.endsWith('.ts')) {
    const { code } = await transform(await readFile(join(folder, file), 'utf8'), {
      loader: 'ts',
      target: 'node22',
      sourcefile: file,
      // As Node strips types: imports that only types need say so themselves.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    await writeFile(target, code.replaceAll(NEIGHBOUR, '$1$2.js$1'));
  } else if (file === 'package.json') {
    const manifest = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
    const text = JSON.stringify(manifest, null, 2).replaceAll(NEIGHBOUR, '$1$2.js$1');
    await writeFile(target, `${text}\n`);
  } else {
    await cp(join(folder, file), target);
  }
}

try {
  const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) {
    throw new Error('Usage: npm run blueprint:build -- <folder> [--out <folder>]');
  }
  const out = resolve(values.out ?? join(folder, 'dist'));
  if (resolve(folder).startsWith(out)) throw new Error(`--out ${out} holds the blueprint itself; choose another.`);
  await build(resolve(folder), out);
  process.stdout.write(`${out} is a package: npm pack ${out}, or npm publish ${out}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
