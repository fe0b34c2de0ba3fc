/** An entry of `CUSTOM_BLUEPRINTS` → its folder, the folder's package.json and the module to import. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface LocatedBlueprint {
  /** Absolute, links followed: what the code in it sees as its own place. */
  readonly folder: string;
  readonly name?: string;
  /** Semantic, of its package.json. */
  readonly version: string;
  /** The module whose default export is the blueprint. */
  readonly entry: URL;
}

/** Why a custom blueprint cannot be used, every reason at once. */
export class BlueprintRefused extends Error {
  readonly code = 'BLUEPRINT_REFUSED';
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[], options?: ErrorOptions) {
    super(reasons.join('; '), options);
    this.name = 'BlueprintRefused';
    this.reasons = reasons;
  }
}

/** @see https://semver.org */
const VERSION = /^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;

/**
 * @param source a path (it has a slash, or is `.`) relative to `from`, or the name of a package that is installed there or
 * next to the service
 * @param from the working directory
 * @throws BlueprintRefused
 */
export function locateBlueprint(source: string, from: string): LocatedBlueprint {
  const folder = isPackageName(source) ? findPackage(source, from) : findFolder(source, from);
  const { name, version, exports, main } = readManifest(folder);
  if (typeof version !== 'string' || !VERSION.test(version)) {
    throw new BlueprintRefused([
      `its package.json needs a "version" such as 1.0.0; it has ${JSON.stringify(version) ?? 'none'}`,
    ]);
  }
  return {
    folder,
    ...(typeof name === 'string' ? { name } : {}),
    version,
    entry: pathToFileURL(findEntry(folder, entryOf(exports) ?? (typeof main === 'string' ? main : undefined))),
  };
}

/** @see https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name */
function isPackageName(source: string): boolean {
  return /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i.test(source);
}

function findFolder(source: string, from: string): string {
  const folder = resolve(from, source);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new BlueprintRefused([`the folder ${folder} does not exist`]);
  }
  return realpathSync(folder);
}

function findPackage(name: string, from: string): string {
  const bases = [join(from, 'package.json'), import.meta.url];
  const places = bases.flatMap((place) => createRequire(place).resolve.paths(name) ?? []);
  const found = places.map((place) => join(place, name)).find((folder) => existsSync(join(folder, 'package.json')));
  if (found) return realpathSync(found);
  throw new BlueprintRefused([
    `no package ${name} is installed in ${from} or next to the service; to name a folder, use a slash, such as ./${name}`,
  ]);
}

function readManifest(folder: string): Record<string, unknown> {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) {
    throw new BlueprintRefused([
      'it has no package.json, which must contain the version: {"type": "module", "version": "1.0.0"}',
    ]);
  }
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) {
      return manifest as Record<string, unknown>;
    }
  } catch (error) {
    throw new BlueprintRefused([`its package.json is not JSON: ${(error as Error).message}`], { cause: error });
  }
  throw new BlueprintRefused(['its package.json is not a JSON object']);
}

/** The main entry of `exports`. @see https://nodejs.org/api/packages.html#package-entry-points */
function entryOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const { '.': root, node, import: esm, default: fallback } = exports as Record<string, unknown>;
  return [root, node, esm, fallback].map(entryOf).find((entry) => entry !== undefined);
}

function findEntry(folder: string, named: string | undefined): string {
  const candidates = named === undefined ? ['index.ts', 'index.js'] : [named];
  const found = candidates.map((file) => resolve(folder, file)).find((file) => existsSync(file));
  if (found) return realpathSync(found);
  throw new BlueprintRefused([`it has no ${candidates.join(' or ')}, whose default export is the blueprint`]);
}
