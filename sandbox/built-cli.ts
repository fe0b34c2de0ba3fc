/**
 * The Pulumi CLI that `npm run engine` builds from the Go module in tools/pulumi: the version the tests run on, and where
 * the build is put. The sandbox and the tests use it if the machine has no CLI of its own.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The Go module: go.mod pins the version, go.sum the content of everything in it. */
export const CLI_MODULE = fileURLToPath(new URL('../tools/pulumi/', import.meta.url));

/** The CLI's root for the Automation API: the executable is `bin/pulumi` below it. Ignored by git. */
export const BUILT_CLI_ROOT = CLI_MODULE;

/** @returns such as `v3.274.1`. @throws where tools/pulumi/go.mod does not require the CLI */
export async function pinnedCliVersion(): Promise<string> {
  const text = await readFile(`${CLI_MODULE}go.mod`, 'utf8');
  const version = /^\s*github\.com\/pulumi\/pulumi\/pkg\/v3 (v\S+)/m.exec(text)?.[1];
  if (!version) throw new Error('tools/pulumi/go.mod does not require github.com/pulumi/pulumi/pkg/v3.');
  return version;
}
