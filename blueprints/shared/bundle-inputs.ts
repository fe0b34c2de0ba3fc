/** The inputs of a bundle: whether one that was built earlier is still valid. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * Own modules, and the `package.json` of each package: its files change with its version only.
 * @param inputs as in esbuild's metafile, relative to the bundler's working directory
 */
export function bundleInputs(inputs: readonly string[]): string[] {
  const versioned = inputs.map((input) => {
    const [, root] = PACKAGE.exec(input) ?? [];
    return root ? `${root}/package.json` : input;
  });
  return [...new Set(versioned)].sort();
}

/**
 * @param inputs of {@link bundleInputs}
 * @param folder that they are relative to
 * @param maker whatever else decides what comes out, such as the bundler's version
 * @throws where an input is gone
 */
export function fingerprintOf(inputs: readonly string[], folder: string, maker: readonly string[]): string {
  const parts = inputs.map((input) => `${input} ${sha256(readFileSync(resolve(folder, input)))}`);
  return sha256([...maker, ...parts].join('\n'));
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
